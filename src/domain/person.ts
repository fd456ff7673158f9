import type { Voter } from './kinds.ts'

/**
 * One identity of a person: never an e-mail address or a display name, which others choose and change.
 * `entra:<tenant>/<object>`, `slack:<team>/<user>`, `kubernetes:<username>`.
 */
export type Identity = string

/** The identity that a vote was cast under; undefined when the vote lacks a part of it. */
export function identityOf(voter: Voter): Identity | undefined {
  switch (voter.kind) {
    case 'EntraUser':
      return joined('entra', voter.tenantID, voter.objectID)
    case 'SlackUser':
      return joined('slack', voter.teamID, voter.userID)
    case 'KubernetesUser':
      return voter.username === undefined || voter.username === '' ? undefined : `kubernetes:${voter.username}`
  }
}

function joined(kind: string, home: string | undefined, id: string | undefined): Identity | undefined {
  return home === undefined || home === '' || id === undefined || id === '' ? undefined : `${kind}:${home}/${id}`
}
