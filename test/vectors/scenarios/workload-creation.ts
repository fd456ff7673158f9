import { image, plain, template, workload } from '../objects.ts'
import { kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']
const statefulSet = (metadata = {}, spec = {}) => workload('StatefulSet', metadata, { serviceName: 'web', ...spec })

/** Creating workloads by kubectl's generators and from files. */
export const workloadCreation: readonly Scenario[] = [
  {
    name: 'deployment-create-generator',
    commands: [kubectl(['create', 'deployment', 'web', `--image=${image}`, '--replicas=2', '--port=80'])],
    groups: [2],
  },
  { name: 'deployment-create', commands: [kubectl(create, workload('Deployment'))], groups: [2] },
  { name: 'deployment-apply', commands: [kubectl(['apply', '-f', '-'], workload('Deployment'))], groups: [2] },
  {
    name: 'deployment-apply-server-side',
    commands: [kubectl(['apply', '--server-side', '-f', '-'], workload('Deployment'))],
    groups: [2],
  },
  {
    name: 'deployment-create-generate-name',
    commands: [kubectl(create, workload('Deployment', { name: undefined, generateName: 'web-' }))],
    groups: [2],
  },
  {
    name: 'statefulset-create',
    commands: [
      kubectl(
        create,
        statefulSet(
          {},
          {
            volumeClaimTemplates: [
              {
                metadata: { name: 'data' },
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            ],
          },
        ),
      ),
    ],
    groups: [2],
  },
  { name: 'daemonset-create', commands: [kubectl(create, workload('DaemonSet'))], groups: [2] },
  { name: 'replicaset-create', commands: [kubectl(create, workload('ReplicaSet'))], groups: [2] },
  {
    name: 'replicationcontroller-create',
    commands: [
      kubectl(
        create,
        plain('v1', 'ReplicationController', {
          metadata: { name: 'web' },
          spec: { replicas: 0, selector: { app: 'web' }, template: template() },
        }),
      ),
    ],
    groups: [2],
  },
  {
    name: 'podtemplate-create',
    commands: [kubectl(create, plain('v1', 'PodTemplate', { metadata: { name: 'web' }, template: template() }))],
    groups: [2],
  },
  {
    name: 'controllerrevision-create',
    commands: [
      kubectl(
        create,
        plain('apps/v1', 'ControllerRevision', { metadata: { name: 'web-1' }, revision: 1, data: { spec: { a: 1 } } }),
      ),
    ],
    groups: [2],
  },
]
