import type { Voter } from './kinds.ts'

/**
 * One identity of a person: never an e-mail address or a display name, which others choose and change.
 * `entra:<tenant>/<object>`, `slack:<team>/<user>`, `kubernetes:<username>`.
 */
export type Identity = string

/** The identity that a vote was cast under; undefined when the vote lacks a part of it, or a part is no id. */
export function identityOf(voter: Voter): Identity | undefined {
  switch (voter.kind) {
    case 'EntraUser':
      // Entra ids are GUIDs, which people and programs write in either case.
      return joined('entra', voter.tenantID?.toLowerCase(), voter.objectID?.toLowerCase())
    case 'SlackUser':
      return joined('slack', voter.teamID, voter.userID)
    case 'KubernetesUser':
      return voter.username === undefined || voter.username === '' ? undefined : `kubernetes:${voter.username}`
  }
}

/** `entra`, `slack`, `kubernetes`. */
export function identityKind(identity: Identity): string {
  return identity.slice(0, identity.indexOf(':'))
}

function joined(kind: string, home: string | undefined, id: string | undefined): Identity | undefined {
  return isID(home) && isID(id) ? `${kind}:${home}/${id}` : undefined
}

/** Without a slash: else two pairs could come out as one identity. */
function isID(text: string | undefined): text is string {
  return text !== undefined && text !== '' && !text.includes('/')
}
