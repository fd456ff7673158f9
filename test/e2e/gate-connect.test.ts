import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { until } from '../until.ts'
import { approving, clear, counted, ourWords, outcomeOf } from './gate-probe.ts'
import { makeLab } from './gate-pods.ts'
import { startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate

jest.setTimeout(120_000)

beforeAll(async () => {
  gate = await startGate({ config: { webhook: { holdSeconds: 3, patienceSeconds: 4 } } })
  await makeLab(gate, 'worker-1')
})

afterAll(async () => {
  await gate.stop()
})

/** Nobody serves the node: an admitted call ends where the API server dials the kubelet. */
const dialled = /dial tcp 127\.0\.0\.1:1: connect: connection refused/

const exec = (...command: readonly string[]): readonly string[] => ['exec', '-n', 'lab', 'box', '--', ...command]

/** One request, used once, and nobody claims to know what the command did. */
async function usedOnce(name: string): Promise<void> {
  expect(await outcomeOf(gate, name)).toBe('Unobservable')
  const { status } = await gate.request(name)
  expect(status?.grant?.claims).toHaveLength(1)
  expect(status?.conditions?.find(({ type }) => type === 'Executed')).toMatchObject({ status: 'Unknown' })
}

describe('exec', () => {
  test('approved while it waits: it is connected, once', async () => {
    const { result, calls } = await counted(gate, () => gate.answered(exec('during'), 'Approve'))
    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(dialled) })
    expect(calls).toBe(1)
    await usedOnce(result.request.metadata.name)
  })

  test('approved after it was told to wait: the same command is connected at once, once', async () => {
    const before = (await gate.requests()).length
    const first = await counted(gate, () => gate.agent(exec('before')))
    expect(ourWords(first.result.stderr)).toMatch(/^WAITING, not denied: a person must approve "exec in Pod lab\/box"/)
    expect(first.calls).toBe(2)
    const [request] = await gate.waiting()
    if (request === undefined) throw new Error('nothing waits')
    await gate.vote('alice', 'Approve', { request })
    await gate.plane.kubectl([
      'wait',
      '-n',
      'countersign-system',
      `apr/${request.metadata.name}`,
      '--for=condition=Decided',
    ])
    const again = await counted(gate, () => gate.agent(exec('before')))
    expect(again).toMatchObject({ calls: 1, result: { code: 1, stderr: expect.stringMatching(dialled) } })
    await usedOnce(request.metadata.name)
    expect(await gate.requests()).toHaveLength(before + 1)
  })

  test('run again after it was connected: nobody is asked at once, and anew a moment later', async () => {
    const { request: first } = await gate.answered(exec('after'), 'Approve')
    let words = ourWords((await gate.agent(exec('after'))).stderr)
    expect(words).toMatch(/^USED: the approval of "exec in Pod lab\/box"/)
    await until('it is another request', async () => {
      words = ourWords((await gate.agent(exec('after'))).stderr)
      return !words.startsWith('USED')
    })
    expect(words).toMatch(/^WAITING, not denied/)
    const [request] = await gate.waiting()
    expect(request?.metadata.name).toBe(`${first.metadata.name}-2`)
    await usedOnce(first.metadata.name)
  })

  test('denied: the words once, though kubectl calls twice, and one request', async () => {
    await clear(gate)
    const before = (await gate.requests()).length
    const denying = gate.answered(exec('rm', '-rf', '/data'), 'Deny', { comment: 'that is the database' })
    const { result, calls } = await counted(gate, () => denying)
    expect(result.code).toBe(1)
    expect(ourWords(result.stderr)).toMatch(
      /^DENIED by alice at HH:MMZ: "that is the database"\. Action: exec in Pod lab\/box/,
    )
    expect(calls).toBeLessThanOrEqual(2)
    expect(await gate.requests()).toHaveLength(before + 1)
  })
})

describe('what else connects to a pod', () => {
  test.each([
    ['attach', ['attach', '-n', 'lab', 'box']],
    ['cp from a pod', ['cp', 'lab/box:/etc/motd', '/tmp/countersign-test-motd']],
  ])('%s is connected once', async (_, args) => {
    const { result, calls } = await counted(gate, () => gate.answered(args, 'Approve'))
    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(dialled) })
    expect(calls).toBe(1)
    await usedOnce(result.request.metadata.name)
  })

  test('port-forward is connected once, and the second try of kubectl asks nobody', async () => {
    const before = (await gate.requests()).length
    const forward = ['port-forward', '-n', 'lab', 'pod/box', ':80']
    const { result, calls } = await counted(gate, () => gate.answered(forward, 'Approve'))
    expect({ code: result.code, calls, words: ourWords(result.stderr) }).toEqual({
      code: 1,
      calls: 2,
      words:
        'USED: the approval of "port-forward to Pod lab/box" (policy lab) was used by this command at HH:MMZ, and it is ' +
        'good for one run. Nothing was run this time. If the command failed all the same, the cluster was the reason and ' +
        'not a person: kubectl sends a call that could not be connected a second time by itself, and this answers the ' +
        'second. Look what the first one did before you run it again, which asks again. [countersign v1 ' +
        'request=countersign-system/apr-NAME digest=DIGEST state=Refused reason=ApprovalUsed retry=user]',
    })
    await usedOnce(result.request.metadata.name)
    expect(await gate.requests()).toHaveLength(before + 1)
  })

  test('cp into a pod is two commands, each approved by itself and connected once', async () => {
    const copying = () => gate.agent(['cp', gate.plane.caFile, 'lab/box:/tmp/ca.crt'])
    const { result, calls } = await counted(gate, () => approving(gate, copying))
    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(dialled) })
    expect(calls).toBe(2)
    const commands = result.asked.map(({ spec }) => /command:\n +- (\w+)/.exec(spec.actions[0]?.diff.text ?? '')?.[1])
    expect(new Set(commands)).toEqual(new Set(['test', 'tar']))
    for (const { metadata } of result.asked) await usedOnce(metadata.name)
  })
})
