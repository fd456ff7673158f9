import { configMap, secret } from '../objects.ts'
import { core } from '../paths.ts'
import { failingKubectl, kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']

/** Creating ConfigMaps and Secrets. */
export const configurationCreation: readonly Scenario[] = [
  {
    name: 'configmap-create-generator',
    commands: [kubectl(['create', 'configmap', 'settings', '--from-literal=colour=green'])],
    groups: [2],
  },
  {
    name: 'configmap-create',
    commands: [
      kubectl(create, { ...configMap({ labels: { app: 'web' } }), binaryData: { bytes: 'AAEC/w==' }, immutable: true }),
    ],
    groups: [2],
  },
  {
    name: 'configmap-create-generate-name',
    commands: [kubectl(create, configMap({ name: undefined, generateName: 'settings-' }))],
    groups: [2],
  },
  {
    name: 'configmap-create-twice-meanwhile',
    // Between the two sendings somebody else creates an object of this name: the retry is reviewed, then 409.
    commands: [failingKubectl(create, configMap())],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        await admin.must('POST', core('configmaps', '').slice(0, -1), { body: configMap({}, { colour: 'red' }) })
      },
    },
    groups: [2],
  },
  {
    name: 'configmap-create-dry-run',
    commands: [kubectl([...create, '--dry-run=server'], configMap())],
    groups: [2],
  },
  { name: 'secret-create', commands: [kubectl(create, secret())], groups: [2] },
  {
    name: 'secret-create-generator',
    commands: [kubectl(['create', 'secret', 'generic', 'word', '--from-literal=word=open-sesame'])],
    groups: [2],
  },
  {
    name: 'secret-create-account-token',
    commands: [
      kubectl(create, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'token', annotations: { 'kubernetes.io/service-account.name': 'default' } },
        type: 'kubernetes.io/service-account-token',
      }),
    ],
    groups: [2],
  },
]
