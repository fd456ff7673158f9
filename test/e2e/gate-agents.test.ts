import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tokenKubeconfig } from '../../demo/scene.ts'
import { identityName } from '../../src/domain/agent-name.ts'
import { until } from '../until.ts'
import { gated, shortTimes, startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate
let swarm: string

beforeAll(async () => {
  gate = await startGate({ config: { ...shortTimes, agents: { users: ['dana'] } } })
  await gate.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'swarm', labels: { 'countersign.dev/agent': 'true' } } },
    binding('swarm', { kind: 'Group', name: 'system:serviceaccounts:swarm' }),
    binding('dana', { kind: 'User', name: 'dana' }),
  )
  await until('the namespace has its account', async () => {
    const { code } = await gate.plane.kubectl(['get', 'sa', '-n', 'swarm', 'default'])
    return code === 0
  })
  swarm = await tokenKubeconfig(gate.plane, gate.admin, { namespace: 'swarm', name: 'default' })
  await gated(gate, 'namespace.swarm')
  await gated(gate, identityName({ user: 'dana' }))
}, 120_000)

afterAll(async () => {
  await gate.stop()
}, 30_000)

function binding(name: string, subject: object): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', ...subject }],
  }
}

const scale = (replicas: number): readonly string[] => [
  'scale',
  'deployment',
  'web',
  '-n',
  'prod',
  `--replicas=${replicas}`,
]

describe('who is an agent', () => {
  test.each<readonly [who: string, config: () => string, replicas: number, label: string]>([
    ['a service account of a namespace that is tagged', () => swarm, 5, 'swarm.default'],
    ['a user whom the configuration names', () => gate.plane.user('dana').kubeconfig, 6, 'dana'],
  ])(
    '%s waits for a person as well',
    async (_who, config, replicas, label) => {
      const command = gate.plane.kubectl(scale(replicas), { kubeconfig: config(), timeoutMs: 120_000 })
      const [request] = await gate.waiting(1)
      if (request === undefined) throw new Error('nothing waits')
      expect(request.metadata.labels?.['countersign.dev/agent']).toBe(label)
      await gate.vote('alice', 'Approve', { request })
      expect(await command).toMatchObject({ code: 0 })
    },
    120_000,
  )

  test('a user who is an agent may not answer, whatever group lists him', async () => {
    await gate.admin([
      'patch',
      'apg',
      'approvers',
      '--type=json',
      '-p=[{"op":"add","path":"/spec/people/-","value":{"name":"dana","kubernetesUser":"dana"}}]',
    ])
    const command = gate.agent(scale(7))
    const [request] = await gate.waiting(1)
    if (request === undefined) throw new Error('nothing waits')
    const refused = await gate.vote('dana', 'Approve', { request }).then(
      () => 'taken',
      (error: unknown) => String(error),
    )
    // Whether an admission policy keeps the vote off or the operator judges it: it does not count, and that is written down.
    const judged = async (): Promise<boolean> => {
      const { status } = await gate.request(request.metadata.name)
      return refused !== 'taken' || status?.votes?.some(({ refusal }) => refusal === 'AgentMayNotVote') === true
    }
    await until('the vote is refused', judged)
    await gate.vote('alice', 'Deny', { request, comment: 'no' })
    expect(await command).toMatchObject({ code: 1 })
  }, 120_000)

  test('pausing a tagged namespace pauses every account in it', async () => {
    const pause = { spec: { paused: { by: 'carol', reason: 'too many deletes', time: '2026-01-01T10:40:00Z' } } }
    await gate.admin([
      'patch',
      'agid',
      '-n',
      'countersign-system',
      'namespace.swarm',
      '--type=merge',
      '-p',
      JSON.stringify(pause),
    ])
    const paused = async (): Promise<string> => {
      const { stderr } = await gate.plane.kubectl([...scale(1), '--dry-run=server'], { kubeconfig: swarm })
      return stderr
    }
    await until('it holds', async () => (await paused()).includes('AgentPaused'))
    const { code, stderr } = await gate.plane.kubectl(scale(1), { kubeconfig: swarm, timeoutMs: 60_000 })
    expect(code).toBe(1)
    expect(stderr).toContain('PAUSED: carol paused swarm/default at 10:40Z: "too many deletes"')
  }, 120_000)
})
