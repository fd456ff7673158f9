import { identityName } from '../domain/agent-name.ts'
import type { AgentSubject, Requester } from '../domain/kinds.ts'

const accountPrefix = 'system:serviceaccount:'

/** Names of the identities under which a requester may be known as an agent, the nearest first. */
export function requesterIdentities({ username, groups = [], identityRef }: Requester): readonly string[] {
  const known = identityRef === undefined ? [] : [identityRef.name]
  return [...new Set([...known, ...subjectsOf(username, groups).map(identityName)])]
}

function subjectsOf(username: string, groups: readonly string[]): readonly AgentSubject[] {
  if (!username.startsWith(accountPrefix)) return [{ user: username }, ...groups.map((group) => ({ group }))]
  const [namespace = '', name = ''] = username.slice(accountPrefix.length).split(':')
  return [{ serviceAccount: { namespace, name } }, { namespace }]
}
