import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ClaimOutcome } from '../../src/app/ports.ts'
import type { ApprovalRequestStatus, Claim, Grant } from '../../src/domain/kinds.ts'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import { transportLimits } from '../../src/kubernetes/transport.ts'
import type { Fault } from '../fake/api-server-faults.ts'
import { until } from '../until.ts'
import { failureOf } from './objects-rig.ts'
import { approval, condition, grantOf, makeClaim } from './requests-make.ts'
import { startRequestsRig } from './requests-rig.ts'
import type { RequestsRig } from './requests-rig.ts'

const mine = makeClaim('admission-1')
const { objectUID: _objectUID, ...pruned } = mine

let rig: RequestsRig

beforeEach(async () => {
  rig = await startRequestsRig()
  rig.store({ status: approval })
})

afterEach(() => rig.stop())

/** Claims on what is stored at first; `meanwhile` happens between the look and the claim. */
async function claim(meanwhile?: () => unknown, claimed: Claim = mine): Promise<ClaimOutcome> {
  const seen = grantOf(await rig.live())
  await meanwhile?.()
  return rig.webhook.claim(seen, claimed)
}

async function claims(): Promise<readonly Claim[]> {
  return (await rig.live()).status?.grant?.claims ?? []
}

function withGrant(grant: Partial<Grant>): ApprovalRequestStatus {
  return { ...approval, grant: { ...approval.grant, ...grant } }
}

describe('a claim', () => {
  test('is one patch and no read', async () => {
    expect(await claim()).toMatchObject({
      outcome: 'Claimed',
      tries: 1,
      request: { status: withGrant({ claims: [mine] }) },
    })
    expect(rig.asked()).toEqual(['patch N'])
    expect(rig.api.requests[0]).toMatchObject({ subresource: 'status' })
  })

  test('tells the server’s clock, by which the grant must not have expired', async () => {
    expect(await claim()).toMatchObject({ date: expect.any(Number) })
  })

  test('comes after those that were there', async () => {
    rig.setStatus(withGrant({ claims: [makeClaim('admission-0')], rearmed: 1 }))
    expect(await claim()).toMatchObject({ outcome: 'Claimed' })
    expect(await claims()).toEqual([makeClaim('admission-0'), mine])
  })

  test.each<[string, ApprovalRequestStatus]>([
    ['a card was sent', { ...approval, messages: [{ channel: 'c', ref: '1' }] }],
    [
      'a condition was added',
      { ...approval, conditions: [condition('Notified', 'True', 'Sent'), ...approval.conditions] },
    ],
    ['the surroundings were noted', { ...approval, context: { effects: ['one'] } }],
  ])('does not fail because %s meanwhile', async (_what, status) => {
    expect(await claim(() => rig.setStatus(status))).toMatchObject({ outcome: 'Claimed', tries: 1 })
  })
})

function removeAndMakeAgain(): void {
  rig.remove()
  rig.store({ status: approval })
}

describe('a claim is lost', () => {
  test.each<[string, ApprovalRequestStatus]>([
    ['another one claimed', withGrant({ claims: [makeClaim('admission-0')] })],
    ['the grant was re-armed', withGrant({ rearmed: 1 })],
    ['the grant was revoked', withGrant({ revoked: { by: 'Alice Kim', time: '2030-01-01T00:02:00Z' } })],
    ['the decision is another one', { ...approval, decision: 'Denied' }],
    ['the grant is gone', { decision: 'Approved' }],
    [
      'another replica claimed under the same admission uid',
      withGrant({ claims: [{ ...mine, time: '2030-01-01T00:03:00Z' }] }),
    ],
  ])('when %s, and what is live comes with it', async (_what, status) => {
    expect(await claim(() => rig.setStatus(status))).toMatchObject({ outcome: 'Lost', live: { request: { status } } })
    expect((await rig.live()).status).toEqual(status)
    expect(rig.asked()).toEqual(['patch N', 'get N'])
  })

  test('when the request is gone', async () => {
    expect(await claim(() => rig.remove())).toEqual({ outcome: 'Lost', live: undefined })
  })

  test('when the request was deleted and made again', async () => {
    expect(await claim(removeAndMakeAgain)).toEqual({ outcome: 'Lost', live: undefined })
    expect(await claims()).toEqual([])
  })

  test('when no try of five came through the crowd', async () => {
    rig.api.faults.next({ do: 'refuse', status: 409, reason: 'Conflict' }, { verb: 'patch' }, 5)
    expect(await claim()).toMatchObject({ outcome: 'Lost', live: { request: { status: approval } } })
    expect(await claims()).toEqual([])
  })
})

describe('a claim that is refused', () => {
  test('although nothing about the grant has changed is RecordUnavailable, and not tried again', async () => {
    rig.api.faults.next({ do: 'refuse', status: 422, reason: 'Invalid' }, { verb: 'patch' })
    expect(await claim()).toEqual({ outcome: 'RecordUnavailable' })
    expect(rig.asked()).toEqual(['patch N', 'get N'])
  })

  test('because of a conflict of versions is tried again', async () => {
    rig.api.faults.next({ do: 'refuse', status: 409, reason: 'Conflict' }, { verb: 'patch' }, 2)
    expect(await claim()).toMatchObject({ outcome: 'Claimed', tries: 3 })
  })

  test('by RBAC is an error at once', async () => {
    rig.api.faults.next({ do: 'refuse', status: 403, reason: 'Forbidden' }, { verb: 'patch' })
    expect(await failureOf(claim())).toMatchObject({ status: 403 })
    expect(rig.asked()).toEqual(['patch N'])
  })
})

describe('a claim whose answer is lost', () => {
  test.each<[string, Fault]>([
    ['the connection breaks', { do: 'resetAfter' }],
    ['the answer is cut off', { do: 'truncate' }],
    ['the answer says nothing of it', { do: 'lie', change: () => ({ kind: 'Status' }) }],
  ])('counts when it is found among the claims: %s', async (_what, fault) => {
    rig.api.faults.next(fault, { verb: 'patch' })
    expect(await claim()).toMatchObject({
      outcome: 'Claimed',
      tries: 1,
      request: { status: withGrant({ claims: [mine] }) },
    })
    expect(await claims()).toEqual([mine])
  })

  test('counts when no answer comes until the deadline', async () => {
    rig.api.faults.next({ do: 'hangAfter' }, { verb: 'patch' })
    const claiming = claim()
    await until('the claim is stored', () => rig.asked().includes('patch N'))
    await rig.clock.advance(transportLimits.deadlineMs)
    expect(await claiming).toMatchObject({ outcome: 'Claimed' })
  })

  test.each<[string, Fault]>([
    ['the connection breaks', { do: 'resetBefore' }],
    ['the server fails', { do: 'refuse', status: 500 }],
    ['the server is overloaded', { do: 'refuse', status: 504 }],
  ])('is sent again when it is not among them: %s', async (_what, fault) => {
    rig.api.faults.next(fault, { verb: 'patch' })
    expect(await claim()).toMatchObject({ outcome: 'Claimed', tries: 2 })
    expect(await claims()).toEqual([mine])
  })

  test('does not count when what is stored under its name is not what was sent', async () => {
    rig.api.faults.next({ do: 'refuse', status: 500 }, { verb: 'patch' })
    const outcome = await claim(() => rig.setStatus(withGrant({ claims: [{ ...mine, objectUID: 'other' }] })))
    expect(outcome).toMatchObject({ outcome: 'Lost' })
  })

  test('and that never gets one is the error, and no success', async () => {
    rig.api.faults.next({ do: 'refuse', status: 500 }, { verb: 'patch' }, 5)
    expect(await failureOf(claim())).toMatchObject({ status: 500, outcomeUnknown: true })
  })

  test('and cannot be looked for is an error, and no success', async () => {
    const claiming = claim(() => {
      rig.api.faults.next({ do: 'resetAfter' }, { verb: 'patch' })
      rig.api.faults.next({ do: 'refuse', status: 503 }, { verb: 'get' })
    })
    expect(await failureOf(claiming)).toBeInstanceOf(ApiError)
  })

  test('is not looked for any more once the caller has gone', async () => {
    const seen = grantOf(await rig.live())
    rig.api.faults.next({ do: 'hangAfter' }, { verb: 'patch' })
    const gone = new AbortController()
    const claiming = failureOf(rig.webhook.claim(seen, mine, gone.signal))
    await until('the claim is sent', () => rig.asked().includes('patch N'))
    gone.abort()
    expect(await claiming).toMatchObject({ reason: 'Canceled' })
  })
})

/** The claim is stored, and answered with this status, made of the one that is right. */
function answeredWith(status: (right: ApprovalRequestStatus) => unknown): Fault {
  return { do: 'lie', change: (answer) => ({ ...answer, status: status(withGrant({ claims: [mine] })) }) }
}

describe('a claim counts only when the answer contains it', () => {
  test.each<[string, Fault, readonly string[]]>([
    ['without it', answeredWith(() => approval), ['/status/grant/claims']],
    [
      'with another object',
      answeredWith(() => withGrant({ claims: [{ ...mine, objectUID: 'x' }] })),
      ['/status/grant/claims/0/objectUID'],
    ],
    [
      'with more than was sent',
      answeredWith(() => withGrant({ claims: [{ ...mine, generation: 4 }] })),
      ['/status/grant/claims/0/generation'],
    ],
    ['with a field pruned', answeredWith(() => withGrant({ claims: [pruned] })), ['/status/grant/claims/0/objectUID']],
    ['with another decision', answeredWith((sent) => ({ ...sent, decision: 'Denied' })), ['/status/decision']],
    [
      're-armed',
      answeredWith((sent) => ({ ...sent, grant: { ...sent.grant, rearmed: 1 } })),
      ['/status/grant/rearmed'],
    ],
    [
      'with a claim that nobody saw before',
      answeredWith(() => withGrant({ claims: [makeClaim('x'), mine] })),
      ['/status/grant/claims'],
    ],
  ])('%s: an alarm', async (_what, fault, paths) => {
    rig.api.faults.next(fault, { verb: 'patch' })
    expect(await failureOf(claim())).toMatchObject({ name: 'ResponseDiffers', paths })
  })
})

describe('many claim at once', () => {
  test('one gets it', async () => {
    const seen = grantOf(await rig.live())
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_value, index) => rig.webhook.claim(seen, makeClaim(`admission-${index}`))),
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'Claimed')).toHaveLength(1)
    expect(outcomes.filter(({ outcome }) => outcome === 'Lost')).toHaveLength(7)
    expect(await claims()).toHaveLength(1)
  })
})
