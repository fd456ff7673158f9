import { isNeverGated } from './agent-name.ts'
import type { AgentSubject } from './kinds.ts'

/** `NeverGated`: the cluster itself, or we, could not work. `NoSuchName`: no account or namespace can be called so. */
type GatingFault = 'NeverGated' | 'NoSuchName'

/** Why a subject cannot be an agent, whatever is tagged, written or configured; undefined when it can. */
export function gatingFault(subject: AgentSubject, records: string): GatingFault | undefined {
  const { serviceAccount, namespace, user, group } = subject
  if (serviceAccount !== undefined) return accountFault(serviceAccount, records)
  if (namespace !== undefined) return namespaceFault(namespace, records)
  return user === undefined ? groupFault(group ?? '', records) : userFault(user, records)
}

/** RFC 1123 label and subdomain, as k8s.io/apimachinery wants names of namespaces and of service accounts. */
const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

type Account = { readonly namespace: string; readonly name: string }

function accountFault({ namespace, name }: Account, records: string): GatingFault | undefined {
  if (!subdomain.test(name) || name.length > 253) return 'NoSuchName'
  return namespaceFault(namespace, records)
}

function namespaceFault(namespace: string, records: string): GatingFault | undefined {
  if (!label.test(namespace)) return 'NoSuchName'
  return isNeverGated(namespace, records) ? 'NeverGated' : undefined
}

const accountPrefix = 'system:serviceaccount:'
const accountsPrefix = 'system:serviceaccounts:'

/** Other names that begin with `system:` are those of nodes and of the control plane. */
function userFault(user: string, records: string): GatingFault | undefined {
  if (!user.startsWith('system:')) return user === '' ? 'NoSuchName' : undefined
  if (!user.startsWith(accountPrefix)) return 'NeverGated'
  const [namespace = '', name = '', ...more] = user.slice(accountPrefix.length).split(':')
  return more.length > 0 ? 'NoSuchName' : accountFault({ namespace, name }, records)
}

function groupFault(group: string, records: string): GatingFault | undefined {
  if (!group.startsWith('system:')) return group === '' ? 'NoSuchName' : undefined
  return group.startsWith(accountsPrefix) ? namespaceFault(group.slice(accountsPrefix.length), records) : 'NeverGated'
}
