import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ApprovalRequest, Requester } from '../../src/domain/kinds.ts'
import { patienceLeft, runOf } from '../../src/domain/run.ts'
import type { RunKey } from '../../src/domain/run.ts'
import { at, bot, digest, digestLike, request } from '../make-request.ts'
import { scaled } from '../scale.ts'

const key: RunKey = { accountUID: bot.uid, podUID: 'pod-1', credentialID: 'JTI=1' }
const inPod: Partial<Requester> = { pod: { namespace: 'agents', name: 'bot-0', uid: 'pod-1' }, credentialID: 'JTI=1' }
const now = at('10:21')

function opened(clock: string, requester: Partial<Requester>): ApprovalRequest {
  return request({ opened: at(clock), requester: { ...inPod, run: 'b-111111', ...requester } })
}

function run(undecided: readonly ApprovalRequest[], asking: RunKey = key): string {
  return runOf(asking, digest, { undecided, now })
}

const isNew = /^b-[0-9a-hjkmnp-tv-z]{6}$/

describe('the run that an action belongs to', () => {
  test('is a new one when the agent waits for nothing', () => {
    expect(run([])).toMatch(isNew)
  })

  test('is that of the undecided request of the same pod', () => {
    expect(run([opened('10:20:30', {})])).toBe('b-111111')
  })

  test('is that of the newest of several', () => {
    const older = opened('10:20:30', { run: 'b-older1' })
    const newer = opened('10:20:40', { run: 'b-newer1' })
    expect([run([older, newer]), run([newer, older])]).toEqual(['b-newer1', 'b-newer1'])
  })

  type Case = readonly [sentence: string, clock: string, requester: Partial<Requester>, asking: RunKey, same: boolean]

  const outside: RunKey = { ...key, podUID: undefined }
  const nothing: RunKey = { ...outside, credentialID: undefined }
  const { pod: _pod, ...noPod } = inPod
  const { credentialID: _credential, ...noCredential } = noPod

  test.each<Case>([
    ['a request of 60 s ago still counts', '10:20:00', {}, key, true],
    ['an older one does not', '10:19:59', {}, key, false],
    ['one that a faster clock stamped counts', '10:21:20', {}, key, true],
    ['another account is another run', '10:20:30', { uid: 'other' }, key, false],
    [
      'another pod is another run',
      '10:20:30',
      { pod: { namespace: 'agents', name: 'bot-1', uid: 'pod-2' } },
      key,
      false,
    ],
    ['in a pod, another credential is the same run: tokens rotate', '10:20:30', { credentialID: 'JTI=2' }, key, true],
    ['a request without a run of its own has none to join', '10:20:30', { run: '' }, key, false],
  ])('%s', (_sentence, clock, requester, asking, same) => {
    expect(run([opened(clock, requester)], asking) === 'b-111111').toBe(same)
  })

  test.each<readonly [sentence: string, requester: Partial<Requester>, asking: RunKey, same: boolean]>([
    ['outside pods the credential is the run', noPod, outside, true],
    ['outside pods another credential is another run', { ...noPod, credentialID: 'JTI=2' }, outside, false],
    ['a call from no pod is none of a pod', inPod, outside, false],
    ['where neither is known, the account is the run', noCredential, nothing, true],
    ['where neither is known of the call, one in a pod is another run', inPod, nothing, false],
  ])('%s', (_sentence, requester, asking, same) => {
    const known = request({ opened: at('10:20:30'), requester: { ...requester, run: 'b-111111' } })
    expect(run([known], asking) === 'b-111111').toBe(same)
  })

  test('a new run is named by account, pod or credential, and action: the same for the same', () => {
    const named = (changes: Partial<RunKey>, of = digest): string =>
      runOf({ ...key, ...changes }, of, { undecided: [], now })
    expect(named({})).toBe(named({ credentialID: 'JTI=2' }))
    const others = [
      named({ accountUID: 'x' }),
      named({ podUID: 'x' }),
      named({ podUID: undefined }),
      named({}, digestLike('9f')),
    ]
    expect(new Set([named({}), ...others]).size).toBe(5)
  })

  test('its name is one that labels take, for all keys', () => {
    const id = fc.option(fc.string(), { nil: undefined })
    fc.assert(
      fc.property(fc.string(), id, id, (accountUID, podUID, credentialID) => {
        expect(runOf({ accountUID, podUID, credentialID }, digest, { undecided: [], now })).toMatch(isNew)
      }),
      { numRuns: scaled(100, 10_000) },
    )
  })
})

describe('what is left of the patience of a run', () => {
  const left = (undecided: readonly ApprovalRequest[], when = now): number =>
    patienceLeft('b-111111', { undecided, now: when, patienceMs: 45_000 })

  test.each<readonly [string, readonly ApprovalRequest[], number]>([
    ['all of it, when nothing of it waits', [], 45_000],
    ['all of it, when another run waits', [opened('10:20:30', { run: 'b-222222' })], 45_000],
    ['less by the age of its request', [opened('10:20:40', {})], 25_000],
    ['less by the age of its oldest request', [opened('10:20:50', {}), opened('10:20:30', {})], 15_000],
    ['less than nothing, when it waits for long', [opened('10:19:00', {})], -75_000],
    ['no more than all of it, when a faster clock stamped the request', [opened('10:22:00', {})], 45_000],
  ])('%s', (_sentence, undecided, expected) => {
    expect(left(undecided)).toBe(expected)
  })
})
