import { createHash } from 'node:crypto'
import type { AgentSubject } from './kinds.ts'

/** The label that tags a service account, or every one of a namespace, as an agent. */
export const agentLabel = 'countersign.dev/agent'

const longestName = 253
const longestLabel = 63
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

const accountPrefix = 'system:serviceaccount:'

/** The service account that a username is of; undefined for a user who is none. */
export function accountOf(username: string): NonNullable<AgentSubject['serviceAccount']> | undefined {
  if (!username.startsWith(accountPrefix)) return undefined
  const [namespace = '', name = '', ...more] = username.slice(accountPrefix.length).split(':')
  return namespace === '' || name === '' || more.length > 0 ? undefined : { namespace, name }
}

/**
 * Whom an agent's identities are made for, the nearest first: a service account and its namespace, or a user and each of
 * his groups.
 */
export function agentSubjects(username: string, groups: readonly string[]): readonly AgentSubject[] {
  const serviceAccount = accountOf(username)
  if (serviceAccount !== undefined) return [{ serviceAccount }, { namespace: serviceAccount.namespace }]
  return [{ user: username }, ...groups.map((group) => ({ group }))]
}

/**
 * The agent as the value of the label countersign.dev/agent, of which no two agents have the same: `agents.bot`; a user
 * by name where it is short, plain and without a dot. Any other is hashed: a label holds 63 characters of few kinds.
 */
export function agentLabelValue(username: string): string {
  const account = accountOf(username)
  if (account === undefined) return plainUser.test(username) ? username : `user.${hashed(username)}`
  const whole = `${account.namespace}.${account.name}`
  // The underscore keeps it from being read as another account: no namespace has one.
  return whole.length <= longestLabel ? whole : `long_name.${hashed(whole)}`
}

const plainUser = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/

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
