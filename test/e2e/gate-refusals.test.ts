import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { until } from '../until.ts'
import { agentCalls, clear, counted, createConfigMap, gateConfigMaps, heard, ourWords, policy } from './gate-probe.ts'
import { cases, noRequests, refused } from './gate-refusal-cases.ts'
import { startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate

jest.setTimeout(120_000)

const mostPending = 3

beforeAll(async () => {
  gate = await startGate({ config: { webhook: { holdSeconds: 1, patienceSeconds: 2, mostPending } } })
  await gate.admin(['annotate', 'serviceaccount', '-n', 'agents', 'bot', 'countersign.dev/owner=dana'])
  const dana = { name: 'dana', kubernetesUser: 'dana' }
  await gate.apply(
    {
      apiVersion: 'countersign.dev/v1alpha1',
      kind: 'ApproverGroup',
      metadata: { name: 'dba' },
      spec: { people: [dana] },
    },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'worker-1' } },
    policy('tokens', {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['*'], resources: ['serviceaccounts/token'], operations: ['CREATE'] },
        ],
      },
      effect: 'RequireApproval',
    }),
  )
  await gateConfigMaps(gate, {
    notes: { wait: { mode: 'Immediate' } },
    nobody: { approval: { stages: [{ name: 'dba', approverGroupRefs: [{ name: 'dba' }] }] } },
    broken: { matchConditions: [{ name: 'not-canary', expression: 'object.metadata.name != "canary"' }] },
    told: { approval: { justification: 'Required' } },
    watched: { effect: 'Warn' },
  })
})

beforeEach(async () => {
  await clear(gate)
})

afterAll(async () => {
  await gate.stop()
})

describe('what an agent reads when nobody is asked', () => {
  test.each(cases)('$reason', async ({ reason, args, input, calls = 1, raw, words }) => {
    const before = (await gate.requests()).length
    if (args !== undefined) {
      const told = await counted(gate, () => gate.agent(args, { input }))
      expect({ code: told.result.code, words: ourWords(told.result.stderr), calls: told.calls }).toEqual({
        code: 1,
        words,
        calls,
      })
    }
    const { code, body } = await agentCalls(gate, raw)
    expect({ code, reason: body.reason }).toEqual({ code: 403, reason })
    if (args === undefined) expect(ourWords(body.message ?? '')).toBe(words)
    expect(await gate.requests()).toHaveLength(before)
  })

  test('PolicyDenied on a dry run too', async () => {
    const { code, stderr } = await gate.agent(['label', 'node', 'worker-1', 'zone=a', '--dry-run=server'])
    expect(code).toBe(1)
    expect(ourWords(stderr)).toMatch(/^FORBIDDEN by policy no-node-changes: /)
  })

  test('ImpersonatedAgent, with a preview on a dry run', async () => {
    const as = ['--as=system:serviceaccount:agents:bot']
    const { code, stderr } = await gate.plane.kubectl([...createConfigMap('notes', 'as'), ...as])
    expect({ code, words: ourWords(stderr) }).toEqual({
      code: 1,
      words:
        'REFUSED: this call acts as agent agents/bot by impersonation (--as), so the record could not say who acts. Nothing ' +
        'was changed. To see what would happen, add --dry-run=server. To act as the agent, use its own token: kubectl ' +
        `create token -n agents bot. Agents: never use --as. ${refused('ImpersonatedAgent retry=never')}`,
    })
    const preview = await gate.plane.kubectl([...createConfigMap('notes', 'as'), ...as, '--dry-run=server'])
    expect(preview).toMatchObject({
      code: 0,
      stderr: 'Warning: countersign: DRY RUN; the real command waits for 1 approval from approvers (notes)\n',
    })
  })

  test('TooManyPending', async () => {
    for (let open = 0; open < mostPending; open += 1) await gate.agent(createConfigMap('notes', `many-${open}`))
    const { result, calls } = await counted(gate, () => gate.agent(createConfigMap('notes', 'one-more')))
    expect({ code: result.code, words: ourWords(result.stderr), calls }).toEqual({
      code: 1,
      calls: 1,
      words:
        'NOT ASKED: 3 of your requests wait for people already, the limit for agents/bot. Nothing was changed. See them: ' +
        'kubectl get -n countersign-system apr -l countersign.dev/agent=agents.bot . When some are decided, run the same ' +
        `command again. Do not loop. ${refused('TooManyPending retry=60s')}`,
    })
    const list = ['get', '-n', 'countersign-system', 'apr', '-l', 'countersign.dev/agent=agents.bot', '-o', 'name']
    expect((await gate.agent(list)).stdout.split('\n').length).toBeGreaterThan(mostPending)
  })
})

describe('what an agent reads when it is not refused', () => {
  test.each([
    [
      'a Warn policy',
      createConfigMap('watched', 'x'),
      'allowed; recorded by policy watched (Warn); no approval was needed',
    ],
    [
      'a dry run',
      [...createConfigMap('notes', 'x'), '--dry-run=server'],
      'DRY RUN; the real command waits for 1 approval from approvers (notes)',
    ],
    [
      'a dry run that has no hope',
      [...createConfigMap('nobody', 'x'), '--dry-run=server'],
      'DRY RUN; the real command would be refused: NoEligibleApprover (nobody)',
    ],
  ])('%s', async (_, args, words) => {
    const { code, stderr } = await gate.agent(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Warning: countersign: ${words}\n` })
  })

  test('nothing, when no policy concerns its command', async () => {
    expect(await gate.agent(createConfigMap('prod', 'free'))).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('what an agent reads when it is paused or the record is not to be had', () => {
  test('AgentPaused, by a vote of a person, until a person resumes it', async () => {
    await gate.agent(createConfigMap('notes', 'paused'))
    const [request] = await gate.waiting()
    if (request === undefined) throw new Error('nothing waits')
    await gate.vote('alice', 'Pause', { request, comment: 'deleting too much' })
    await heard(gate, createConfigMap('notes', 'other'), 'AgentPaused')
    const { result, calls } = await counted(gate, () => gate.agent(createConfigMap('notes', 'other')))
    expect({ code: result.code, words: ourWords(result.stderr), calls }).toEqual({
      code: 1,
      calls: 1,
      words:
        'PAUSED: alice paused agents/bot at HH:MMZ: "deleting too much". Nothing was changed, nobody was asked. Every ' +
        'action of yours that needs approval is refused until you are resumed. Stop working on the cluster and tell your ' +
        `user. ${refused('AgentPaused retry=never')}`,
    })
    const resume = ['patch', 'agid', '-n', 'countersign-system', 'agents.bot', '--type=json']
    await gate.admin([...resume, '-p', '[{"op":"remove","path":"/spec/paused"}]'])
    await heard(gate, createConfigMap('notes', 'other'), 'the real command waits for 1 approval')
  })

  test('RecordUnavailable while no request can be written', async () => {
    await gate.apply(...noRequests)
    const words =
      'NOT ASKED: the record of approvals cannot be written at the moment, and without a record nothing is asked and ' +
      'nothing passes. Nothing was changed; nobody said no. Run the same command again in a minute; after 10 min tell your ' +
      `user that countersign-system needs the platform team. ${refused('RecordUnavailable retry=60s')}`
    let round = 0
    let last = ''
    await until('the record cannot be written', async () => {
      round += 1
      last = ourWords((await gate.agent(createConfigMap('notes', `lost-${round}`))).stderr)
      await clear(gate)
      return last === words
    })
    await gate.admin(['delete', 'validatingadmissionpolicybinding', 'no-requests'])
  })
})
