import { agentSubjects, identityName } from '../domain/agent-name.ts'
import type { Requester } from '../domain/kinds.ts'

/** Names of the identities under which a requester may be known as an agent, the nearest first. */
export function requesterIdentities({ username, groups = [], identityRef }: Requester): readonly string[] {
  const known = identityRef === undefined ? [] : [identityRef.name]
  return [...new Set([...known, ...agentSubjects(username, groups).map(identityName)])]
}
