import { describe, expect, test } from '@jest/globals'
import { betweenVotesAndAnswers, isWrite, readAudit } from '../../bench/audit.ts'
import type { Audited } from '../../bench/audit.ts'

const webhook = 'system:serviceaccount:countersign-system:countersign-webhook'
const operator = 'system:serviceaccount:countersign-system:countersign-operator'

describe('the audit log', () => {
  const event = {
    stage: 'ResponseComplete',
    verb: 'patch',
    user: { username: operator },
    objectRef: { resource: 'approvalrequests', subresource: 'status', name: 'apr-1' },
    requestReceivedTimestamp: '2026-03-01T10:20:00.001250Z',
    stageTimestamp: '2026-03-01T10:20:00.004500Z',
  }
  const line = (changes: object): string => `${JSON.stringify({ ...event, ...changes })}\n`

  test('is read to the microsecond', () => {
    const [call] = readAudit(line({}))
    expect(call).toMatchObject({ user: operator, verb: 'patch', resource: 'approvalrequests/status', name: 'apr-1' })
    expect(((call?.answered ?? 0) - (call?.received ?? 0)).toFixed(2)).toBe('3.25')
  })

  test('is told without watches, and without calls that go on', () => {
    const log = line({ verb: 'watch' }) + line({ stage: 'ResponseStarted' }) + line({ verb: 'create' })
    expect(readAudit(log).map(({ verb }) => verb)).toEqual(['create'])
  })

  test('may end in the middle of a line', () => {
    expect(readAudit(`${line({})}{"stage":"Respo`)).toHaveLength(1)
  })
})

describe('between a vote and the answer', () => {
  const call = (user: string, received: number, more: Partial<Audited> = {}): Audited => ({
    user,
    verb: 'patch',
    resource: 'approvalrequests/status',
    name: 'apr-1',
    received,
    answered: received + 2,
    ...more,
  })
  const vote = call('alice', 10, { verb: 'create', resource: 'approvalvotes', name: '' })
  const decision = call(operator, 11)
  const use = call(webhook, 14)
  const update = call('bot', 5, { resource: 'configmaps', name: 'waits', answered: 20 })
  const isAnswer = ({ user }: Audited): boolean => user === 'bot'

  test('lie the decision, the use and the call itself, for which the answer waits', () => {
    const [between] = betweenVotesAndAnswers([vote, decision, use, update], isAnswer)
    expect(between).toEqual({ awaited: [decision, use, update], beside: [] })
  })

  test('lies a read, if there is one', () => {
    const read = call(webhook, 13, { verb: 'get' })
    const [between] = betweenVotesAndAnswers([vote, decision, read, use, update], isAnswer)
    expect(between?.awaited.filter((one) => !isWrite(one))).toEqual([read])
  })

  test('lies beside them what comes after the use', () => {
    const note = call(operator, 16)
    expect(betweenVotesAndAnswers([vote, decision, use, note, update], isAnswer)).toMatchObject([{ beside: [note] }])
  })

  test.each([
    ['another request', { name: 'apr-2' }],
    ['something else', { resource: 'leases' }],
    ['an earlier moment', { received: 9 }],
    ['a later moment', { received: 21 }],
  ])('lies nothing of %s', (_, changes) => {
    const stranger = call(operator, 12, changes)
    const [between] = betweenVotesAndAnswers([vote, decision, stranger, use, update], isAnswer)
    expect(between).toEqual({ awaited: [decision, use, update], beside: [] })
  })

  test('lies nothing to tell while nobody was answered', () => {
    expect(betweenVotesAndAnswers([vote, decision, use], isAnswer)).toEqual([])
  })
})
