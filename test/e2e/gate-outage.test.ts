import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type { CommandResult } from '../../cluster/command.ts'
import { tokenKubeconfig } from '../../demo/scene.ts'
import { until } from '../until.ts'
import { counted, webhookCalls } from './gate-probe.ts'
import { startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate
let robotKubeconfig: string

jest.setTimeout(120_000)

beforeAll(async () => {
  gate = await startGate()
  robotKubeconfig = await tokenKubeconfig(gate.plane, gate.admin, { namespace: 'agents', name: 'robot' })
})

afterAll(async () => {
  await gate.stop()
})

function robot(args: readonly string[]): Promise<CommandResult> {
  return gate.plane.kubectl(args, { kubeconfig: robotKubeconfig })
}

function create(name: string): readonly string[] {
  return ['create', 'deployment', name, '-n', 'prod', '--image=registry.example/x:1', '--replicas=2']
}

async function rolledOut(name: string): Promise<void> {
  await until(`the controllers have made the pods of ${name}`, async () => {
    return (await gate.admin(['get', 'pods', '-n', 'prod', '-l', `app=${name}`, '-o', 'name'])).split('\n').length === 3
  })
}

describe('who is no agent', () => {
  test('never reaches the webhook: people, other service accounts, and the controllers that act for them', async () => {
    const { calls } = await counted(gate, async () => {
      await gate.admin(create('people'))
      await gate.admin(['label', 'deployment', '-n', 'prod', 'people', 'tier=gold'])
      expect(await robot(create('robots'))).toMatchObject({ code: 0, stderr: '' })
      await rolledOut('people')
      await rolledOut('robots')
      await gate.admin(['set', 'image', 'deployment/people', '-n', 'prod', 'x=registry.example/x:2'])
      await gate.admin(['delete', 'deployment', '-n', 'prod', 'robots'])
      await until('the controllers have removed the pods of robots', async () => {
        return (await gate.admin(['get', 'pods', '-n', 'prod', '-l', 'app=robots', '-o', 'name'])) === ''
      })
    })
    expect(calls).toBe(0)
  })

  test('an agent does reach it, once for a command that nothing gates', async () => {
    const { result, calls } = await counted(gate, () => gate.agent(['create', 'namespace', 'free']))
    expect({ result, calls }).toMatchObject({ result: { code: 0, stderr: '' }, calls: 1 })
  })
})

describe.each(['SIGTERM', 'SIGKILL'] as const)('while Countersign is away after %s', (signal) => {
  const name = signal.toLowerCase()

  beforeAll(async () => {
    await gate.countersign.kill(signal)
  })

  test.each([
    ['of what needs a person', create(`${name}-agent`)],
    ['of what needs nobody', ['create', 'configmap', `${name}-agent`, '-n', 'prod']],
  ])('a command of an agent is refused in words that say outage: %s', async (_, args) => {
    const { code, stderr } = await gate.agent(args)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /Internal error occurred: failed calling webhook "human-approval\.countersign\.dev": failed to call webhook: Post "https:\/\/127\.0\.0\.1:\d+\/outage-not-a-denial\/nobody-was-asked\/same-command-again-later\?timeout=30s"/,
    )
    expect(stderr).not.toMatch(/denied the request|WAITING|DENIED/)
  })

  test('reading is no matter', async () => {
    expect(await gate.agent(['get', 'deployments', '-n', 'prod'])).toMatchObject({ code: 0 })
  })

  test('everyone else goes on, and so do the controllers', async () => {
    await gate.admin(create(`${name}-people`))
    expect(await robot(create(`${name}-robots`))).toMatchObject({ code: 0, stderr: '' })
    await rolledOut(`${name}-people`)
    await rolledOut(`${name}-robots`)
  })

  test('started again, it works as before', async () => {
    await gate.countersign.start()
    const before = await webhookCalls(gate)
    const answered = await gate.answered(create(`${name}-agent`), 'Approve')
    expect(answered.code === 0 ? '' : answered.stderr).toBe('')
    expect(await webhookCalls(gate)).toBeGreaterThan(before)
    await rolledOut(`${name}-agent`)
  })
})

describe('a command that is held while the only replica is restarted', () => {
  test('ends in words that say outage or waits on, and its request is the one that is approved', async () => {
    const before = (await gate.requests()).length
    const command = gate.agent(create('held'))
    const [request] = await gate.waiting()
    if (request === undefined) throw new Error('nothing waits')
    await gate.countersign.kill('SIGTERM')
    await gate.countersign.start()
    const { code, stderr } = await command
    await gate.vote('alice', 'Approve', { request })
    expect(await gate.requests()).toHaveLength(before + 1)
    expect(`${code} ${stderr}`).toMatch(/WAITING, not denied|failed calling webhook|approved by alice/)
    const again = await gate.agent(create('held'))
    expect(again.code === 0 || again.stderr.includes('already exists') ? '' : again.stderr).toBe('')
    expect((await gate.request(request.metadata.name)).status?.grant?.claims).toHaveLength(1)
  })
})
