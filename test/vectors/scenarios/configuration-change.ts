import { jsonPatch, mergePatch } from '../admin.ts'
import { configMap, secret } from '../objects.ts'
import { core } from '../paths.ts'
import { failingKubectl, kubectl } from '../scenario.ts'
import type { Command, Scenario } from '../scenario.ts'

const apply = ['apply', '-f', '-']
const applyServerSide = ['apply', '--server-side', '-f', '-']
const patched = (type: string, text: string): Command =>
  kubectl(['patch', 'configmap', 'settings', `--type=${type}`, '-p', text])

/** Every way of changing an object: PUT, the three patches, both kinds of apply. */
export const configurationChange: readonly Scenario[] = [
  {
    name: 'configmap-replace',
    given: [configMap()],
    commands: [kubectl(['replace', '-f', '-'], configMap({}, { colour: 'blue' }))],
    groups: [2],
  },
  {
    name: 'configmap-replace-same',
    given: [configMap()],
    commands: [kubectl(['replace', '-f', '-'], configMap())],
    groups: [2],
  },
  {
    name: 'configmap-json-patch',
    given: [configMap()],
    commands: [patched('json', '[{"op":"replace","path":"/data/colour","value":"blue"}]')],
    groups: [2],
  },
  {
    name: 'configmap-merge-patch',
    given: [configMap()],
    commands: [patched('merge', '{"data":{"colour":"blue","shape":"round"}}')],
    groups: [2],
  },
  {
    name: 'configmap-strategic-patch',
    given: [configMap({}, { colour: 'green', shape: 'round' })],
    commands: [patched('strategic', '{"data":{"shape":null}}')],
    groups: [2],
  },
  {
    name: 'configmap-patch-same',
    given: [configMap()],
    commands: [patched('merge', '{"data":{"colour":"green"}}')],
    groups: [2],
  },
  {
    name: 'configmap-apply-create',
    commands: [kubectl(apply, configMap())],
    groups: [2],
  },
  {
    name: 'configmap-apply-update',
    before: [kubectl(apply, configMap())],
    commands: [kubectl(apply, configMap({}, { shape: 'round' }))],
    groups: [2],
  },
  {
    name: 'configmap-apply-same',
    before: [kubectl(apply, configMap())],
    commands: [kubectl(apply, configMap())],
    groups: [],
  },
  {
    name: 'configmap-apply-adopt',
    given: [configMap()],
    commands: [kubectl(apply, configMap())],
    groups: [2],
  },
  {
    name: 'configmap-apply-last-applied-only',
    before: [kubectl(apply, configMap({}, { colour: 'green', shape: 'round' }))],
    commands: [
      kubectl([
        'annotate',
        'configmap',
        'settings',
        '--overwrite',
        'kubectl.kubernetes.io/last-applied-configuration={"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"}}',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'configmap-apply-two-objects',
    commands: [kubectl(apply, configMap({ name: 'one' }), configMap({ name: 'two' }))],
    groups: [2, 2],
  },
  {
    name: 'configmap-apply-server-side-create',
    commands: [kubectl(applyServerSide, configMap())],
    groups: [2],
  },
  {
    name: 'configmap-apply-server-side-update',
    before: [kubectl(applyServerSide, configMap())],
    commands: [kubectl(applyServerSide, configMap({}, { shape: 'round' }))],
    groups: [2],
  },
  {
    name: 'configmap-apply-server-side-same',
    before: [kubectl(applyServerSide, configMap())],
    commands: [kubectl(applyServerSide, configMap())],
    groups: [2],
  },
  {
    name: 'configmap-apply-server-side-force',
    given: [configMap()],
    before: [kubectl(['label', 'configmap', 'settings', 'tier=front'])],
    commands: [kubectl([...applyServerSide, '--force-conflicts'], configMap({}, { colour: 'blue' }))],
    groups: [2],
  },
  {
    name: 'configmap-apply-server-side-co-own',
    given: [configMap()],
    commands: [kubectl(applyServerSide, configMap())],
    groups: [2],
  },
  {
    name: 'configmap-apply-server-side-give-up',
    given: [configMap()],
    before: [kubectl(applyServerSide, configMap({ labels: { tier: 'front' } }, { colour: 'green' }))],
    commands: [kubectl(applyServerSide, configMap({}, { colour: 'green' }))],
    groups: [2],
  },
  {
    name: 'configmap-apply-server-side-after-client-side',
    before: [kubectl(apply, configMap())],
    commands: [kubectl(applyServerSide, configMap({}, { colour: 'blue' }))],
    // Apply, own the last-applied annotation, move client-side ownership over by hand, apply again.
    action: 'UntilAllowed',
    groups: [2, 2, 2, 2],
  },
  {
    name: 'configmap-apply-server-side-under-writes',
    before: [kubectl(applyServerSide, configMap())],
    commands: [kubectl(applyServerSide, configMap({}, { colour: 'blue' }))],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        const body = { metadata: { annotations: { other: 'writer' } } }
        await admin.must('PATCH', core('configmaps', 'settings'), { body, type: mergePatch })
      },
    },
    groups: [2],
  },
  {
    name: 'configmap-replace-old-version',
    given: [configMap()],
    commands: [failingKubectl(['replace', '-f', '-'], configMap({ resourceVersion: '1' }, { colour: 'blue' }))],
    groups: [],
  },
  {
    name: 'configmap-replace-under-writes',
    given: [configMap()],
    // kubectl sends the resourceVersion that it has just read: the retry is refused before it is reviewed.
    commands: [failingKubectl(['replace', '-f', '-'], configMap({}, { colour: 'blue' }))],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        const body = { metadata: { labels: { other: 'writer' } } }
        await admin.must('PATCH', core('configmaps', 'settings'), { body, type: mergePatch })
      },
    },
    groups: [1],
  },
  {
    name: 'configmap-remove-finalizer',
    given: [configMap({ finalizers: ['shop.example/hold', 'shop.example/second'] })],
    prepare: async (admin) => {
      await admin.must('DELETE', core('configmaps', 'settings'))
    },
    commands: [patched('json', '[{"op":"remove","path":"/metadata/finalizers/0"}]')],
    groups: [2],
  },
  {
    name: 'configmap-remove-last-finalizer',
    given: [configMap({ finalizers: ['shop.example/hold'] })],
    prepare: async (admin) => {
      await admin.must('DELETE', core('configmaps', 'settings'))
    },
    commands: [patched('json', '[{"op":"remove","path":"/metadata/finalizers"}]')],
    groups: [2],
  },
  {
    name: 'configmap-delete',
    given: [configMap()],
    commands: [kubectl(['delete', 'configmap', 'settings'])],
    groups: [2],
  },
  {
    // One request, two reviews or three: the server would take this finalizer off itself.
    name: 'configmap-delete-waiting-for-dependents',
    given: [configMap({ finalizers: ['foregroundDeletion'] })],
    commands: [kubectl(['delete', 'configmap', 'settings', '--wait=false'])],
    groups: [[3, 4]],
  },
  {
    name: 'configmap-delete-orphan-dependents',
    given: [configMap()],
    refuse: 'FirstRun',
    commands: [1, 2].map(() => ({
      tool: 'kubectl proxy' as const,
      requests: [
        {
          method: 'DELETE',
          path: core('configmaps', 'settings'),
          body: { gracePeriodSeconds: 7, orphanDependents: true },
        },
      ],
    })),
    groups: [2],
  },
  {
    name: 'configmap-delete-changed-meanwhile',
    given: [configMap({ annotations: { note: 'old' } })],
    commands: [kubectl(['delete', 'configmap', 'settings'])],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        const body = [{ op: 'replace', path: '/metadata/annotations/note', value: 'new' }]
        await admin.must('PATCH', core('configmaps', 'settings'), { body, type: jsonPatch })
      },
    },
    groups: [2],
  },
  {
    name: 'secret-replace',
    given: [secret()],
    commands: [kubectl(['replace', '-f', '-'], secret({}, { word: 'close-sesame' }))],
    groups: [2],
  },
  {
    name: 'secret-apply-update',
    before: [kubectl(apply, secret())],
    commands: [kubectl(apply, secret({}, { word: 'close-sesame' }))],
    groups: [2],
  },
  {
    name: 'secret-delete',
    given: [secret()],
    commands: [kubectl(['delete', 'secret', 'word'])],
    groups: [2],
  },
]
