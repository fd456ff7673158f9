import { configMap, workload } from '../objects.ts'
import { kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const apply = ['apply', '-f', '-']
const applyServerSide = ['apply', '--server-side', '-f', '-']

const deployment = (replicas: number, image: string) =>
  workload(
    'Deployment',
    { annotations: { note: 'x' } },
    { replicas, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } } },
  )

/** Applying a workload, whose controller writes to it too. */
export const workloadApply: readonly Scenario[] = [
  {
    name: 'deployment-apply-update',
    before: [kubectl(apply, deployment(1, 'registry.example/web:1'))],
    commands: [kubectl(apply, deployment(2, 'registry.example/web:2'))],
    groups: [2],
  },
  {
    name: 'deployment-apply-same',
    before: [kubectl(apply, deployment(1, 'registry.example/web:1'))],
    commands: [kubectl(apply, deployment(1, 'registry.example/web:1'))],
    groups: [],
  },
  {
    name: 'deployment-apply-server-side-update',
    before: [kubectl(applyServerSide, deployment(1, 'registry.example/web:1'))],
    commands: [kubectl(applyServerSide, deployment(2, 'registry.example/web:2'))],
    groups: [2],
  },
  {
    name: 'deployment-apply-server-side-same',
    before: [kubectl(applyServerSide, deployment(1, 'registry.example/web:1'))],
    commands: [kubectl(applyServerSide, deployment(1, 'registry.example/web:1'))],
    groups: [2],
  },
  {
    name: 'deployment-replace',
    given: [deployment(1, 'registry.example/web:1')],
    commands: [kubectl(['replace', '-f', '-'], deployment(1, 'registry.example/web:2'))],
    groups: [2],
  },
  {
    name: 'deployment-apply-prune',
    before: [
      kubectl(apply, configMap({ name: 'keep', labels: { app: 'web' } }), configMap({ labels: { app: 'web' } })),
    ],
    commands: [
      kubectl(
        [...apply, '--prune', '-l', 'app=web', '--prune-allowlist=core/v1/ConfigMap'],
        configMap({ name: 'keep', labels: { app: 'web' } }),
      ),
    ],
    groups: [2],
  },
]
