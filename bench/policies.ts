/** Namespaces with this label, and `gated` for its value, are those in which config maps and deployments wait. */
export const benchLabel = 'bench'

const resources = [
  ['batch', 'jobs'],
  ['batch', 'cronjobs'],
  ['networking.k8s.io', 'ingresses'],
  ['', 'services'],
  ['', 'secrets'],
  ['rbac.authorization.k8s.io', 'rolebindings'],
  ['', 'persistentvolumeclaims'],
  ['policy', 'poddisruptionbudgets'],
  ['apps', 'deployments'],
  ['', 'configmaps'],
] as const

/**
 * As many policies as somebody with many has. One of them gates config maps and deployments of the gated namespaces; of
 * the others, every fifth is on these resources too, but for namespaces with other labels.
 */
export function policies(count: number): readonly object[] {
  const others = Array.from({ length: count - 1 }, (_, index) => {
    const [group, resource] = resources[index % resources.length] ?? resources[0]
    return policy(`bench-${index}`, { groups: [group], resources: [resource], labels: { tier: `tier-${index}` } })
  })
  const gated = { groups: ['', 'apps'], resources: ['configmaps', 'deployments'], labels: { [benchLabel]: 'gated' } }
  return [...others, policy('bench-gated', gated)]
}

type Reach = {
  readonly groups: readonly string[]
  readonly resources: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

function policy(name: string, { groups, resources: plurals, labels }: Reach): object {
  const operations = ['CREATE', 'UPDATE', 'DELETE']
  const spec = {
    matchConstraints: {
      resourceRules: [{ apiGroups: groups, apiVersions: ['*'], resources: plurals, operations, scope: '*' }],
      namespaceSelector: { matchLabels: labels },
    },
    effect: 'RequireApproval',
    approval: { expirationSeconds: 3600 },
  }
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApprovalPolicy', metadata: { name }, spec }
}
