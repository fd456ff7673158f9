import { plain, secret } from '../objects.ts'
import { shop } from '../paths.ts'
import { kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']
const rbac = 'rbac.authorization.k8s.io'
const account = plain('v1', 'ServiceAccount', { metadata: { name: 'robot' } })
const bound = [{ kind: 'ServiceAccount', name: 'robot', namespace: shop }]
const role = (kind: 'Role' | 'ClusterRole', verbs: readonly string[]) =>
  plain(`${rbac}/v1`, kind, {
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
  })
const binding = (kind: 'RoleBinding' | 'ClusterRoleBinding', subjects: readonly unknown[] = bound) =>
  plain(`${rbac}/v1`, kind, {
    metadata: { name: 'robot-reads' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'view' },
    subjects,
  })

/** Roles, bindings, accounts and tokens. */
export const accessScenarios: readonly Scenario[] = [
  {
    name: 'role-create-generator',
    commands: [kubectl(['create', 'role', 'reader', '--verb=get,list', '--resource=pods'])],
    groups: [2],
  },
  { name: 'role-create', commands: [kubectl(create, role('Role', ['get']))], groups: [2] },
  {
    name: 'role-replace',
    given: [role('Role', ['get'])],
    commands: [kubectl(['replace', '-f', '-'], role('Role', ['get', 'delete']))],
    groups: [2],
  },
  {
    name: 'clusterrole-reconcile',
    given: [role('ClusterRole', ['get'])],
    commands: [kubectl(['auth', 'reconcile', '-f', '-'], role('ClusterRole', ['delete']))],
    groups: [2],
  },
  {
    name: 'role-delete',
    given: [role('Role', ['get'])],
    commands: [kubectl(['delete', 'role', 'reader'])],
    groups: [2],
  },
  { name: 'clusterrole-create', commands: [kubectl(create, role('ClusterRole', ['get']))], groups: [2] },
  {
    name: 'clusterrole-patch',
    given: [role('ClusterRole', ['get'])],
    commands: [
      kubectl([
        'patch',
        'clusterrole',
        'reader',
        '--type=json',
        '-p',
        '[{"op":"add","path":"/rules/0/verbs/-","value":"*"}]',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'clusterrole-delete',
    given: [role('ClusterRole', ['get'])],
    commands: [kubectl(['delete', 'clusterrole', 'reader'])],
    groups: [2],
  },
  {
    name: 'rolebinding-create-generator',
    commands: [
      kubectl(['create', 'rolebinding', 'robot-reads', '--clusterrole=view', `--serviceaccount=${shop}:robot`]),
    ],
    groups: [2],
  },
  { name: 'rolebinding-create', commands: [kubectl(create, binding('RoleBinding'))], groups: [2] },
  {
    name: 'rolebinding-set-subject',
    given: [binding('RoleBinding')],
    commands: [kubectl(['set', 'subject', 'rolebinding', 'robot-reads', '--user=mallory'])],
    groups: [2],
  },
  {
    name: 'rolebinding-delete',
    given: [binding('RoleBinding')],
    commands: [kubectl(['delete', 'rolebinding', 'robot-reads'])],
    groups: [2],
  },
  { name: 'clusterrolebinding-create', commands: [kubectl(create, binding('ClusterRoleBinding'))], groups: [2] },
  {
    name: 'clusterrolebinding-apply-update',
    before: [kubectl(['apply', '-f', '-'], binding('ClusterRoleBinding'))],
    commands: [
      kubectl(
        ['apply', '-f', '-'],
        binding('ClusterRoleBinding', [...bound, { kind: 'User', name: 'mallory', apiGroup: rbac }]),
      ),
    ],
    groups: [2],
  },
  {
    name: 'clusterrolebinding-delete',
    given: [binding('ClusterRoleBinding')],
    commands: [kubectl(['delete', 'clusterrolebinding', 'robot-reads'])],
    groups: [2],
  },
  {
    name: 'serviceaccount-create',
    commands: [kubectl(['create', 'serviceaccount', 'robot'])],
    groups: [2],
  },
  {
    name: 'serviceaccount-patch',
    given: [account, secret()],
    commands: [kubectl(['patch', 'serviceaccount', 'robot', '-p', '{"imagePullSecrets":[{"name":"word"}]}'])],
    groups: [2],
  },
  {
    name: 'serviceaccount-delete',
    given: [account],
    commands: [kubectl(['delete', 'serviceaccount', 'robot'])],
    groups: [2],
  },
  {
    name: 'serviceaccount-token',
    given: [account],
    commands: [kubectl(['create', 'token', 'robot', '--duration=1h', '--audience=shop'])],
    groups: [2],
  },
  {
    name: 'serviceaccount-token-plain',
    given: [account],
    commands: [kubectl(['create', 'token', 'robot'])],
    groups: [2],
  },
  {
    name: 'serviceaccount-token-bound',
    given: [account, secret()],
    commands: [kubectl(['create', 'token', 'robot', '--bound-object-kind=Secret', '--bound-object-name=word'])],
    groups: [2],
  },
  {
    name: 'serviceaccount-token-dry-run',
    given: [account],
    refuse: 'FirstRun',
    commands: Array.from({ length: 2 }, () => ({
      tool: 'kubectl proxy' as const,
      requests: [
        {
          method: 'POST',
          path: `/api/v1/namespaces/${shop}/serviceaccounts/robot/token?dryRun=All`,
          body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
        },
      ],
    })),
    groups: [2],
  },
]
