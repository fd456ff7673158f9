import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cooldownMs, nextStep } from '../../src/domain/attempt.ts'
import type { Judged, NextStep } from '../../src/domain/attempt.ts'
import type { DecisionRecord } from '../../src/domain/evidence.ts'
import { leaseMs } from '../../src/domain/grant.ts'
import type { Use } from '../../src/domain/grant.ts'
import type { ApprovalRequest, ApprovalRequestStatus, DecisionWord, Grant } from '../../src/domain/kinds.ts'
import {
  approvedStatus,
  at,
  claim,
  closedStatus,
  digest,
  digestLike,
  request,
  requestUID,
  time,
} from '../make-request.ts'
import { scaled } from '../scale.ts'

const name = 'apr-7k2m9q4xqz3wd8hf6tnc'
const snapshot = { name: 'workload-deletes', uid: 'policy-uid', generation: 4, hash: digestLike('e5f6') }
const cited = {
  action: 'delete Deployment prod/web',
  policy: snapshot.name,
  digest,
  namespace: 'countersign-system',
  name,
}

const use: Use = {
  admissionUID: 'call-2',
  repeatability: 'Delete',
  guard: undefined,
  liveUID: undefined,
  targetUID: 'target',
  leaseMs,
}

function record(decision: DecisionWord, changes: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    request: { name, uid: requestUID },
    digest,
    decision,
    decisionTime: time(at('10:24')),
    decidedBy: decision === 'Expired' ? undefined : 'Alice Kim',
    comment: undefined,
    grantExpirationTime: decision === 'Approved' ? time(at('10:44')) : undefined,
    policies: { 'workload-deletes': snapshot.hash },
    ...changes,
  }
}

type Asking = Partial<Omit<Judged, 'request'>> & { readonly now?: number }

function step(asked: ApprovalRequest, signed: DecisionRecord | undefined, changes: Asking = {}): NextStep {
  return nextStep({
    request: asked,
    record: signed,
    use,
    policies: [snapshot],
    cited,
    repeated: true,
    groups: 'platform-oncall',
    now: at('10:25:30'),
    ...changes,
  })
}

const approved = (grant: Partial<Grant> = {}): ApprovalRequest => request({ status: approvedStatus(grant) })
const closed = (
  decision: 'Denied' | 'ChangesRequested' | 'Expired',
  changes?: ApprovalRequestStatus,
): ApprovalRequest => request({ status: closedStatus(decision, changes) })

/** The step with the reason or the warning that goes with it. */
function said(next: NextStep): string {
  if (next.step === 'Refuse') return `${next.step} ${next.refusal.reason}`
  return next.step === 'Open' && next.warning !== undefined ? `${next.step}: ${next.warning}` : next.step
}

describe('what the newest attempt means for a call', () => {
  test('undecided: wait, also after the deadline, until the operator has said so', () => {
    expect(step(request(), undefined)).toEqual({ step: 'Wait' })
    expect(step(request(), undefined, { now: at('12:00') })).toEqual({ step: 'Wait' })
  })

  test.each<readonly [sentence: string, grant: Partial<Grant>, signed: DecisionRecord, changes: Asking, said: string]>([
    ['approved and unspent: claim', {}, record('Approved'), {}, 'Claim'],
    [
      'used, and covered by the claim: allow',
      { claims: [claim()] },
      record('Approved'),
      { use: { ...use, liveUID: 'target' } },
      'Allow',
    ],
    [
      'used to make an object that is there: refuse, since it may be gone by the time of a second write',
      { claims: [claim({ objectUID: 'made' })] },
      record('Approved'),
      { use: { ...use, repeatability: 'Create', liveUID: 'made' } },
      'Refuse ApprovalUsed',
    ],
    [
      'used, and the target is gone: ask again, and say why',
      { claims: [claim({ time: time(at('10:31')) })] },
      record('Approved'),
      {},
      `Open: countersign: approval ${name} was used at 10:31Z; this repeat is a new request`,
    ],
    [
      'somebody changed the target since the claim: the operator must look first',
      { claims: [claim({ generation: 1 })] },
      record('Approved'),
      { use: { ...use, repeatability: 'Update', guard: { generation: 2 } } },
      'Unsettled',
    ],
    [
      'lapsed: ask again, and say why',
      {},
      record('Approved'),
      { now: at('10:44:01') },
      `Open: countersign: approval ${name} by Alice Kim lapsed unused at 10:44Z; asking again`,
    ],
    [
      'what was approved until when is taken from the signed record, not from the status around it',
      { expirationTime: time(at('23:00')) },
      record('Approved'),
      { now: at('10:44:01') },
      `Open: countersign: approval ${name} by Alice Kim lapsed unused at 10:44Z; asking again`,
    ],
    [
      'approved under another version of a policy: ask again, and say why',
      {},
      record('Approved', { policies: { 'workload-deletes': 'another hash' } }),
      {},
      `Open: countersign: approval ${name} by Alice Kim was for other policies; asking again`,
    ],
    [
      'approved before a policy was made that asks now: ask again',
      {},
      record('Approved'),
      { policies: [snapshot, { ...snapshot, name: 'new' }] },
      `Open: countersign: approval ${name} by Alice Kim was for other policies; asking again`,
    ],
    [
      'approved when more policies asked than now: claim',
      {},
      record('Approved', { policies: { 'workload-deletes': snapshot.hash, gone: 'hash' } }),
      {},
      'Claim',
    ],
    [
      'a policy that is named like what every object inherits is not known',
      {},
      record('Approved'),
      { policies: [{ ...snapshot, name: 'constructor' }] },
      `Open: countersign: approval ${name} by Alice Kim was for other policies; asking again`,
    ],
    [
      'a repeat under a claim is covered, whatever policies say now: those that deny have answered before',
      { claims: [claim()] },
      record('Approved', { policies: {} }),
      { use: { ...use, liveUID: 'target' } },
      'Allow',
    ],
  ])('%s', (_sentence, grant, signed, changes, expected) => {
    expect(said(step(approved(grant), signed, changes))).toBe(expected)
  })
})

describe('a "no" answers the same action for ten minutes without asking again', () => {
  const last = at('10:24') + cooldownMs
  const revoked = { by: 'Alice Kim', time: time(at('10:26')), comment: 'wrong cluster, sorry' }

  test.each<readonly [sentence: string, asked: ApprovalRequest, signed: DecisionRecord, now: number, said: string]>([
    ['denied', closed('Denied'), record('Denied'), last, 'Refuse ApprovalDenied'],
    ['denied for more than that', closed('Denied'), record('Denied'), last + 1, 'Open'],
    ['changes requested', closed('ChangesRequested'), record('ChangesRequested'), last, 'Refuse ChangesRequested'],
    ['changes requested for more than that', closed('ChangesRequested'), record('ChangesRequested'), last + 1, 'Open'],
    ['a denial that was taken back', closed('Denied', { cooldownRevoked: revoked }), record('Denied'), last, 'Open'],
    [
      'an approval that was taken back',
      approved({ revoked }),
      record('Approved'),
      at('10:36'),
      'Refuse ApprovalRevoked',
    ],
    [
      'an approval that was taken back for more than that',
      approved({ revoked }),
      record('Approved'),
      at('10:36') + 1,
      'Open',
    ],
    [
      'a denial is as old as its signed record says, not the status around it',
      closed('Denied', { decisionTime: time(at('10:00')) }),
      record('Denied'),
      last,
      'Refuse ApprovalDenied',
    ],
    [
      'a taking back without a time proves nothing',
      approved({ revoked: { ...revoked, time: '' } }),
      record('Approved'),
      last,
      'Distrust',
    ],
  ])('%s', (_sentence, asked, signed, now, expected) => {
    expect(said(step(asked, signed, { now }))).toBe(expected)
  })

  test.each([
    [false, 'DENIED by Alice Kim at 10:24Z: "no". '],
    [true, 'ALREADY DENIED by Alice Kim at 10:24Z: "no". '],
  ])('the call that waited reads the denial, a later one that it repeats (repeated: %s)', (repeated, start) => {
    const next = step(closed('Denied'), record('Denied', { comment: 'no' }), { repeated })
    expect(next.step === 'Refuse' && next.refusal.message.startsWith(start)).toBe(true)
  })

  test('who decided is read from the signed record', () => {
    const next = step(closed('Denied', { decidedBy: 'Mallory' }), record('Denied'))
    expect(next.step === 'Refuse' ? next.refusal.message : '').toMatch(/^ALREADY DENIED by Alice Kim /)
  })
})

describe('nobody answered', () => {
  const expiredAt = (clock: string, ...before: readonly string[]): ApprovalRequest =>
    request({
      expirationTime: time(at(clock)),
      attempt: { number: before.length + 1, expiredTimes: before.map((other) => time(at(other))) },
      status: closedStatus('Expired'),
    })
  const signed = record('Expired')

  test.each<readonly [sentence: string, asked: ApprovalRequest, now: string, repeated: boolean, said: string]>([
    ['the next call asks again', expiredAt('10:35'), '10:36', true, 'Open'],
    ['the call that waited is told', expiredAt('10:35'), '10:36', false, 'Refuse ApprovalExpired'],
    ['after two within the hour the next call asks again', expiredAt('10:35', '10:20'), '10:36', true, 'Open'],
    ['after three it does not', expiredAt('10:35', '10:20', '10:05'), '10:36', true, 'Refuse ApprovalExpired'],
    [
      'until the first of them is an hour ago',
      expiredAt('10:35', '10:20', '10:05'),
      '11:04:59',
      true,
      'Refuse ApprovalExpired',
    ],
    ['then it does', expiredAt('10:35', '10:20', '10:05'), '11:05', true, 'Open'],
    ['older ones do not count', expiredAt('10:35', '09:20', '09:05'), '10:36', true, 'Open'],
    [
      'times that cannot be read do not count',
      request({ attempt: { number: 3, expiredTimes: ['x', 'y'] }, status: closedStatus('Expired') }),
      '10:36',
      true,
      'Open',
    ],
  ])('%s', (_sentence, asked, now, repeated, expected) => {
    expect(said(step(asked, signed, { now: at(now), repeated }))).toBe(expected)
  })

  test.each<readonly [string, ApprovalRequest, string]>([
    ['the first', expiredAt('10:35'), '(attempt 2 of 3 within an hour)'],
    ['the second', expiredAt('10:35', '10:20'), '(attempt 3 of 3 within an hour)'],
    [
      'the third',
      expiredAt('10:35', '10:20', '10:05'),
      'expired unanswered 3 times within an hour, so nobody is asked again before 11:05Z',
    ],
  ])('the call that waited for %s is told which attempt the next one is', (_which, asked, words) => {
    const next = step(asked, signed, { now: at('10:36'), repeated: false })
    expect(next.step === 'Refuse' ? next.refusal.message : '').toContain(words)
  })

  test('it is told from when until when nobody answered', () => {
    const next = step(expiredAt('10:35'), signed, { now: at('10:36'), repeated: false })
    expect(next.step === 'Refuse' ? next.refusal.message : '').toContain('between 10:20Z and 10:35Z')
  })
})

describe('what is stored is trusted only as far as it was signed', () => {
  const other = digestLike('ffff')

  test.each<readonly [sentence: string, asked: ApprovalRequest, signed: DecisionRecord | undefined]>([
    ['the signature does not hold', approved(), undefined],
    ['the record says another decision', approved(), record('Denied')],
    ['a denial was made an approval', approved(), record('Denied', { grantExpirationTime: time(at('10:44')) })],
    ['an approval was made a denial', closed('Denied'), record('Approved')],
    ['the record is that of another request', approved(), record('Approved', { request: { name, uid: 'another' } })],
    ['the record is for another content', approved(), record('Approved', { digest: other })],
    ['the grant was taken away', request({ status: { decision: 'Approved' } }), record('Approved')],
    ['the record gives no grant', approved(), record('Approved', { grantExpirationTime: undefined })],
  ])('%s: nothing is released and nobody is asked again', (_sentence, asked, signed) => {
    expect(step(asked, signed)).toEqual({ step: 'Distrust' })
  })

  test('an approval of another content is good for nothing, even under this name', () => {
    expect(step(approved(), record('Approved'), { cited: { ...cited, digest: other } })).toEqual({ step: 'Distrust' })
  })

  test('whatever the status says, only a record that fits lets a call through', () => {
    const words = fc.constantFrom<DecisionWord>('Approved', 'Denied', 'ChangesRequested', 'Expired')
    const records = fc.option(
      fc.record({
        decision: words,
        digest: fc.constantFrom(digest, other),
        uid: fc.constantFrom(requestUID, 'x'),
        until: fc.constantFrom(time(at('10:44')), time(at('10:25')), undefined),
      }),
      { nil: undefined },
    )
    const statuses = fc
      .tuple(words, fc.constantFrom<readonly Partial<Grant>[]>([{}], [{ claims: [claim()] }], [{ rearmed: 1 }]))
      .map(([decision, [grant = {}]]) => ({ ...approvedStatus(grant), decision }))
    fc.assert(
      fc.property(statuses, records, (status, made) => {
        const signed =
          made &&
          record(made.decision, {
            digest: made.digest,
            request: { name, uid: made.uid },
            grantExpirationTime: made.until,
          })
        const next = step(request({ status }), signed, { use: { ...use, liveUID: 'target' } })
        if (next.step !== 'Claim' && next.step !== 'Allow') return
        expect(signed).toMatchObject({ decision: 'Approved', digest, request: { uid: requestUID } })
        expect(status.decision).toBe('Approved')
        if (next.step === 'Claim') expect(signed?.grantExpirationTime).toBe(time(at('10:44')))
      }),
      { numRuns: scaled(500, 50_000) },
    )
  })
})

test('a claim is covered no longer than its lease, and then the action is asked for again', () => {
  const update: Use = { ...use, repeatability: 'Update', guard: { generation: 1 } }
  const claimed = approved({ claims: [claim({ generation: 1, time: time(at('10:25')) })] })
  const during = step(claimed, record('Approved'), { use: update, now: at('10:25') + leaseMs })
  const after = step(claimed, record('Approved'), { use: update, now: at('10:25') + leaseMs + 1 })
  expect([during.step, after.step]).toEqual(['Allow', 'Open'])
})

describe('an approval that was used', () => {
  const exec = {
    repeatability: 'Never',
    admissionUID: 'call-2',
    guard: undefined,
    liveUID: undefined,
    targetUID: 'pod',
    leaseMs,
  } as const
  const connect = request({
    actions: [{ ...firstAction(), operation: 'Connect' }],
    status: approvedStatus({ claims: [claim({ time: time(at('10:25:28')) })] }),
  })

  test('the second sending of a call that was just connected is told so, and nobody is asked', () => {
    expect(said(step(connect, record('Approved'), { use: exec, now: at('10:25:30') }))).toBe('Refuse ApprovalUsed')
  })

  test('some seconds later it is another run, and people are asked again', () => {
    expect(said(step(connect, record('Approved'), { use: exec, now: at('10:25:33') }))).toMatch(/^Open: /)
  })

  const update: Use = { ...use, repeatability: 'Update', guard: { generation: 2 } }
  const seenAs = (reason: string, seen: string): ApprovalRequest =>
    request({
      status: {
        ...approvedStatus({ claims: [claim({ generation: 1 })] }),
        conditions: [
          { type: 'Executed', status: 'False', reason, message: 'seen', lastTransitionTime: time(at(seen)) },
        ],
      },
    })

  test.each([
    ['once the operator has looked, it is used up', seenAs('NotObserved', '10:25:29'), /^Open: /],
    ['a look before the last claim says nothing about it', seenAs('NotObserved', '10:20'), /^Unsettled$/],
    ['that it was let through is not yet a look', seenAs('Released', '10:25:29'), /^Unsettled$/],
  ])('on an object that somebody has changed: %s', (_what, asked, expected) => {
    expect(said(step(asked, record('Approved'), { use: update }))).toMatch(expected)
  })
})

function firstAction() {
  const [action] = request().spec.actions
  if (action === undefined) throw new Error('a request has an action')
  return action
}
