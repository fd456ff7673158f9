import { isDeepStrictEqual } from 'node:util'
import type { AgentSubject } from '../domain/kinds.ts'
import type { AgentsFlowSchema, AgentsRoleBinding } from './gate-objects.ts'

const rbac = 'rbac.authorization.k8s.io'

/** The binding with these agents as its subjects; undefined when it has them already. */
export function boundAgents(live: AgentsRoleBinding, agents: readonly AgentSubject[]): AgentsRoleBinding | undefined {
  const subjects = agents.map(roleSubject)
  return isDeepStrictEqual(live.subjects ?? [], subjects) ? undefined : { ...live, subjects }
}

/** Exactly as the admission policies look for them, which have the binding as their parameter. */
function roleSubject({ serviceAccount, namespace, user, group }: AgentSubject): object {
  if (serviceAccount !== undefined) return { kind: 'ServiceAccount', ...place(serviceAccount) }
  if (user !== undefined) return { kind: 'User', apiGroup: rbac, name: user }
  return {
    kind: 'Group',
    apiGroup: rbac,
    name: namespace === undefined ? group : `system:serviceaccounts:${namespace}`,
  }
}

/** The flow schema with these agents as its subjects; undefined when it has them already. */
export function flowingAgents(live: AgentsFlowSchema, agents: readonly AgentSubject[]): AgentsFlowSchema | undefined {
  const rules = agents.length === 0 ? [] : [{ subjects: agents.map(flowSubject), resourceRules: [writes] }]
  return isDeepStrictEqual(live.spec?.rules ?? [], rules) ? undefined : { ...live, spec: { ...live.spec, rules } }
}

/** Reads are never held, so they need not wait behind what is. */
const writes = {
  verbs: ['create', 'delete', 'deletecollection', 'patch', 'update'],
  apiGroups: ['*'],
  resources: ['*'],
  clusterScope: true,
  namespaces: ['*'],
}

function flowSubject({ serviceAccount, namespace, user, group }: AgentSubject): object {
  if (serviceAccount !== undefined) return { kind: 'ServiceAccount', serviceAccount: place(serviceAccount) }
  if (namespace !== undefined) return { kind: 'ServiceAccount', serviceAccount: { namespace, name: '*' } }
  return user === undefined ? { kind: 'Group', group: { name: group } } : { kind: 'User', user: { name: user } }
}

function place({ namespace, name }: { readonly namespace: string; readonly name: string }): object {
  return { namespace, name }
}
