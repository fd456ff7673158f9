import type { Scene } from '../../demo/scene.ts'
import { createConfigMap, heard, policy } from './gate-probe.ts'

/** A node that nobody serves: what the API server dials there is refused at once. */
async function makeNode({ apply, admin }: Scene, name: string): Promise<void> {
  await apply({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: 1 } },
    conditions: [{ type: 'Ready', status: 'True', reason: 'Test' }],
  }
  await patchStatus(admin, ['node', name], status)
}

export type PodPlace = {
  readonly namespace: string
  readonly name: string
  readonly node: string
  readonly app?: string
}

/** A pod that is bound to the node and says of itself that it runs. */
export async function makePod({ apply, admin }: Scene, { namespace, name, node, app = name }: PodPlace): Promise<void> {
  const containers = [{ name: 'main', image: 'registry.example/box:1' }]
  const metadata = { name, namespace, labels: { app } }
  await apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: node, containers } })
  const startedAt = new Date().toISOString()
  const status = {
    phase: 'Running',
    startTime: startedAt,
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({ type, status: 'True' })),
    containerStatuses: [
      { name: 'main', ready: true, restartCount: 0, image: 'box', imageID: 'box', state: { running: { startedAt } } },
    ],
  }
  await patchStatus(admin, ['pod', '-n', namespace, name], status)
}

async function patchStatus(admin: Scene['admin'], target: readonly string[], status: object): Promise<void> {
  await admin(['patch', ...target, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })])
}

const core = { apiGroups: [''], apiVersions: ['*'] }

/** A namespace whose pods one cannot get into without a person, with the node that they are bound to. */
export async function makeLab(scene: Scene, node: string): Promise<void> {
  const labels = { case: 'lab' }
  const resourceRules = [
    { ...core, resources: ['pods/exec', 'pods/attach', 'pods/portforward'], operations: ['CONNECT'] },
    { ...core, resources: ['pods/eviction', 'serviceaccounts/token', 'configmaps'], operations: ['CREATE'] },
    { ...core, resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
  ]
  await scene.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'lab', labels } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'lab' } },
    policy('lab', {
      matchConstraints: { resourceRules, namespaceSelector: { matchLabels: labels } },
      effect: 'RequireApproval',
      approval: { interactive: 'Allow' },
    }),
  )
  await makeNode(scene, node)
  await makePod(scene, { namespace: 'lab', name: 'box', node })
  await heard(scene, createConfigMap('lab', 'probe'), '(lab)')
}
