import { mergePatch } from '../admin.ts'
import type { Admin } from '../admin.ts'
import { configMap, image, job, pod, service, template, workload } from '../objects.ts'
import { core } from '../paths.ts'
import { certificateSigningRequest } from './certificates.ts'
import { failingKubectl } from '../scenario.ts'
import type { Command, Manifest, Scenario } from '../scenario.ts'

const deployment = workload('Deployment', {}, { replicas: 0 })

const wiped = async (admin: Admin): Promise<void> => {
  const body = { metadata: { managedFields: [{}] } }
  await admin.must('PATCH', core('services', 'web'), { body, type: mergePatch })
}

// Writes the ownership list itself, leaving out the port that the same patch sets.
const disowned = [
  {
    manager: 'kubectl-patch',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2020-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:type': {} } },
  },
]

// Gives up before it would send again, so that every command finds the world as the first one did.
const once = (args: readonly string[], ...objects: readonly Manifest[]): Command =>
  failingKubectl([...args, '--request-timeout=900ms'], ...objects)

const created = (...objects: readonly Manifest[]): readonly Command[] =>
  objects.map((object) => once(['create', '-f', '-'], object))

const patched = (target: readonly string[], ...patches: readonly object[]): readonly Command[] =>
  patches.map((patch) => once(['patch', ...target, '--type=merge', '-p', JSON.stringify(patch)]))

/** Commands that a careless normaliser would take for one action, on the very same object, all of them refused. */
const alike = (name: string, commands: readonly Command[], rest: Partial<Scenario> = {}): Scenario => ({
  name: `alike-${name}`,
  refuse: 'Everything',
  action: 'Command',
  commands,
  groups: commands.map(() => 1),
  ...rest,
})

export const lookAlikes: readonly Scenario[] = [
  alike('nodeports', patched(['service', 'web'], toPort(30091), toPort(30092)), { given: [service()] }),
  alike('nodeports-untracked', patched(['service', 'web'], toPort(30091), toPort(30092)), {
    given: [service()],
    prepare: wiped,
  }),
  alike('nodeports-wiping-ownership', patched(['service', 'web'], toPort(30091, [{}]), toPort(30092, [{}])), {
    given: [service()],
  }),
  alike('nodeports-disowned', patched(['service', 'web'], toPort(30091, disowned), toPort(30092, disowned)), {
    given: [service()],
  }),
  alike('addresses', created(service({}, { clusterIP: '10.96.99.1' }), service({}, { clusterIP: '10.96.99.2' }))),
  alike(
    'udp-and-tcp-ports',
    created(
      service({}, dnsPorts(30053, 30054)),
      service({}, dnsPorts(30053, 30055)),
      service({}, dnsPorts(30055, 30054)),
    ),
  ),
  alike(
    'restarts',
    patched(
      ['deployment', 'web'],
      ...['$(curl evil.example)', '$(curl fine.example)', '2020-01-01T00:00:00Z'].map(restartedAt),
    ),
    { given: [deployment] },
  ),
  alike(
    'suffixes-chosen',
    created(
      ...['bcdfg', 'aeiou', 'bcdfgh'].map((suffix) =>
        configMap({ name: `settings-${suffix}`, generateName: 'settings-' }),
      ),
    ),
  ),
  alike(
    'automount',
    created(
      job({}, jobWith({ automountServiceAccountToken: false })),
      job({}, jobWith({ automountServiceAccountToken: true })),
      job(),
    ),
  ),
  alike(
    'token-volumes',
    created(
      pod({}, { automountServiceAccountToken: false }),
      pod(),
      pod({}, tokenVolume('kube-api-access-bcdfg', 3607)),
      pod({}, tokenVolume('kube-api-access-bcdfg', 86400)),
      pod({}, tokenVolume('kube-api-access-aeiou', 3607)),
    ),
  ),
  alike('job-labels', created(...['mine', 'yours'].map((value) => job({ labels: { 'controller-uid': value } })))),
  alike('generations', created(configMap({ generation: 1 }), configMap({ generation: 2 }))),
  alike(
    'ownership-claims',
    patched(
      ['configmap', 'settings'],
      claiming({ 'f:data': { 'f:colour': {} } }),
      claiming({ 'f:metadata': { 'f:labels': { 'f:app': {} } } }),
    ),
    { given: [configMap({ labels: { app: 'web' } })] },
  ),
  alike(
    'field-managers',
    ['one', 'two'].map((manager) =>
      once(['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], configMap()),
    ),
    { given: [configMap()] },
  ),
  alike(
    'approvals',
    patched(
      ['csr', 'mallory', '--subresource=approval'],
      approving({}),
      approving({ lastUpdateTime: '2020-01-01T00:00:00Z', lastTransitionTime: '2020-01-01T00:00:00Z' }),
      approving({ lastUpdateTime: '2020-01-01T00:00:01Z', lastTransitionTime: '2020-01-01T00:00:00Z' }),
    ),
    { given: [certificateSigningRequest] },
  ),
  alike(
    'last-applied',
    patched(
      ['configmap', 'settings'],
      lastApplied('{"data":{"colour":"green"}}'),
      lastApplied('{"data":{"colour":"blue"}}'),
    ),
    { given: [configMap()] },
  ),
  alike(
    'init-containers-swapped',
    created(...[['a', 'b'] as const, ['b', 'a'] as const].map((names) => workload('Deployment', {}, withInit(names)))),
  ),
  alike(
    'deletes',
    [
      ...['background', 'orphan', 'foreground'].map((cascade) =>
        once(['delete', 'configmap', 'settings', `--cascade=${cascade}`]),
      ),
      once(['delete', 'configmap', 'settings', '--grace-period=7']),
    ],
    { given: [configMap()] },
  ),
  alike(
    'number-texts',
    patched(
      ['configmap', 'settings'],
      { data: { number: '1' } },
      { data: { number: '1.0' } },
      { data: { number: '1e0' } },
    ),
    { given: [configMap()] },
  ),
]

function toPort(nodePort: number, managedFields?: readonly object[]): object {
  const spec = { type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort }] }
  return managedFields === undefined ? { spec } : { metadata: { managedFields }, spec }
}

function dnsPorts(udp: number, tcp: number): Readonly<Record<string, unknown>> {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP', nodePort: udp },
    { name: 'dns-tcp', port: 53, protocol: 'TCP', nodePort: tcp },
  ]
  return { type: 'NodePort', ports }
}

function restartedAt(value: string): object {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': value }
  return { spec: { template: { metadata: { annotations } } } }
}

function jobWith(spec: object): Readonly<Record<string, unknown>> {
  return { template: { spec: { containers: [{ name: 'web', image }], restartPolicy: 'Never', ...spec } } }
}

// Hands the object's fields to a manager of its choice: the next apply in that name will remove what it leaves out.
function claiming(fieldsV1: object): object {
  const entry = { manager: 'deployer', operation: 'Apply', apiVersion: 'v1', time: '2020-01-01T00:00:00Z' }
  return { metadata: { managedFields: [{ ...entry, fieldsType: 'FieldsV1', fieldsV1 }] } }
}

function approving(times: object): object {
  const condition = { type: 'Approved', status: 'True', reason: 'ByHand', message: 'by hand', ...times }
  return { status: { conditions: [condition] } }
}

function lastApplied(text: string): object {
  return { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': text } } }
}

function withInit(names: readonly string[]): Readonly<Record<string, unknown>> {
  return { replicas: 0, template: template({ initContainers: names.map((name) => ({ name, image })) }) }
}

// What the server adds to a pod, written by hand.
function tokenVolume(name: string, expirationSeconds: number): Readonly<Record<string, unknown>> {
  const mount = { name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }
  const sources = [
    { serviceAccountToken: { expirationSeconds, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [namespace] } },
  ]
  return {
    automountServiceAccountToken: false,
    containers: [{ name: 'web', image, volumeMounts: [mount] }],
    volumes: [{ name, projected: { defaultMode: 420, sources } }],
  }
}
