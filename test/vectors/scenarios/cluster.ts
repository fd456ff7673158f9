import { node, plain, pod } from '../objects.ts'
import { kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']
const other = plain('v1', 'Namespace', { metadata: { name: 'annex' } })
const claim = plain('v1', 'PersistentVolumeClaim', {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'slow' },
})
const volume = plain('v1', 'PersistentVolume', {
  metadata: { name: 'disk' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    storageClassName: 'manual',
    persistentVolumeReclaimPolicy: 'Retain',
    hostPath: { path: '/data' },
  },
})
const storageClass = plain('storage.k8s.io/v1', 'StorageClass', {
  metadata: { name: 'slow' },
  provisioner: 'kubernetes.io/no-provisioner',
})
const priorityClass = plain('scheduling.k8s.io/v1', 'PriorityClass', { metadata: { name: 'first' }, value: 1000 })

/** Nodes. There is no kubelet behind them. */
export const nodeScenarios: readonly Scenario[] = [
  { name: 'node-create', commands: [kubectl(create, node())], groups: [2] },
  {
    name: 'node-create-with-status',
    commands: [kubectl(create, node('n1', { status: { capacity: { cpu: '4', pods: '10' }, phase: 'Running' } }))],
    groups: [2],
  },
  {
    name: 'node-label',
    given: [node()],
    commands: [kubectl(['label', 'node', 'n1', 'zone=b', '--overwrite'])],
    groups: [2],
  },
  {
    name: 'node-taint',
    given: [node()],
    commands: [kubectl(['taint', 'node', 'n1', 'shop.example/only=me:NoSchedule'])],
    groups: [2],
  },
  { name: 'node-cordon', given: [node()], commands: [kubectl(['cordon', 'n1'])], groups: [2] },
  {
    name: 'node-uncordon',
    given: [node('n1', { spec: { unschedulable: true } })],
    commands: [kubectl(['uncordon', 'n1'])],
    groups: [2],
  },
  {
    name: 'node-drain',
    given: [node(), ...['a', 'b'].map((name) => pod({ name }, { nodeName: 'n1' }))],
    commands: [kubectl(['drain', 'n1', '--force', '--grace-period=0', '--timeout=20s'])],
    groups: [2, 2, 2],
  },
  {
    name: 'node-drain-by-delete',
    given: [node(), pod({}, { nodeName: 'n1' })],
    commands: [kubectl(['drain', 'n1', '--force', '--grace-period=0', '--disable-eviction', '--timeout=20s'])],
    groups: [2, [3, 4]],
  },
  {
    name: 'node-status-patch',
    given: [node()],
    commands: [
      kubectl([
        'patch',
        'node',
        'n1',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"capacity":{"cpu":"8"}}}',
      ]),
    ],
    groups: [2],
  },
  { name: 'node-delete', given: [node()], commands: [kubectl(['delete', 'node', 'n1'])], groups: [2] },
]

/** Namespaces, volumes, classes: what everybody shares. */
export const sharedScenarios: readonly Scenario[] = [
  { name: 'namespace-create', commands: [kubectl(['create', 'namespace', 'annex'])], groups: [2] },
  {
    name: 'namespace-create-generate-name',
    commands: [kubectl(create, plain('v1', 'Namespace', { metadata: { generateName: 'annex-' } }))],
    groups: [2],
  },
  {
    name: 'namespace-label',
    given: [other],
    commands: [kubectl(['label', 'namespace', 'annex', 'pod-security.kubernetes.io/enforce=privileged'])],
    groups: [2],
  },
  {
    name: 'namespace-delete',
    given: [other],
    commands: [kubectl(['delete', 'namespace', 'annex', '--wait=false'])],
    groups: [2],
  },
  {
    name: 'namespace-finalize',
    given: [other],
    refuse: 'FirstRun',
    commands: Array.from({ length: 2 }, () => ({
      tool: 'kubectl proxy' as const,
      requests: [
        {
          method: 'PUT',
          path: '/api/v1/namespaces/annex/finalize',
          body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'annex' }, spec: { finalizers: [] } },
        },
      ],
    })),
    groups: [2],
  },
  {
    name: 'namespace-status-patch',
    given: [other],
    commands: [
      kubectl([
        'patch',
        'namespace',
        'annex',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"conditions":[{"type":"Odd","status":"True","reason":"No","message":"x"}]}}',
      ]),
    ],
    groups: [2],
  },
  { name: 'persistentvolumeclaim-create', commands: [kubectl(create, claim)], groups: [2] },
  {
    name: 'persistentvolumeclaim-patch',
    given: [claim],
    commands: [kubectl(['annotate', 'pvc', 'data', 'note=new'])],
    groups: [2],
  },
  {
    name: 'persistentvolumeclaim-delete',
    given: [claim],
    commands: [kubectl(['delete', 'pvc', 'data', '--wait=false'])],
    groups: [2],
  },
  { name: 'persistentvolume-create', commands: [kubectl(create, volume)], groups: [2] },
  {
    name: 'persistentvolume-patch',
    given: [volume],
    commands: [kubectl(['patch', 'pv', 'disk', '-p', '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}'])],
    groups: [2],
  },
  {
    name: 'persistentvolume-delete',
    given: [volume],
    commands: [kubectl(['delete', 'pv', 'disk', '--wait=false'])],
    groups: [2],
  },
  { name: 'storageclass-create', commands: [kubectl(create, storageClass)], groups: [2] },
  {
    name: 'storageclass-annotate',
    given: [storageClass],
    commands: [kubectl(['annotate', 'storageclass', 'slow', 'storageclass.kubernetes.io/is-default-class=true'])],
    groups: [2],
  },
  {
    name: 'storageclass-delete',
    given: [storageClass],
    commands: [kubectl(['delete', 'storageclass', 'slow'])],
    groups: [2],
  },
  {
    name: 'priorityclass-create',
    commands: [kubectl(['create', 'priorityclass', 'first', '--value=1000', '--description=first'])],
    groups: [2],
  },
  {
    name: 'priorityclass-patch',
    given: [priorityClass],
    commands: [kubectl(['patch', 'priorityclass', 'first', '-p', '{"globalDefault":true}'])],
    groups: [2],
  },
  {
    name: 'priorityclass-delete',
    given: [priorityClass],
    commands: [kubectl(['delete', 'priorityclass', 'first'])],
    groups: [2],
  },
  {
    name: 'resourcequota-create',
    commands: [kubectl(['create', 'quota', 'small', '--hard=pods=10'])],
    groups: [2],
  },
  {
    name: 'limitrange-create',
    commands: [
      kubectl(
        create,
        plain('v1', 'LimitRange', {
          metadata: { name: 'small' },
          spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] },
        }),
      ),
    ],
    groups: [2],
  },
]
