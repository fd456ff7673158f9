import { mergePatch } from '../admin.ts'
import type { Admin } from '../admin.ts'
import { configMap, image, node, otherImage, pod, workload } from '../objects.ts'
import { apps, collectionOf, core } from '../paths.ts'
import { failingKubectl, kubectl } from '../scenario.ts'
import type { Command, Manifest, Scenario } from '../scenario.ts'

const deployment = workload('Deployment', {}, { replicas: 0 })
const setImage = kubectl(['set', 'image', 'deployment/web', `web=${otherImage}`])

/** The same command sent twice, but the second time it would do something else: nobody has approved that. */
const changedMeanwhile = (
  name: string,
  rest: Omit<Scenario, 'name' | 'groups' | 'meanwhile'>,
  write: (admin: Admin) => Promise<void>,
): Scenario => ({
  name,
  groups: [1, 1],
  action: 'Presentation',
  ...rest,
  meanwhile: { moment: 'BetweenSendings', write },
})

const merged = (path: string, body: object) => async (admin: Admin) => {
  await admin.must('PATCH', path, { body, type: mergePatch })
}

const reborn = (object: Manifest) => async (admin: Admin) => {
  const path = `${collectionOf(object)}/${object.metadata.name ?? ''}`
  await admin.must('DELETE', path, { body: { gracePeriodSeconds: 0 } })
  await admin.must('POST', collectionOf(object), { body: object })
}

const twoContainers = {
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'web', image },
          { name: 'side', image: 'registry.example/side:1' },
        ],
      },
    },
  },
}
const deleteSettings = kubectl(['delete', 'configmap', 'settings', '--wait=false'])
const placed = pod({}, { nodeName: 'n1' })
const exec = failingKubectl(['exec', 'web', '--', 'id'])
const evict: Command = {
  tool: 'kubectl proxy',
  requests: [
    {
      method: 'POST',
      path: `${core('pods', 'web')}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web' } },
    },
  ],
}

const rebornBetween = (name: string, command: Command, groups: readonly number[]): Scenario => ({
  name,
  given: [node(), placed],
  refuse: 'FirstRun',
  commands: [command, command],
  meanwhile: { moment: 'BetweenCommands', write: reborn(placed) },
  action: 'Command',
  groups,
})

export const changedMeanwhileScenarios: readonly Scenario[] = [
  changedMeanwhile(
    'other-image-meanwhile',
    { given: [deployment], commands: [setImage] },
    merged(apps('deployments', 'web'), {
      spec: { template: { spec: { containers: [{ name: 'web', image: 'registry.example/web:3' }] } } },
    }),
  ),
  changedMeanwhile(
    'other-container-meanwhile',
    { given: [deployment], commands: [setImage] },
    merged(apps('deployments', 'web'), twoContainers),
  ),
  changedMeanwhile(
    'scaled-by-another-meanwhile',
    { given: [deployment], commands: [kubectl(['scale', 'deployment', 'web', '--replicas=3'])] },
    merged(`${apps('deployments', 'web')}/scale`, { spec: { replicas: 1 } }),
  ),
  changedMeanwhile('deployment-reborn-meanwhile', { given: [deployment], commands: [setImage] }, reborn(deployment)),
  changedMeanwhile(
    'configmap-delete-content-changed-meanwhile',
    { given: [configMap()], commands: [deleteSettings] },
    merged(core('configmaps', 'settings'), { data: { colour: 'red' } }),
  ),
  changedMeanwhile(
    'configmap-delete-finalizer-added-meanwhile',
    { given: [configMap()], commands: [deleteSettings] },
    merged(core('configmaps', 'settings'), { metadata: { finalizers: ['shop.example/hold'] } }),
  ),
  changedMeanwhile(
    'configmap-delete-reborn-meanwhile',
    { given: [configMap()], commands: [deleteSettings] },
    reborn(configMap()),
  ),
  changedMeanwhile(
    'configmap-patch-value-changed-meanwhile',
    {
      given: [configMap()],
      commands: [kubectl(['patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"colour":"blue"}}'])],
    },
    merged(core('configmaps', 'settings'), { data: { colour: 'red' } }),
  ),
  changedMeanwhile(
    'configmap-apply-server-side-content-changed-meanwhile',
    {
      given: [configMap()],
      commands: [
        kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], configMap({}, { colour: 'blue' })),
      ],
    },
    merged(core('configmaps', 'settings'), { data: { other: 'writer' } }),
  ),
  changedMeanwhile(
    'node-cordon-tainted-meanwhile',
    { given: [node()], commands: [kubectl(['cordon', 'n1'])] },
    merged('/api/v1/nodes/n1', { spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] } }),
  ),
  rebornBetween('exec-pod-reborn-meanwhile', exec, [2, 2]),
  rebornBetween('eviction-pod-reborn-meanwhile', evict, [1, 1]),
]
