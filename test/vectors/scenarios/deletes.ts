import { core, shop } from '../paths.ts'
import { node, pod, workload } from '../objects.ts'
import { failingKubectl, kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'
import { mergePatch } from '../admin.ts'
import type { Admin } from '../admin.ts'

const placed = pod({}, { nodeName: 'n1' })
const deleteIt = ['delete', 'pod', 'web', '--wait=false']
const collection = `/api/v1/namespaces/${shop}/pods`

// What is deleted at once is reviewed twice or three times in one request: for the deletion mark and for the removal.
const immediate = [3, 4] as const

/** Deleting one pod, in every way that kubectl offers. */
export const podDeletes: readonly Scenario[] = [
  { name: 'pod-delete-unscheduled', given: [pod()], commands: [kubectl(deleteIt)], groups: [immediate] },
  { name: 'pod-delete-scheduled', given: [node(), placed], commands: [kubectl(deleteIt)], groups: [2] },
  {
    name: 'pod-delete-now',
    given: [node(), placed],
    commands: [kubectl(['delete', 'pod', 'web', '--now', '--wait=false'])],
    groups: [2],
  },
  {
    name: 'pod-delete-grace-period',
    given: [node(), placed],
    commands: [kubectl(['delete', 'pod', 'web', '--grace-period=7', '--wait=false'])],
    groups: [2],
  },
  {
    name: 'pod-delete-force',
    given: [node(), placed],
    commands: [kubectl(['delete', 'pod', 'web', '--force', '--grace-period=0'])],
    groups: [immediate],
  },
  {
    name: 'pod-delete-force-terminating',
    given: [node(), placed],
    prepare: async (admin) => {
      await admin.must('DELETE', core('pods', 'web'))
    },
    commands: [kubectl(['delete', 'pod', 'web', '--force', '--grace-period=0'])],
    groups: [immediate],
  },
  {
    name: 'pod-delete-terminating',
    given: [node(), placed],
    prepare: async (admin) => {
      await admin.must('DELETE', core('pods', 'web'))
    },
    commands: [kubectl(deleteIt)],
    groups: [],
  },
  {
    name: 'pod-delete-held-by-finalizer',
    given: [pod({ finalizers: ['shop.example/hold'] })],
    commands: [kubectl(deleteIt)],
    groups: [2],
  },
  {
    // The server takes this finalizer off itself before the second review of the same request.
    name: 'pod-delete-force-waiting-for-dependents',
    given: [node(), pod({ finalizers: ['foregroundDeletion'] }, { nodeName: 'n1' })],
    commands: [kubectl(['delete', 'pod', 'web', '--force', '--grace-period=0'])],
    groups: [immediate],
  },
  ...['foreground', 'orphan'].map((cascade): Scenario => ({
    name: `pod-delete-force-${cascade}`,
    given: [node(), placed],
    commands: [
      kubectl(['delete', 'pod', 'web', '--force', '--grace-period=0', `--cascade=${cascade}`, '--wait=false']),
    ],
    groups: [[2, 4]],
  })),
  {
    name: 'pod-delete-foreground',
    given: [node(), placed],
    commands: [kubectl(['delete', 'pod', 'web', '--cascade=foreground', '--wait=false'])],
    groups: [2],
  },
  {
    name: 'pod-delete-orphan',
    given: [node(), placed],
    commands: [kubectl(['delete', 'pod', 'web', '--cascade=orphan', '--wait=false'])],
    groups: [2],
  },
  {
    name: 'pod-delete-dry-run',
    given: [pod()],
    commands: [kubectl(['delete', 'pod', 'web', '--dry-run=server'])],
    groups: [2],
  },
  {
    name: 'pod-delete-preconditions',
    given: [node(), pod({}, { nodeName: 'n1' })],
    // kubectl has no flag for preconditions of a given uid; a dry run first would show it, --raw with a body does not exist.
    commands: [{ tool: 'kubectl proxy', requests: twice({ preconditions: { resourceVersion: '1' } }) }],
    groups: [],
  },
  {
    name: 'pod-delete-under-status-writes',
    given: [node(), placed],
    commands: [kubectl(deleteIt)],
    meanwhile: { moment: 'BetweenSendings', write: writeStatus },
    groups: [2],
  },
  {
    name: 'pod-delete-conflict-while-held',
    given: [node(), placed],
    commands: [kubectl(deleteIt)],
    meanwhile: { moment: 'WhileHeldThenAllowed', write: writeStatus },
    groups: [[2, 3]],
  },
]

/** Deleting several pods at once: kubectl names each; only a raw call is a deletecollection. */
export const podCollectionDeletes: readonly Scenario[] = [
  {
    name: 'pods-delete-by-label',
    given: ['a', 'b'].map((name) => pod({ name, labels: { app: 'web' } }, { nodeName: 'n1' })),
    commands: [kubectl(['delete', 'pods', '-l', 'app=web', '--wait=false'])],
    groups: [2, 2],
  },
  {
    name: 'pods-delete-all',
    given: ['a', 'b'].map((name) => pod({ name }, { nodeName: 'n1' })),
    commands: [kubectl(['delete', 'pods', '--all', '--wait=false'])],
    groups: [2, 2],
  },
  {
    name: 'pods-deletecollection',
    given: ['a', 'b'].map((name) => pod({ name }, { nodeName: 'n1' })),
    commands: [
      failingKubectl(['delete', '--raw', collection]),
      failingKubectl(['delete', '--raw', collection]),
      kubectl(['delete', '--raw', collection]),
    ],
    groups: [2, 2],
  },
  {
    name: 'pods-deletecollection-by-label',
    given: ['a', 'b'].map((name) => pod({ name, labels: { app: name } }, { nodeName: 'n1' })),
    commands: [
      failingKubectl(['delete', '--raw', `${collection}?labelSelector=app%3Da`]),
      kubectl(['delete', '--raw', `${collection}?labelSelector=app%3Da`]),
    ],
    groups: [2],
  },
]

/** Deleting workloads: what becomes of their children is in the options. */
export const workloadDeletes: readonly Scenario[] = [
  ...['background', 'orphan', 'foreground'].map((cascade): Scenario => ({
    name: `deployment-delete-${cascade}`,
    given: [workload('Deployment', {}, { replicas: 1 })],
    commands: [kubectl(['delete', 'deployment', 'web', `--cascade=${cascade}`, '--wait=false'])],
    groups: [2],
  })),
  {
    name: 'deployment-delete-force',
    given: [workload('Deployment', {}, { replicas: 1 })],
    commands: [kubectl(['delete', 'deployment', 'web', '--force', '--grace-period=0'])],
    groups: [2],
  },
  ...['StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind): Scenario => ({
    name: `${kind.toLowerCase()}-delete`,
    given: [workload(kind, {}, kind === 'DaemonSet' ? {} : { replicas: 0 })],
    commands: [kubectl(['delete', kind.toLowerCase(), 'web', '--wait=false'])],
    groups: [2],
  })),
  {
    name: 'deployment-delete-scaled-meanwhile',
    given: [workload('Deployment', {}, { replicas: 1 })],
    commands: [kubectl(['delete', 'deployment', 'web', '--wait=false'])],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        const path = `/apis/apps/v1/namespaces/${shop}/deployments/web/scale`
        await admin.must('PATCH', path, { body: { spec: { replicas: 2 } }, type: mergePatch })
      },
    },
    groups: [2],
  },
]

async function writeStatus(admin: Admin): Promise<void> {
  const body = { status: { message: 'a word from the kubelet' } }
  await admin.must('PATCH', `${core('pods', 'web')}/status`, { body, type: mergePatch })
}

function twice(body: unknown): { method: string; path: string; body: unknown }[] {
  const request = { method: 'DELETE', path: core('pods', 'web'), body }
  return [request, request]
}
