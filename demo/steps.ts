import { answered, requestNamed, requestsOf } from './asking.ts'
import { expectCode, expectText } from './expect.ts'
import { deployment } from './objects.ts'
import type { Scene } from './scene.ts'
import { tokenKubeconfig } from './scene.ts'
import type { Stage, Step } from './stage.ts'
import { teamsSteps } from './teams-steps.ts'

const inProd = ['-n', 'prod'] as const
const yes = ['--yes', '-m', 'seen and agreed']

export const steps: readonly Step[] = [
  { name: 'delete: held, approved, done', run: approve },
  { name: 'scale: denied, with the reason', run: deny },
  { name: 'set image: changes requested', run: askForChanges },
  { name: 'config map: nobody answers, it expires', run: expire },
  { name: 'exec: approved before it reaches the pod', run: exec },
  { name: 'dry run: shown what it would need', run: dryRun },
  { name: 'node: forbidden by policy, nobody asked', run: forbidden },
  { name: 'no agent: never asked, never delayed', run: untagged },
  ...teamsSteps,
  { name: 'Countersign stopped: agents stop, others go on', run: outage },
]

async function approve({ scene }: Stage): Promise<string> {
  const ended = await answered(scene, ['delete', 'deployment', 'web', ...inProd, '--wait=false'], {
    person: 'alice',
    answer: ['approve', ...yes],
  })
  expectCode(ended, 0)
  expectText(ended.stderr, 'approved by')
  return `deleted ${ended.seconds.toFixed(1)} s after Alice's answer`
}

async function deny({ scene }: Stage): Promise<string> {
  await scene.apply(deployment('api', { replicas: 2 }))
  const ended = await answered(scene, ['scale', 'deployment', 'api', ...inProd, '--replicas=0'], {
    person: 'bob',
    answer: ['deny', '--yes', '-m', 'not before the canary is green'],
  })
  expectCode(ended, 1)
  expectText(ended.stderr, 'DENIED by', 'not before the canary is green')
  return 'the agent reads who, why and what to do next'
}

async function askForChanges({ scene }: Stage): Promise<string> {
  const ended = await answered(
    scene,
    ['set', 'image', 'deployment/api', 'main=registry.example/api:latest', ...inProd],
    {
      person: 'alice',
      answer: ['changes', '--yes', '-m', 'pin the version'],
    },
  )
  expectCode(ended, 1)
  expectText(ended.stderr, 'CHANGES REQUESTED by', 'pin the version')
  return 'the agent is told what to change'
}

async function expire({ scene }: Stage): Promise<string> {
  await scene.apply({
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalPolicy',
    metadata: { name: 'config-maps' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['*'], resources: ['configmaps'], operations: ['CREATE'] }],
        namespaceSelector: { matchLabels: { env: 'prod' } },
      },
      effect: 'RequireApproval',
      approval: { expirationSeconds: 6 },
    },
  })
  const ended = await scene.agent(['create', 'configmap', 'settings', ...inProd, '--from-literal=mode=fast'])
  expectCode(ended, 1)
  expectText(ended.stderr, 'EXPIRED, not denied')
  return 'said to be unanswered, never called a denial'
}

async function exec({ scene }: Stage): Promise<string> {
  const ended = await answered(scene, ['exec', ...inProd, 'psql-0', '--', 'psql', '-c', 'select 1'], {
    person: 'alice',
    answer: ['approve', ...yes],
  })
  // There is no node here: the API server lets the call through and cannot connect it, and kubectl sends it once more.
  expectText(ended.stderr, 'USED: the approval of')
  const { status } = await requestNamed(scene, ended.request.metadata.name)
  if (status?.grant?.claims.length !== 1) throw new Error('the approval was not used exactly once')
  return 'let through exactly once; there is no node to run it'
}

async function dryRun({ scene }: Stage): Promise<string> {
  const before = (await requestsOf(scene)).length
  const ended = await scene.agent(['delete', 'deployment', 'api', ...inProd, '--dry-run=server'])
  expectCode(ended, 0)
  expectText(ended.stderr, 'DRY RUN; the real command waits for 1 approval from approvers')
  if ((await requestsOf(scene)).length !== before) throw new Error('a dry run opened a request')
  return 'passes, opens nothing, says what the real command needs'
}

async function forbidden({ scene }: Stage): Promise<string> {
  const ended = await scene.agent(['create', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'worker-1' } }),
  })
  expectCode(ended, 1)
  expectText(ended.stderr, 'FORBIDDEN by policy no-node-changes: "agents do not change nodes"')
  return 'refused at once'
}

async function untagged({ scene }: Stage): Promise<string> {
  const before = await webhookCalls(scene)
  const kubeconfig = await tokenKubeconfig(scene.plane, scene.admin, { namespace: 'agents', name: 'robot' })
  const ended = await scene.plane.kubectl(['delete', 'deployment', 'api', ...inProd, '--wait=false'], { kubeconfig })
  expectCode(ended, 0)
  const after = await webhookCalls(scene)
  if (after !== before) throw new Error(`the API server called the webhook ${after - before} times`)
  return 'by the API server’s own count: 0 calls to the webhook'
}

async function outage({ scene, countersign }: Stage): Promise<string> {
  await countersign.kill('SIGTERM')
  const agent = await scene.agent(['create', 'configmap', 'note', ...inProd, '--from-literal=a=b'])
  expectCode(agent, 1)
  expectText(agent.stderr, 'human-approval.countersign.dev', 'outage-not-a-denial')
  await scene.admin(['create', 'configmap', 'other', ...inProd, '--from-literal=a=b'])
  await countersign.start()
  return 'the refusal says outage, not denial; the administrator notices nothing'
}

/** How often the API server has called our webhook, by its own metric. */
async function webhookCalls({ admin }: Scene): Promise<number> {
  const metrics = await admin(['get', '--raw', '/metrics'])
  const lines = metrics
    .split('\n')
    .filter((line) => line.startsWith('apiserver_admission_webhook_request_total{') && line.includes('countersign'))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
