import { configMap, job, node, plain, pod, service, template, workload } from '../objects.ts'
import { core } from '../paths.ts'
import { kubectl } from '../scenario.ts'
import type { Manifest, Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']
const mine = {
  uid: '11111111-1111-4111-8111-111111111111',
  creationTimestamp: '2020-01-01T00:00:00Z',
  generation: 77,
  selfLink: '/api/v1/hello',
  deletionTimestamp: '2020-01-01T00:00:00Z',
  deletionGracePeriodSeconds: 77,
}
const claimed = (fields: object = { 'f:data': { 'f:colour': {} } }) => [
  {
    manager: 'kubectl',
    operation: 'Apply',
    apiVersion: 'v1',
    time: '2020-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  },
]

const condition = { type: 'Ready', status: 'True', reason: 'Mine', message: 'mine', lastTransitionTime: null }

/** Objects whose author wrote a status: which kinds keep it until admission? */
const withStatus: readonly (readonly [string, Manifest])[] = [
  ['pod', { ...pod(), status: { phase: 'Running', podIP: '192.0.2.1', message: 'mine' } }],
  ['deployment', { ...workload('Deployment'), status: { replicas: 7, observedGeneration: 7 } }],
  ['statefulset', { ...workload('StatefulSet', {}, { serviceName: 'web' }), status: { replicas: 7 } }],
  [
    'daemonset',
    {
      ...workload('DaemonSet'),
      status: { currentNumberScheduled: 7, numberMisscheduled: 7, desiredNumberScheduled: 7, numberReady: 7 },
    },
  ],
  ['replicaset', { ...workload('ReplicaSet', {}, { replicas: 0 }), status: { replicas: 7 } }],
  ['job', { ...job(), status: { active: 7 } }],
  ['service', { ...service(), status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }],
  ['namespace', plain('v1', 'Namespace', { metadata: { name: 'annex' }, status: { phase: 'Terminating' } })],
  ['node', node('n1', { status: { phase: 'Running', addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] } })],
  [
    'persistentvolume',
    plain('v1', 'PersistentVolume', {
      metadata: { name: 'disk' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        storageClassName: 'manual',
        hostPath: { path: '/data' },
      },
      status: { phase: 'Released', message: 'mine' },
    }),
  ],
  [
    'persistentvolumeclaim',
    plain('v1', 'PersistentVolumeClaim', {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'slow' },
      status: { phase: 'Bound', capacity: { storage: '7Gi' } },
    }),
  ],
  [
    'poddisruptionbudget',
    plain('policy/v1', 'PodDisruptionBudget', {
      metadata: { name: 'web' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
      status: { disruptionsAllowed: 7, currentHealthy: 7, desiredHealthy: 7, expectedPods: 7 },
    }),
  ],
  [
    'horizontalpodautoscaler',
    plain('autoscaling/v2', 'HorizontalPodAutoscaler', {
      metadata: { name: 'web' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 },
      status: { desiredReplicas: 7, currentReplicas: 7 },
    }),
  ],
  [
    'ingress',
    plain('networking.k8s.io/v1', 'Ingress', {
      metadata: { name: 'web' },
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    }),
  ],
  [
    'resourcequota',
    plain('v1', 'ResourceQuota', {
      metadata: { name: 'small' },
      spec: { hard: { pods: '10' } },
      status: { used: { pods: '7' } },
    }),
  ],
  [
    'replicationcontroller',
    plain('v1', 'ReplicationController', {
      metadata: { name: 'web' },
      spec: { replicas: 0, selector: { app: 'web' }, template: template() },
      status: { replicas: 7 },
    }),
  ],
  [
    'cronjob',
    plain('batch/v1', 'CronJob', {
      metadata: { name: 'yearly' },
      spec: {
        schedule: '0 0 1 1 *',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'web', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
      status: { lastScheduleTime: '2020-01-01T00:00:00Z' },
    }),
  ],
  [
    'customresourcedefinition',
    plain('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
      metadata: { name: 'things.shop.example' },
      spec: {
        group: 'shop.example',
        scope: 'Namespaced',
        names: { kind: 'Thing', plural: 'things' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
      status: { storedVersions: ['v7'], conditions: [condition], acceptedNames: { kind: 'Mine', plural: 'mine' } },
    }),
  ],
  [
    'apiservice',
    plain('apiregistration.k8s.io/v1', 'APIService', {
      metadata: { name: 'v1.mine.example' },
      spec: {
        group: 'mine.example',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'web', namespace: 'shop' },
      },
      status: { conditions: [condition] },
    }),
  ],
  [
    'flowschema',
    plain('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', {
      metadata: { name: 'mine' },
      spec: { priorityLevelConfiguration: { name: 'exempt' }, matchingPrecedence: 9000, rules: [] },
      status: { conditions: [{ type: 'Dangling', status: 'True' }] },
    }),
  ],
]

/** What happens to fields that belong to the server when a client writes them. */
export const clientFieldScenarios: readonly Scenario[] = [
  { name: 'client-metadata-configmap', commands: [kubectl(create, configMap(mine))], groups: [2] },
  { name: 'client-metadata-pod', commands: [kubectl(create, pod(mine))], groups: [2] },
  { name: 'client-metadata-deployment', commands: [kubectl(create, workload('Deployment', mine))], groups: [2] },
  {
    name: 'client-metadata-job',
    commands: [kubectl(create, job({ ...mine, labels: { 'controller-uid': mine.uid } }))],
    groups: [2],
  },
  { name: 'client-managed-fields', commands: [kubectl(create, configMap({ managedFields: claimed() }))], groups: [2] },
  {
    name: 'client-managed-fields-empty-entry',
    commands: [kubectl(create, configMap({ managedFields: [{}] }))],
    groups: [2],
  },
  {
    name: 'client-managed-fields-service-address',
    commands: [
      kubectl(
        create,
        service(
          { managedFields: claimed({ 'f:spec': { 'f:ports': {} } }) },
          { clusterIP: '10.96.88.88', type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30088 }] },
        ),
      ),
    ],
    groups: [2],
  },
  {
    name: 'client-managed-fields-service-address-empty-entry',
    commands: [
      kubectl(
        create,
        service(
          { managedFields: [{}] },
          { clusterIP: '10.96.88.89', type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30089 }] },
        ),
      ),
    ],
    groups: [2],
  },
  {
    name: 'client-managed-fields-replace',
    given: [configMap()],
    commands: [kubectl(['replace', '-f', '-'], configMap({ managedFields: claimed() }))],
    groups: [2],
  },
  {
    name: 'client-managed-fields-replace-empty-entry',
    given: [configMap()],
    commands: [kubectl(['replace', '-f', '-'], configMap({ managedFields: [{}] }))],
    groups: [2],
  },
  {
    name: 'client-managed-fields-json-patch',
    given: [configMap()],
    commands: [
      kubectl([
        'patch',
        'configmap',
        'settings',
        '--type=json',
        '-p',
        '[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'client-managed-fields-disown',
    given: [configMap()],
    commands: [
      kubectl([
        'patch',
        'configmap',
        'settings',
        '--type=json',
        '-p',
        '[{"op":"remove","path":"/metadata/managedFields/0"}]',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'client-metadata-replace',
    given: [configMap()],
    commands: [
      kubectl(
        ['replace', '-f', '-'],
        configMap({ creationTimestamp: mine.creationTimestamp, generation: 77, selfLink: '/api/v1/hello' }),
      ),
    ],
    groups: [2],
  },
  {
    name: 'client-namespace-label',
    commands: [
      kubectl(
        create,
        plain('v1', 'Namespace', {
          metadata: { generateName: 'annex-', labels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        }),
      ),
    ],
    groups: [2],
  },
  {
    name: 'client-no-field-manager',
    refuse: 'FirstRun',
    commands: [1, 2].map(() => ({
      tool: 'kubectl proxy' as const,
      requests: [{ method: 'POST', path: core('configmaps', '').slice(0, -1), body: configMap() }],
    })),
    groups: [2],
  },
  ...withStatus.map(([kind, object]): Scenario => ({
    name: `client-status-${kind}`,
    commands: [kubectl([...create, '--validate=ignore'], object)],
    groups: [2],
  })),
]
