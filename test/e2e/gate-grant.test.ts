import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { ApprovalRequest, Claim } from '../../src/domain/kinds.ts'
import { until } from '../until.ts'
import {
  agentCalls,
  clear,
  createConfigMap,
  decided,
  gateConfigMaps,
  heard,
  ourWords,
  policy,
  settledText,
} from './gate-probe.ts'
import { startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate

jest.setTimeout(120_000)

/** Commands of the agent are told at once to come back, so that an approval can be there before the command. */
const atOnce = { wait: { mode: 'Immediate' } }

beforeAll(async () => {
  gate = await startGate({ config: { webhook: { holdSeconds: 8, patienceSeconds: 12 } } })
  await gateConfigMaps(gate, {
    now: atOnce,
    short: { ...atOnce, grantSeconds: 1 },
    held: {},
    brief: { approval: { expirationSeconds: 1 } },
  })
})

beforeEach(async () => {
  await clear(gate)
})

afterAll(async () => {
  await gate.stop()
})

/** Runs the command, which is refused, and approves what it asked for. */
async function approved(args: readonly string[]): Promise<ApprovalRequest> {
  expect(await gate.agent(args)).toMatchObject({ code: 1 })
  const [request] = await gate.waiting()
  if (request === undefined) throw new Error('nothing waits')
  await gate.vote('alice', 'Approve', { request })
  expect(await decided(gate, request.metadata.name)).toBe('Approved')
  return request
}

async function claims(request: ApprovalRequest): Promise<readonly Claim[] | undefined> {
  return (await gate.request(request.metadata.name)).status?.grant?.claims
}

function warningsOf(stderr: string): readonly string[] {
  const lines = settledText(stderr).split('\n')
  return lines.filter((line) => line.startsWith('Warning: ')).map((line) => line.slice('Warning: countersign: '.length))
}

const waits = (name: string): string => `waiting for a person; request ${name} in namespace countersign-system`

describe('an approval is good for what was approved', () => {
  test('content changed by one field is another request, and the approval stays unused until its own command comes', async () => {
    const command = (value: string): readonly string[] => [
      'create',
      'configmap',
      'field',
      '-n',
      'now',
      `--from-literal=a=${value}`,
    ]
    const request = await approved(command('1'))
    const changed = await gate.agent(command('2'))
    expect({ code: changed.code, words: ourWords(changed.stderr) }).toMatchObject({
      code: 1,
      words: expect.stringMatching(/^WAITING, not denied/),
    })
    const open = await gate.waiting()
    expect(open.map(({ metadata }) => metadata.name)).not.toContain(request.metadata.name)
    expect(await claims(request)).toEqual([])
    expect(await gate.agent(command('1'))).toMatchObject({ code: 0 })
    expect(await claims(request)).toHaveLength(1)
  })

  test('a policy that has come to deny the action is obeyed', async () => {
    const command = createConfigMap('now', 'frozen')
    const request = await approved(command)
    const matchConstraints = {
      resourceRules: [{ apiGroups: [''], apiVersions: ['*'], resources: ['configmaps'], operations: ['CREATE'] }],
      namespaceSelector: { matchLabels: { case: 'now' } },
    }
    await gate.apply(policy('freeze', { matchConstraints, effect: 'Deny' }))
    await heard(gate, command, 'FORBIDDEN by policy freeze')
    const { code, stderr } = await gate.agent(command)
    expect({ code, words: ourWords(stderr) }).toMatchObject({
      code: 1,
      words: expect.stringMatching(/^FORBIDDEN by policy freeze\. Action: create ConfigMap now\/frozen\./),
    })
    expect(await claims(request)).toEqual([])
    await gate.admin(['delete', 'apol', 'freeze'])
    await heard(gate, command, 'the real command waits')
    expect(await gate.agent(command)).toMatchObject({ code: 0 })
    expect(await claims(request)).toHaveLength(1)
  })

  test('under a policy that says something else people are asked again, and the agent is told why', async () => {
    const command = createConfigMap('now', 'other')
    const request = await approved(command)
    const spec = { approval: { stages: [{ name: 'two', quorum: 2, approverGroupRefs: [{ name: 'approvers' }] }] } }
    await gate.admin(['patch', 'apol', 'now', '--type=merge', '-p', JSON.stringify({ spec })])
    await heard(gate, command, 'the real command waits for 2 approvals')
    const { code, stderr } = await gate.agent(command)
    expect(code).toBe(1)
    expect(warningsOf(stderr)).toEqual([
      'approval apr-NAME by alice was for other policies; asking again',
      waits('apr-NAME-2'),
    ])
    expect(await gate.waiting()).toMatchObject([
      { metadata: { name: `${request.metadata.name}-2` }, spec: { requirements: { stages: [{ quorum: 2 }] } } },
    ])
    expect(await claims(request)).toEqual([])
  })

  test('after it lapsed people are asked again, and the agent is told why', async () => {
    const command = createConfigMap('short', 'lapsed')
    const request = await approved(command)
    await until('the approval is over', async () => {
      const { status } = await gate.request(request.metadata.name)
      return Date.parse(status?.grant?.expirationTime ?? '') + 1000 < Date.now()
    })
    const { code, stderr } = await gate.agent(command)
    expect({ code, warnings: warningsOf(stderr) }).toEqual({
      code: 1,
      warnings: ['approval apr-NAME by alice lapsed unused at HH:MMZ; asking again', waits('apr-NAME-2')],
    })
    expect(await claims(request)).toEqual([])
  })

  test('after it was used the repeat is another request, and the agent is told so', async () => {
    const command = createConfigMap('held', 'used')
    const { request } = await gate.answered(command, 'Approve')
    await gate.admin(['delete', 'configmap', '-n', 'held', 'used'])
    const { code, stderr } = await gate.answered(command, 'Approve', { comment: 'ok, once more' })
    expect({ code, warnings: warningsOf(stderr) }).toEqual({
      code: 0,
      warnings: [
        'approval apr-NAME was used at HH:MMZ; this repeat is a new request',
        'approved by alice at HH:MMZ, used up by this command (apr-NAME-2)',
        'alice wrote: "ok, once more"',
      ],
    })
    expect(await claims(request)).toHaveLength(1)
  })

  test('what was judged under other policies while it waited is judged again by the next call', async () => {
    const exec = { method: 'POST', path: '/api/v1/namespaces/prod/pods/psql-0/exec?command=id&stdout=true' }
    const held = agentCalls(gate, exec)
    const [request] = await gate.waiting()
    if (request === undefined) throw new Error('nothing waits')
    await gate.apply(policy('elsewhere', nowhere))
    await heard(gate, ['create', 'serviceaccount', 'x', '-n', 'prod'], 'the real command waits')
    await gate.vote('alice', 'Approve', { request })
    const { code, body } = await held
    expect({ code, reason: body.reason, words: ourWords(body.message ?? '') }).toEqual({
      code: 403,
      reason: 'ApprovalReady',
      words:
        'APPROVED, not yet used: run the SAME command again now, before HH:MMZ. Action: exec in Pod prod/psql-0 (policy ' +
        'exec). Nothing was changed yet. [countersign v1 state=Approved request=countersign-system/apr-NAME digest=DIGEST ' +
        'retry=1s]',
    })
    expect(await claims(request)).toEqual([])
    await agentCalls(gate, exec)
    expect(await claims(request)).toHaveLength(1)
  })
})

describe('when nobody answers', () => {
  test('expired, and not asked any more after three times', async () => {
    const expired = (attempt: number, name: string): string =>
      'EXPIRED, not denied: nobody answered "create ConfigMap brief/unseen" (policy brief) between HH:MMZ and HH:MMZ. ' +
      'Nothing was changed. Tell your user that approvers did not answer. If it is still wanted, the same command asks ' +
      `again (attempt ${attempt} of 3 within an hour). ` +
      trailer(`request=countersign-system/${name} digest=DIGEST state=Expired retry=user`)
    const spent =
      'NOT ASKED: "create ConfigMap brief/unseen" expired unanswered 3 times within an hour, so nobody is asked again ' +
      'before HH:MMZ. Nothing was changed, nobody said no. Do not retry before then; tell your user to reach approvers in ' +
      `person. ${trailer('state=Expired retry=HH:MMZ')}`
    const words: string[] = []
    for (let run = 0; run < 4; run += 1)
      words.push(ourWords((await gate.agent(createConfigMap('brief', 'unseen'))).stderr))
    const all = [expired(2, 'apr-NAME'), expired(3, 'apr-NAME-2'), spent, spent]
    expect(words).toEqual(all)
    const asked = (await gate.requests()).filter(({ spec }) => spec.summary === 'create ConfigMap brief/unseen')
    expect(asked).toHaveLength(3)
  })
})

/** The end of a message, for programs. */
function trailer(fields: string): string {
  return `[countersign v1 ${fields}]`
}

/** Concerns what nobody does here, and nothing of what is asked. */
const nowhere = {
  matchConstraints: {
    resourceRules: [{ apiGroups: [''], apiVersions: ['*'], resources: ['serviceaccounts'], operations: ['CREATE'] }],
  },
  effect: 'RequireApproval',
}
