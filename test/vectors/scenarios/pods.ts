import { core } from '../paths.ts'
import { image, pod } from '../objects.ts'
import { kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'
import { mergePatch } from '../admin.ts'

const tokenVolume = {
  name: 'kube-api-access-abcde',
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
}
const tokenMount = {
  name: 'kube-api-access-abcde',
  readOnly: true,
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
}
const withTokenMount = { containers: [{ name: 'web', image, volumeMounts: [tokenMount] }], volumes: [tokenVolume] }

/** Creating pods: named and unnamed, with the token volume of the server and with one written by hand. */
export const podCreation: readonly Scenario[] = [
  { name: 'pod-run', commands: [kubectl(['run', 'web', `--image=${image}`, '--', 'serve', '--port=80'])], groups: [2] },
  { name: 'pod-create', commands: [kubectl(['create', '-f', '-'], pod())], groups: [2] },
  {
    name: 'pod-create-containers',
    commands: [
      kubectl(
        ['create', '-f', '-'],
        pod(
          { labels: { app: 'web' } },
          {
            initContainers: [
              { name: 'first', image, command: ['first'] },
              { name: 'side', image, command: ['side'], restartPolicy: 'Always' },
            ],
            containers: [
              { name: 'web', image, env: [{ name: 'MODE', value: 'fast' }] },
              { name: 'log', image, resources: { limits: { cpu: '0.5', memory: '64Mi' } } },
            ],
          },
        ),
      ),
    ],
    groups: [2],
  },
  {
    name: 'pod-create-generate-name',
    commands: [kubectl(['create', '-f', '-'], pod({ name: undefined, generateName: 'web-' }))],
    groups: [2],
  },
  {
    name: 'pod-create-name-and-generate-name',
    commands: [kubectl(['create', '-f', '-'], pod({ name: 'web-abcde', generateName: 'web-' }))],
    groups: [2],
  },
  {
    name: 'pod-create-no-token',
    commands: [kubectl(['create', '-f', '-'], pod({}, { automountServiceAccountToken: false }))],
    groups: [2],
  },
  {
    name: 'pod-create-hand-written-token-volume',
    commands: [kubectl(['create', '-f', '-'], pod({}, { ...withTokenMount, automountServiceAccountToken: false }))],
    groups: [2],
  },
  {
    name: 'pod-create-hand-written-token-volume-automount-on',
    commands: [kubectl(['create', '-f', '-'], pod({}, withTokenMount))],
    groups: [2],
  },
  {
    name: 'pod-create-token-volume-beside',
    commands: [
      kubectl(
        ['create', '-f', '-'],
        pod(
          {},
          {
            containers: [{ name: 'web', image, volumeMounts: [{ ...tokenMount, mountPath: '/elsewhere' }] }],
            volumes: [tokenVolume],
          },
        ),
      ),
    ],
    groups: [2],
  },
  { name: 'pod-apply', commands: [kubectl(['apply', '-f', '-'], pod())], groups: [2] },
  { name: 'pod-apply-server-side', commands: [kubectl(['apply', '--server-side', '-f', '-'], pod())], groups: [2] },
]

/** Changing pods that are there. */
export const podChange: readonly Scenario[] = [
  {
    name: 'pod-set-image',
    given: [pod()],
    commands: [kubectl(['set', 'image', 'pod/web', 'web=registry.example/web:2'])],
    groups: [2],
  },
  { name: 'pod-label', given: [pod()], commands: [kubectl(['label', 'pod', 'web', 'tier=front'])], groups: [2] },
  {
    name: 'pod-annotate-remove',
    given: [pod({ annotations: { note: 'old' } })],
    commands: [kubectl(['annotate', 'pod', 'web', 'note-'])],
    groups: [2],
  },
  {
    name: 'pod-own',
    given: [pod(), pod({ name: 'owner', uid: undefined })],
    commands: [
      kubectl([
        'patch',
        'pod',
        'web',
        '--type=merge',
        '-p',
        '{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"owner","uid":"00000000-0000-0000-0000-000000000001"}]}}',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'pod-debug',
    given: [pod()],
    commands: [
      kubectl(['debug', 'web', `--image=${image}`, '--target=web', '-c', 'look', '--attach=false', '--', 'ls', '/']),
    ],
    groups: [2],
  },
  {
    name: 'pod-debug-generated-name',
    given: [pod()],
    commands: [kubectl(['debug', 'web', `--image=${image}`, '--profile=general', '--attach=false', '--', 'ls'])],
    groups: [2],
  },
  {
    name: 'pod-debug-copy',
    given: [pod()],
    commands: [kubectl(['debug', 'web', `--image=${image}`, '--copy-to=web-copy', '-c', 'look', '--attach=false'])],
    groups: [2],
  },
  {
    name: 'pod-debug-node',
    prepare: async (admin) => {
      await admin.must('POST', '/api/v1/nodes', { body: { metadata: { name: 'n1' } } })
    },
    commands: [kubectl(['debug', 'node/n1', `--image=${image}`, '--profile=general', '--attach=false', '--', 'ls'])],
    groups: [2],
  },
  {
    name: 'pod-resize',
    given: [pod({}, { containers: [{ name: 'web', image, resources: { requests: { cpu: '100m' } } }] })],
    commands: [
      kubectl([
        'patch',
        'pod',
        'web',
        '--subresource=resize',
        '-p',
        '{"spec":{"containers":[{"name":"web","resources":{"requests":{"cpu":"200m"}}}]}}',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'pod-status-patch',
    given: [pod()],
    commands: [
      kubectl(['patch', 'pod', 'web', '--subresource=status', '--type=merge', '-p', '{"status":{"phase":"Failed"}}']),
    ],
    groups: [2],
  },
  {
    name: 'pod-remove-finalizer',
    given: [pod({ finalizers: ['shop.example/hold'] })],
    prepare: async (admin) => {
      await admin.must('DELETE', core('pods', 'web'), { body: { gracePeriodSeconds: 0 } })
    },
    commands: [kubectl(['patch', 'pod', 'web', '--type=merge', '-p', '{"metadata":{"finalizers":null}}'])],
    groups: [2],
  },
  {
    name: 'pod-add-finalizer',
    given: [pod()],
    commands: [
      kubectl([
        'patch',
        'pod',
        'web',
        '--type=json',
        '-p',
        '[{"op":"add","path":"/metadata/finalizers","value":["shop.example/hold"]}]',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'pod-remove-scheduling-gate',
    given: [pod({}, { schedulingGates: [{ name: 'shop.example/wait' }] })],
    commands: [kubectl(['patch', 'pod', 'web', '--type=merge', '-p', '{"spec":{"schedulingGates":[]}}'])],
    groups: [2],
  },
  {
    name: 'pod-label-under-status-writes',
    given: [pod()],
    commands: [kubectl(['label', 'pod', 'web', 'tier=front'])],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        const body = { status: { message: 'a word from the kubelet' } }
        await admin.must('PATCH', `${core('pods', 'web')}/status`, { body, type: mergePatch })
      },
    },
    groups: [2],
  },
]
