import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ApprovalRequest, NotedVote } from '../../src/domain/kinds.ts'
import { approval, asMasked, condition, denial, makeClaim, pending } from './requests-make.ts'
import { startRequestsRig } from './requests-rig.ts'
import type { RequestsRig } from './requests-rig.ts'

let rig: RequestsRig
beforeEach(async () => {
  rig = await startRequestsRig()
})
afterEach(() => rig.stop())

const revoked = { by: 'Bob Ray', time: '2030-01-01T00:03:00Z', comment: 'wrong cluster' }
const noted = (name: string, counted = true): NotedVote => ({
  name,
  uid: `uid-of-${name}`,
  person: 'Bob Ray',
  verdict: 'Revoke',
  time: '2030-01-01T00:03:00Z',
  counted,
})
const executed = (reason: string) => [condition('Executed', 'False', reason)]
const claimed = { ...approval, grant: { ...approval.grant, claims: [makeClaim('call-1')] } }

async function seenWith(status: NonNullable<ApprovalRequest['status']>): Promise<ApprovalRequest> {
  rig.store({ status })
  const seen = await rig.live()
  rig.api.requests.splice(0)
  return seen
}

describe('taking an approval back', () => {
  const revoke = (seen: ApprovalRequest) =>
    rig.operator.revoke(seen, revoked, asMasked({ votes: [noted('apv-1')], conditions: executed('Revoked') }))

  test('is one write together with what is noted of it', async () => {
    const seen = await seenWith(approval)
    expect(await revoke(seen)).toBe('Stored')
    const { status } = await rig.live()
    expect(status?.grant).toEqual({ ...approval.grant, revoked })
    expect(status?.votes).toEqual([noted('apv-1')])
    expect(status?.conditions).toEqual([...approval.conditions, ...executed('Revoked')])
    expect(rig.asked()).toEqual(['patch N'])
  })

  test('loses to a claim that came since it was seen', async () => {
    const seen = await seenWith(approval)
    rig.setStatus(claimed)
    expect(await revoke(seen)).toBe('Changed')
    expect((await rig.live()).status).toEqual(claimed)
  })

  test('does not even try when it is claimed as it was seen', async () => {
    expect(await revoke(await seenWith(claimed))).toBe('Changed')
    expect(rig.asked()).toEqual([])
  })

  test('and a claim at the same moment never both succeed', async () => {
    const seen = await seenWith(approval)
    const grant = { name: seen.metadata.name, uid: seen.metadata.uid ?? '', claims: [], rearmed: 0 }
    const [taken, used] = await Promise.all([revoke(seen), rig.webhook.claim(grant, makeClaim('call-1'))])
    expect([taken, used.outcome]).toEqual(taken === 'Stored' ? ['Stored', 'Lost'] : ['Changed', 'Claimed'])
  })

  test('is done when the answer is lost and it is found there', async () => {
    const seen = await seenWith(approval)
    rig.api.faults.next({ do: 'resetAfter' }, { verb: 'patch' })
    expect(await revoke(seen)).toBe('Stored')
  })

  test('does not take the place of what somebody else took back', async () => {
    const others = { ...approval, grant: { ...approval.grant, revoked: { ...revoked, by: 'Alice Kim' } } }
    expect(await revoke(await seenWith(others))).toBe('Changed')
  })
})

describe('giving a permission back', () => {
  const rearm = (seen: ApprovalRequest) => rig.operator.rearm(seen, asMasked({ conditions: executed('NotObserved') }))

  test('is one write together with what is said about it', async () => {
    expect(await rearm(await seenWith(claimed))).toBe('Stored')
    const { status } = await rig.live()
    expect(status?.grant).toEqual({ ...claimed.grant, rearmed: 1 })
    expect(status?.conditions).toEqual([...approval.conditions, ...executed('NotObserved')])
    expect(rig.asked()).toEqual(['patch N'])
  })

  test('is not done when there is another claim since it was seen', async () => {
    const seen = await seenWith(claimed)
    const twice = { ...claimed, grant: { ...claimed.grant, claims: [makeClaim('call-1'), makeClaim('call-2')] } }
    rig.setStatus(twice)
    expect(await rearm(seen)).toBe('Changed')
    expect((await rig.live()).status).toEqual(twice)
  })

  test('is done once by two at the same moment', async () => {
    const seen = await seenWith(claimed)
    expect(await Promise.all([rearm(seen), rearm(seen)])).toEqual(['Stored', 'Stored'])
    expect((await rig.live()).status?.grant?.rearmed).toBe(1)
  })
})

describe('a note of how the votes stand', () => {
  const note = (seen: ApprovalRequest) =>
    rig.operator.note(seen, asMasked({ progress: '1/2', votes: [noted('apv-1')] }))

  test('is not written over a decision that came meanwhile', async () => {
    const seen = await seenWith(pending)
    rig.setStatus(denial)
    expect(await note(seen)).toBe('AlreadyDecided')
    expect((await rig.live()).status).toEqual(denial)
  })

  test('leaves a vote that is noted as it was judged first', async () => {
    const seen = await seenWith({ ...pending, progress: '0/2', votes: [noted('apv-1', false)] })
    expect(await note(seen)).toBe('Stored')
    expect((await rig.live()).status).toMatchObject({ progress: '1/2', votes: [{ counted: false }] })
  })
})

describe('a decision', () => {
  test.each([
    ['that somebody has noted as refused meanwhile', false, 'Changed'],
    ['that somebody has noted as counted, too', true, 'Stored'],
  ] as const)('on a vote %s', async (_what, counted, outcome) => {
    const seen = await seenWith(pending)
    rig.setStatus({ ...pending, votes: [noted('apv-1', counted)] })
    rig.api.faults.next({ do: 'refuse', status: 422, reason: 'Invalid' }, { verb: 'patch' })
    expect(await rig.operator.decide(seen, asMasked({ ...approval, votes: [noted('apv-1')] }))).toBe(outcome)
    expect((await rig.live()).status?.decision).toBe(outcome === 'Stored' ? 'Approved' : undefined)
  })
})
