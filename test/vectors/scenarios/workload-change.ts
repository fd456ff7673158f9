import { mergePatch } from '../admin.ts'
import { image, otherImage, workload } from '../objects.ts'
import { apps } from '../paths.ts'
import { failingKubectl, kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const statefulSet = (metadata = {}, spec = {}) => workload('StatefulSet', metadata, { serviceName: 'web', ...spec })

const deployment = workload('Deployment', {}, { replicas: 1 })

/** Changing workloads that run. */
export const workloadChange: readonly Scenario[] = [
  {
    name: 'deployment-scale',
    given: [deployment],
    commands: [kubectl(['scale', 'deployment', 'web', '--replicas=3'])],
    groups: [2],
  },
  {
    name: 'deployment-scale-to-zero-if-current',
    given: [deployment],
    commands: [kubectl(['scale', 'deployment', 'web', '--current-replicas=1', '--replicas=0'])],
    groups: [2],
  },
  {
    name: 'deployment-scale-by-patch',
    given: [deployment],
    commands: [kubectl(['patch', 'deployment', 'web', '-p', '{"spec":{"replicas":3}}'])],
    groups: [2],
  },
  {
    name: 'statefulset-scale',
    given: [statefulSet({}, { replicas: 0 })],
    commands: [kubectl(['scale', 'statefulset', 'web', '--replicas=2'])],
    groups: [2],
  },
  {
    name: 'replicaset-scale',
    given: [workload('ReplicaSet', {}, { replicas: 0 })],
    commands: [kubectl(['scale', 'replicaset', 'web', '--replicas=1'])],
    groups: [2],
  },
  {
    name: 'deployment-set-image',
    given: [deployment],
    commands: [kubectl(['set', 'image', 'deployment/web', `web=${otherImage}`])],
    groups: [2],
  },
  {
    name: 'deployment-set-env',
    given: [deployment],
    commands: [kubectl(['set', 'env', 'deployment/web', 'MODE=slow'])],
    groups: [2],
  },
  {
    name: 'deployment-set-resources',
    given: [deployment],
    commands: [kubectl(['set', 'resources', 'deployment/web', '--limits=cpu=200m,memory=64Mi'])],
    groups: [2],
  },
  {
    name: 'deployment-set-serviceaccount',
    given: [deployment],
    commands: [kubectl(['set', 'serviceaccount', 'deployment/web', 'other'])],
    groups: [2],
  },
  {
    name: 'deployment-rollout-restart',
    given: [deployment],
    commands: [kubectl(['rollout', 'restart', 'deployment/web'])],
    groups: [2],
  },
  {
    name: 'deployment-rollout-restart-typed-again',
    given: [deployment],
    refuse: 'FirstRun',
    commands: [
      failingKubectl(['rollout', 'restart', 'deployment/web', '--request-timeout=500ms']),
      // kubectl writes its own clock, in seconds.
      { tool: 'pause', millis: 1100 },
      kubectl(['rollout', 'restart', 'deployment/web']),
    ],
    groups: [2],
  },
  {
    name: 'statefulset-rollout-restart',
    given: [statefulSet({}, { replicas: 0 })],
    commands: [kubectl(['rollout', 'restart', 'statefulset/web'])],
    groups: [2],
  },
  {
    name: 'daemonset-rollout-restart',
    given: [workload('DaemonSet')],
    commands: [kubectl(['rollout', 'restart', 'daemonset/web'])],
    groups: [2],
  },
  {
    name: 'deployment-rollout-undo',
    given: [deployment],
    before: [kubectl(['set', 'image', 'deployment/web', `web=${otherImage}`])],
    commands: [kubectl(['rollout', 'undo', 'deployment/web', '--to-revision=1'])],
    groups: [2],
  },
  {
    name: 'statefulset-set-image',
    given: [statefulSet({}, { replicas: 0 })],
    commands: [kubectl(['set', 'image', 'statefulset/web', `web=${otherImage}`])],
    groups: [2],
  },
  {
    name: 'daemonset-set-image',
    given: [workload('DaemonSet')],
    commands: [kubectl(['set', 'image', 'daemonset/web', `web=${otherImage}`])],
    groups: [2],
  },
  {
    name: 'replicaset-set-image',
    given: [workload('ReplicaSet', {}, { replicas: 0 })],
    commands: [kubectl(['set', 'image', 'replicaset/web', `web=${otherImage}`])],
    groups: [2],
  },
  {
    name: 'deployment-rollout-pause',
    given: [deployment],
    commands: [kubectl(['rollout', 'pause', 'deployment/web'])],
    groups: [2],
  },
  {
    name: 'deployment-label',
    given: [deployment],
    commands: [kubectl(['label', 'deployment', 'web', 'tier=front'])],
    groups: [2],
  },
  {
    name: 'deployment-annotate',
    given: [deployment],
    commands: [kubectl(['annotate', 'deployment', 'web', 'note=new'])],
    groups: [2],
  },
  {
    name: 'deployment-status-patch',
    given: [deployment],
    commands: [
      kubectl([
        'patch',
        'deployment',
        'web',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"collisionCount":7}}',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'deployment-set-image-under-controller-writes',
    given: [deployment],
    commands: [kubectl(['set', 'image', 'deployment/web', `web=${otherImage}`])],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        const path = apps('deployments', 'web')
        const annotations = { metadata: { annotations: { note: 'somebody was here' } } }
        await admin.must('PATCH', path, { body: annotations, type: mergePatch })
        await admin.must('PATCH', `${path}/status`, { body: { status: { collisionCount: 3 } }, type: mergePatch })
      },
    },
    groups: [2],
  },
  {
    name: 'deployment-set-image-conflict-while-held',
    given: [deployment],
    commands: [kubectl(['set', 'image', 'deployment/web', `web=${otherImage}`])],
    meanwhile: {
      moment: 'WhileHeldThenAllowed',
      write: async (admin) => {
        const body = { metadata: { annotations: { note: 'somebody was here' } } }
        await admin.must('PATCH', apps('deployments', 'web'), { body, type: mergePatch })
      },
    },
    groups: [[2, 3]],
  },
  {
    name: 'deployment-set-image-refused-on-stale-copy',
    given: [deployment],
    commands: [kubectl(['set', 'image', 'deployment/web', `web=${otherImage}`])],
    meanwhile: {
      moment: 'WhileHeldThenRefused',
      write: async (admin) => {
        const body = { metadata: { annotations: { note: 'somebody was here' } } }
        await admin.must('PATCH', apps('deployments', 'web'), { body, type: mergePatch })
      },
    },
    groups: [[2, 3]],
  },
  {
    name: 'deployment-set-image-scaled-meanwhile',
    given: [deployment],
    commands: [kubectl(['set', 'image', 'deployment/web', `web=${otherImage}`])],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        const path = `${apps('deployments', 'web')}/scale`
        await admin.must('PATCH', path, { body: { spec: { replicas: 2 } }, type: mergePatch })
      },
    },
    groups: [2],
  },
  {
    name: 'deployment-set-image-co-owned-meanwhile',
    given: [deployment],
    commands: [kubectl(['set', 'image', 'deployment/web', `web=${otherImage}`])],
    meanwhile: {
      moment: 'BetweenSendings',
      // Another manager applies the present image: no value changes, but the field has one owner more.
      write: async (admin) => {
        const containers = [{ name: 'web', image }]
        const body = {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web' },
          spec: { template: { spec: { containers } } },
        }
        const path = `${apps('deployments', 'web')}?fieldManager=other&force=true`
        await admin.must('PATCH', path, { body, type: 'application/apply-patch+yaml' })
      },
    },
    groups: [2],
  },
  {
    // A PUT without resourceVersion is taken as it is: `object` then has none.
    name: 'deployment-put-without-version-under-writes',
    given: [deployment],
    refuse: 'FirstRun',
    commands: [1, 2].map(() => ({
      tool: 'kubectl proxy' as const,
      requests: [
        { method: 'PUT', path: apps('deployments', 'web'), body: workload('Deployment', {}, { replicas: 0 }) },
      ],
    })),
    meanwhile: {
      moment: 'BetweenCommands',
      write: async (admin) => {
        const path = `${apps('deployments', 'web')}/status`
        await admin.must('PATCH', path, { body: { status: { collisionCount: 3 } }, type: mergePatch })
      },
    },
    groups: [2],
  },
  {
    name: 'deployment-autoscale',
    given: [deployment],
    commands: [kubectl(['autoscale', 'deployment', 'web', '--min=1', '--max=3', '--cpu=80%'])],
    groups: [2],
  },
  {
    name: 'deployment-expose',
    given: [deployment],
    commands: [kubectl(['expose', 'deployment', 'web', '--port=80', '--target-port=8080'])],
    groups: [2],
  },
]
