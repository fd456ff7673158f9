import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { StatusNote } from '../../src/app/ports.ts'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import type { Fault } from '../fake/api-server-faults.ts'
import { failureOf } from './objects-rig.ts'
import { approval, asMasked, condition, denial, pending } from './requests-make.ts'
import { startRequestsRig } from './requests-rig.ts'
import type { RequestsRig } from './requests-rig.ts'

let rig: RequestsRig
let seen: ApprovalRequest

beforeEach(async () => {
  rig = await startRequestsRig()
  rig.store()
  seen = await rig.live()
})

afterEach(() => rig.stop())

/** The request as it is read again after somebody wrote this status. */
async function seenWith(status: StatusNote): Promise<ApprovalRequest> {
  rig.setStatus(status)
  return rig.live()
}

const decide = (on: ApprovalRequest): Promise<string> => rig.operator.decide(on, asMasked(approval))
const note = (on: ApprovalRequest, what: StatusNote): Promise<string> => rig.operator.note(on, asMasked(what))

const notified = condition('Notified', 'True', 'Sent')

describe('deciding', () => {
  test('is one write, the first one of the status included', async () => {
    expect(await decide(seen)).toBe('Stored')
    expect((await rig.live()).status).toEqual(approval)
    expect(rig.asked()).toEqual(['patch N'])
  })

  test('replaces the condition Decided in its place and leaves all else as it is', async () => {
    const before = { ...pending, messages: [{ channel: 'c', ref: '1' }], stages: [], progress: '0/1' }
    const now = await seenWith(before)
    expect(await decide(now)).toBe('Stored')
    const [decided, approved] = approval.conditions
    expect((await rig.live()).status).toEqual({
      ...before,
      ...approval,
      conditions: [decided, pending.conditions?.[1], approved],
    })
    expect(rig.asked()).toEqual(['patch N'])
  })

  test.each<[string, StatusNote]>([
    ['nothing', {}],
    ['the first note', pending],
    ['a condition before it', { conditions: [notified, ...(pending.conditions ?? [])] }],
  ])('when %s was written since it was seen, is done at the second try', async (_what, meanwhile) => {
    const now = await seenWith({ conditions: [condition('Decided', 'False', 'Undelivered')] })
    rig.setStatus(meanwhile)
    expect(await decide(now)).toBe('Stored')
    const { conditions = [], ...rest } = (await rig.live()).status ?? {}
    expect(rest).toEqual({ ...approval, conditions: undefined })
    const kept = (meanwhile.conditions ?? []).filter(({ type }) => type === 'Notified')
    expect(conditions).toHaveLength(2 + kept.length)
    expect(conditions).toEqual(expect.arrayContaining([...approval.conditions, ...kept]))
  })

  test.each([
    ['as it was seen', true],
    ['since it was seen', false],
  ])('is not done when it is decided already, %s', async (_what, fresh) => {
    rig.setStatus(denial)
    expect(await decide(fresh ? await rig.live() : seen)).toBe('AlreadyDecided')
    expect((await rig.live()).status).toEqual(denial)
    expect(rig.asked()).toEqual(fresh ? [] : ['patch N', 'get N'])
  })

  test('by two at the same moment is done by one', async () => {
    const now = await seenWith(pending)
    const outcomes = await Promise.all([decide(now), rig.operator.decide(now, asMasked(denial))])
    expect(outcomes.toSorted()).toEqual(['AlreadyDecided', 'Stored'])
    const { status } = await rig.live()
    expect(status?.record).toEqual(outcomes[0] === 'Stored' ? approval.record : denial.record)
    expect(status?.decision).toBe(outcomes[0] === 'Stored' ? 'Approved' : 'Denied')
  })

  test.each<[string, Fault]>([
    ['lost', { do: 'resetAfter' }],
    ['cut off', { do: 'truncate' }],
  ])('is done when the answer is %s and the record found is our own', async (_what, fault) => {
    rig.api.faults.next(fault, { verb: 'patch' })
    expect(await decide(seen)).toBe('Stored')
    expect(rig.asked()).toEqual(['patch N', 'get N'])
  })

  test('is done again when the answer is lost and nothing is decided', async () => {
    rig.api.faults.next({ do: 'refuse', status: 500 }, { verb: 'patch' })
    expect(await decide(seen)).toBe('Stored')
    expect(rig.asked()).toEqual(['patch N', 'get N', 'patch N'])
  })

  test('is Invalid when the server refuses it although it fits what is stored', async () => {
    rig.api.faults.next({ do: 'refuse', status: 422, reason: 'Invalid' }, { verb: 'patch' })
    expect(await decide(seen)).toBe('Invalid')
    expect((await rig.live()).status).toBeUndefined()
  })

  test.each<[string, () => void]>([
    ['gone', () => rig.remove()],
    [
      'another one of the same name',
      () => {
        rig.remove()
        rig.store()
      },
    ],
  ])('is NotFound when the request is %s', async (_what, meanwhile) => {
    meanwhile()
    expect(await decide(seen)).toBe('NotFound')
  })

  test.each(['decision', 'record', 'grant', 'conditions'] as const)(
    'is an alarm when the answer has another %s',
    async (field) => {
      const other = field === 'decision' ? 'Denied' : field === 'conditions' ? [] : { keyID: 'x' }
      rig.api.faults.next({ do: 'lie', change: (answer) => ({ ...answer, status: { ...approval, [field]: other } }) })
      const failure = await failureOf(decide(seen))
      expect(failure).toMatchObject({ name: 'ResponseDiffers' })
      expect(String(failure)).toContain(`/status/${field}`)
    },
  )
})

describe('noting', () => {
  const card = { channel: 'teams', ref: '1', rendered: 'a' }

  test('what is there already is no write', async () => {
    const now = await seenWith({ ...pending, messages: [card], progress: '0/1' })
    rig.api.requests.length = 0
    expect(await note(now, { ...pending, messages: [card], progress: '0/1' })).toBe('Stored')
    expect(rig.asked()).toEqual([])
  })

  test('the first time makes the status', async () => {
    expect(await note(seen, pending)).toBe('Stored')
    expect((await rig.live()).status).toEqual(pending)
  })

  test('adds what is new and takes the place of what has the same key', async () => {
    const other = { channel: 'slack', ref: '1', rendered: 'a' }
    const now = await seenWith({ ...pending, messages: [other, card], latestAttempt: 'x' })
    const redrawn = { ...card, rendered: 'b' }
    const more = { channel: 'teams', ref: '2' }
    expect(await note(now, { conditions: [notified], messages: [redrawn, more], context: { effects: ['e'] } })).toBe(
      'Stored',
    )
    expect((await rig.live()).status).toEqual({
      conditions: [pending.conditions?.[0], notified],
      messages: [other, redrawn, more],
      context: { effects: ['e'] },
      latestAttempt: 'x',
    })
    expect(rig.asked()).toEqual(['patch N'])
  })

  test('by two at the same moment keeps both', async () => {
    const now = await seenWith({ ...pending, messages: [] })
    const cards = [card, { channel: 'slack', ref: '9' }]
    const outcomes = await Promise.all(cards.map((one) => note(now, { messages: [one] })))
    expect(outcomes).toEqual(['Stored', 'Stored'])
    expect((await rig.live()).status?.messages).toEqual(expect.arrayContaining(cards))
  })

  test('never takes back a decision that came meanwhile', async () => {
    const now = await seenWith(pending)
    rig.setStatus({ ...approval, conditions: [approval.conditions[1], notified, approval.conditions[0]] })
    expect(await note(now, { conditions: [condition('Notified', 'True', 'SentAgain')] })).toBe('Stored')
    expect((await rig.live()).status).toEqual({
      ...approval,
      conditions: [approval.conditions[1], condition('Notified', 'True', 'SentAgain'), approval.conditions[0]],
    })
  })

  test('is done when the answer is lost and it is found there', async () => {
    rig.api.faults.next({ do: 'resetAfter' }, { verb: 'patch' })
    expect(await note(seen, pending)).toBe('Stored')
    expect(rig.asked()).toEqual(['patch N', 'get N'])
  })

  test('gives up when it is crowded out five times', async () => {
    rig.api.faults.next({ do: 'refuse', status: 409, reason: 'Conflict' }, { verb: 'patch' }, 5)
    expect(await note(seen, pending)).toBe('Busy')
  })
})
