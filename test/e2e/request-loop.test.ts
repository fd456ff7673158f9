import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { readDecisionRecord } from '../../src/domain/decision-record.ts'
import { verifyRecord } from '../../src/tokens/verify.ts'
import { makeAccounts, records, startInstalled } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'
import {
  ask,
  bindApprovers,
  isDecided,
  ours,
  read,
  startLoop,
  untilRequest,
  verifying,
  vote,
} from './request-loop-rig.ts'
import type { Loop } from './request-loop-rig.ts'

jest.setTimeout(60_000)

let stage: Stage
let loop: Loop
beforeAll(async () => {
  stage = await startInstalled(process.env, {
    users: ['alice', 'bob', 'carol', 'robot'].map((name) => ({ name, groups: ['approvers'] })),
  })
  await bindApprovers(stage, ['alice', 'bob', 'robot'], ['carol'])
  await makeAccounts(stage, ['agents/bot'])
  loop = await startLoop(stage, 'operator-a')
}, 60_000)
afterAll(async () => {
  await loop.stop()
  await stage.stop()
}, 60_000)

describe('the request loop on a real API server', () => {
  test('says first that nobody has decided', async () => {
    await ask(stage, 'apr-first')
    const pending = await untilRequest(stage, 'apr-first', ({ status }) => status?.conditions !== undefined)
    expect(pending.status).toMatchObject({
      progress: '0/1',
      conditions: [{ type: 'Decided', status: 'False', reason: 'Pending' }],
    })
  })

  test('stores an approval together with a record that verifies, and emits one line of evidence', async () => {
    const of = await ask(stage, 'apr-approved')
    await vote(stage, 'alice', { of, says: 'Approve', comment: 'go' })
    const { status } = await untilRequest(stage, 'apr-approved', isDecided)
    expect(status).toMatchObject({
      decision: 'Approved',
      decidedBy: 'alice',
      progress: '1/1',
      grant: { claims: [], rearmed: 0 },
      votes: [{ person: 'alice', counted: true }],
    })
    if (status?.record === undefined) throw new Error('no record')
    const verified = await verifyRecord(verifying, status.record)
    if ('fault' in verified) throw new Error(verified.fault)
    expect(readDecisionRecord(verified.payload)).toMatchObject({
      decision: 'Approved',
      request: { name: 'apr-approved', uid: of.metadata.uid },
      grantExpirationTime: status.grant?.expirationTime,
    })
    await until('the evidence is told', () => loop.evidence.some((line) => line.includes('apr-approved')))
  })

  test('denies with the words of the person', async () => {
    const of = await ask(stage, 'apr-denied')
    await vote(stage, 'bob', { of, says: 'Deny', comment: 'not on a Friday' })
    const { status } = await untilRequest(stage, 'apr-denied', isDecided)
    expect(status?.decision).toBe('Denied')
    expect(JSON.stringify(status?.conditions)).toContain('not on a Friday')
  })

  test('needs two persons where the quorum is two, and counts nobody twice', async () => {
    const of = await ask(stage, 'apr-two', { quorum: 2 })
    await vote(stage, 'alice', { of, says: 'Approve' })
    await vote(stage, 'alice', { of, says: 'Approve' })
    const half = await untilRequest(stage, 'apr-two', ({ status }) => status?.votes?.length === 2)
    expect(half.status).toMatchObject({ progress: '1/2', votes: [{ counted: true }, { refusal: 'SamePersonTwice' }] })
    await vote(stage, 'bob', { of, says: 'Approve' })
    const { status } = await untilRequest(stage, 'apr-two', isDecided)
    expect(status).toMatchObject({ decision: 'Approved', progress: '2/2' })
    expect(status?.decidedBy?.split(', ').toSorted()).toEqual(['alice', 'bob'])
  })

  test('expires when nobody answers, and calls it no denial', async () => {
    await ask(stage, 'apr-expired', { openSeconds: 1 })
    const { status } = await untilRequest(stage, 'apr-expired', isDecided)
    expect(status).toMatchObject({ decision: 'Expired', basis: 'Deadline' })
    expect(status?.decidedBy).toBeUndefined()
  })

  test.each([
    ['too late', 'apr-denied', 'Approve', {}, 'AlreadyDecided'],
    ['on an expired request', 'apr-expired', 'Approve', {}, 'AlreadyDecided'],
    ['for another content', 'apr-first', 'Approve', { digest: `sha256:${'f'.repeat(64)}` }, 'OtherContent'],
    ['for another request of that name', 'apr-first', 'Approve', { uid: 'another' }, 'OtherRequest'],
  ] as const)('notes a vote %s with why it did not count', async (...[, name, says, ballot, refusal]) => {
    const of = await read(stage, name)
    await vote(stage, 'alice', { of, says, ...ballot })
    const { status } = await untilRequest(stage, name, (live) =>
      (live.status?.votes ?? []).some((one) => one.refusal === refusal),
    )
    expect(status?.decision).toBe(of.status?.decision)
  })

  test.each([
    ['somebody outside of the group', 'carol', {}, 'NotInGroup'],
    ['an agent that is a user', 'robot', {}, 'AgentMayNotVote'],
    ['the owner of the agent', 'alice', { owner: 'alice' }, 'OwnerMayNotVote'],
    ['the one for whom the agent works', 'alice', { onBehalfOf: 'alice' }, 'OnBehalfOfMayNotVote'],
    ['the requester', 'bob', { username: 'bob' }, 'RequesterMayNotVote'],
  ] as const)(
    'refuses the approval of %s by name, and then takes that of another',
    async (...[, who, requester, refusal]) => {
      const name = `apr-${refusal.toLowerCase()}`
      const of = await ask(stage, name, { requester })
      await vote(stage, who, { of, says: 'Approve' })
      const refused = await untilRequest(stage, name, ({ status }) => status?.votes?.length === 1)
      expect(refused.status).toMatchObject({ votes: [{ counted: false, refusal }] })
      expect(refused.status?.decision).toBeUndefined()
      await vote(stage, who === 'bob' ? 'alice' : 'bob', { of, says: 'Approve' })
      expect((await untilRequest(stage, name, isDecided)).status?.decision).toBe('Approved')
    },
  )

  test('takes an unused approval back, once', async () => {
    const of = await ask(stage, 'apr-revoked')
    await vote(stage, 'alice', { of, says: 'Approve' })
    await untilRequest(stage, 'apr-revoked', isDecided)
    await vote(stage, 'bob', { of, says: 'Revoke', comment: 'wrong cluster' })
    const taken = await untilRequest(stage, 'apr-revoked', ({ status }) => status?.grant?.revoked !== undefined)
    expect(taken.status?.grant?.revoked).toMatchObject({ by: 'bob', comment: 'wrong cluster' })
    expect(taken.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Executed', reason: 'Revoked' }))
    await vote(stage, 'alice', { of, says: 'Revoke' })
    const again = await untilRequest(stage, 'apr-revoked', ({ status }) => status?.votes?.length === 3)
    expect(again.status?.votes?.[2]).toMatchObject({ counted: false, refusal: 'AlreadyRevoked' })
  })

  test('takes back the cool-down of a denial, which stays as recorded', async () => {
    const of = await read(stage, 'apr-denied')
    await vote(stage, 'alice', { of, says: 'Revoke' })
    const { status } = await untilRequest(stage, 'apr-denied', (live) => live.status?.cooldownRevoked !== undefined)
    expect(status).toMatchObject({ decision: 'Denied', cooldownRevoked: { by: 'alice' } })
  })

  test('a pause denies, and pauses the identity of the agent', async () => {
    const operator = await stage.as(`${records}/countersign-operator`)
    const identity = {
      apiVersion: 'countersign.dev/v1alpha1',
      kind: 'AgentIdentity',
      metadata: { name: 'namespace.agents', namespace: records },
      spec: { subject: { namespace: 'agents' } },
    }
    await operator.must({ method: 'POST', path: `${ours}/agentidentities`, body: identity })
    const of = await ask(stage, 'apr-paused')
    await vote(stage, 'alice', { of, says: 'Pause', comment: 'it runs wild' })
    const { status } = await untilRequest(stage, 'apr-paused', isDecided)
    expect(status?.decision).toBe('Denied')
    const path = `${ours}/agentidentities/namespace.agents`
    expect(Object(await stage.admin.must({ method: 'GET', path })).spec.paused).toMatchObject({
      by: 'alice',
      reason: 'it runs wild',
    })
  })
})
