import { createHash } from 'node:crypto'
import type { AgentSubject } from './kinds.ts'

/** The label that tags a service account, or every one of a namespace, as an agent. */
export const agentLabel = 'countersign.dev/agent'

const longestName = 253
const letters = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * The name of the AgentIdentity of a subject: `agents.bot`, `namespace.agents`, `user.<hash>`, `group.<hash>`. What would
 * be longer than a name may be is hashed behind its namespace.
 */
export function identityName(subject: AgentSubject): string {
  const { serviceAccount, namespace, user, group } = subject
  if (serviceAccount !== undefined) return accountIdentity(serviceAccount)
  if (namespace !== undefined) return `namespace.${namespace}`
  if (user !== undefined) return `user.${hashed(user)}`
  return `group.${hashed(group ?? '')}`
}

function accountIdentity({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  const whole = `${namespace}.${name}`
  return whole.length <= longestName ? whole : `${namespace}.${hashed(name)}`
}

/** Namespaces whose service accounts cannot be agents: their identities would be taken for those of other subjects. */
const reservedNamespaces: ReadonlySet<string> = new Set(['namespace', 'user', 'group'])

/** Never gated, whatever is tagged: the cluster's own controllers, and ours. */
export function isNeverGated(namespace: string, records: string): boolean {
  return namespace.startsWith('kube-') || namespace === records || reservedNamespaces.has(namespace)
}

function hashed(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 20)
  return Array.from(bytes, (byte) => letters[byte & 31]).join('')
}
