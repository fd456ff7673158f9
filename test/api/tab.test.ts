import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { askRate } from '../../src/api/ask-rate.ts'
import { waitLimits } from '../../src/api/changes.ts'
import { tabContentSecurity } from '../../src/api/content-security.ts'
import { tabRefusals } from '../../src/api/tab-refusals.ts'
import { makeIssuerKey, mint, mintUnsigned, mintWithPublicKey } from '../fake/token-issuer.ts'
import { approvedStatus, at, closedStatus, digest, request, requestUID, stageOf, time } from '../make-request.ts'
import { until } from '../until.ts'
import { noted } from '../teams/card-samples.ts'
import { aliceID, appID, boID, click, danaID, entraKey, makeTabRig, tenantID } from './tab-rig.ts'
import type { TabRig } from './tab-rig.ts'

const name = 'apr-7k2m9q4xqz3wd8hf6tnc'
const one = `/api/tab/requests/${name}`

function rigWith(...requests: readonly ReturnType<typeof request>[]): TabRig {
  const rig = makeTabRig()
  for (const each of requests) rig.requests.set(each.metadata.name, each)
  return rig
}

const ballot = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  verdict: 'Approve',
  comment: '',
  digest,
  uid: requestUID,
  click,
  ...changes,
})

describe('who may ask', () => {
  test.each<[string, Record<string, unknown>]>([
    ['Teams on a desktop', { azp: '1fec8e78-bce4-4aaf-ab1b-5451cc387264' }],
    ['Teams in a browser', {}],
    ['a token with more scopes', { scp: 'openid access_as_user' }],
    ['a token of four minutes ago by our clock', { exp: at('10:21') / 1000 }],
    ['ids in upper case', { tid: tenantID.toUpperCase(), oid: aliceID.toUpperCase() }],
  ])('%s is heard', async (_who, claims) => {
    const rig = rigWith(request())
    const answer = await rig.api(rig.raw('/api/tab/requests', { headers: { authorization: rig.bearer(claims) } }))
    expect(answer).toMatchObject({ status: 200, json: { me: 'Alice Kim' } })
    expect(rig.refused).toEqual([])
  })

  const stranger = makeIssuerKey('entra-1')
  const hidden = makeIssuerKey('entra-9')
  const claim =
    (changes: Record<string, unknown>) =>
    ({ bearer }: TabRig): string =>
      bearer(changes)

  test.each<[string, string, (rig: TabRig) => string]>([
    ['no token', 'NoBearer', () => ''],
    ['another scheme', 'NoBearer', ({ bearer }) => bearer().replace('Bearer', 'Basic')],
    ['two tokens', 'NoBearer', ({ bearer }) => `${bearer()} ${bearer()}`],
    ['a text', 'TokenMalformed', () => 'Bearer hello'],
    ['two parts', 'TokenMalformed', ({ bearer }) => bearer().split('.').slice(0, 2).join('.')],
    ['four parts', 'TokenMalformed', ({ bearer }) => `${bearer()}.x`],
    ['no signature', 'AlgorithmNotAllowed', ({ claims }) => `Bearer ${mintUnsigned({ claims: claims() })}`],
    [
      'HMAC with the public key',
      'AlgorithmNotAllowed',
      ({ claims }) => `Bearer ${mintWithPublicKey(entraKey, { claims: claims() })}`,
    ],
    [
      'RS512',
      'AlgorithmNotAllowed',
      ({ claims }) => `Bearer ${mint(entraKey, { header: { alg: 'RS512' }, claims: claims() })}`,
    ],
    ['a foreign tenant', 'WrongIssuer', claim({ iss: 'https://login.microsoftonline.com/0f0f/v2.0' })],
    ['version 1.0 by its issuer', 'WrongIssuer', claim({ iss: `https://sts.windows.net/${tenantID}/` })],
    [
      'an issuer with a slash at the end',
      'WrongIssuer',
      claim({ iss: `https://login.microsoftonline.com/${tenantID}/v2.0/` }),
    ],
    ['the common issuer', 'WrongIssuer', claim({ iss: 'https://login.microsoftonline.com/common/v2.0' })],
    ['another app', 'WrongAudience', claim({ aud: '00000003-0000-0000-c000-000000000000' })],
    ['the app as a URI', 'WrongAudience', claim({ aud: `api://${appID}` })],
    ['several audiences', 'WrongAudience', claim({ aud: [appID] })],
    ['an old token', 'TokenExpired', claim({ exp: at('10:19') / 1000 })],
    ['a token for ever', 'ClaimMissing', claim({ exp: undefined })],
    ['a token for tomorrow', 'TokenNotYetValid', claim({ nbf: at('10:35') / 1000 })],
    ['no version', 'ClaimMissing', claim({ ver: undefined })],
    ['no tenant', 'ClaimMissing', claim({ tid: undefined })],
    ['no object id', 'ClaimMissing', claim({ oid: undefined })],
    ['no scope: an app, not a person', 'ClaimMissing', claim({ scp: undefined, roles: ['x'] })],
    ['no client', 'ClaimMissing', claim({ azp: undefined, appid: '5e3ce6c0-2b1f-4285-8d4b-75ee78787346' })],
    ['a key that nobody publishes', 'UnknownKey', ({ claims }) => `Bearer ${mint(hidden, { claims: claims() })}`],
    ['the name of a good key', 'BadSignature', ({ claims }) => `Bearer ${mint(stranger, { claims: claims() })}`],
    [
      'claims that were changed afterwards',
      'BadSignature',
      ({ bearer, claims }) => {
        const [head, , tail] = bearer().split('.')
        return [head, Buffer.from(JSON.stringify(claims({ oid: danaID }))).toString('base64url'), tail].join('.')
      },
    ],
    ['version 1.0', 'WrongVersion', claim({ ver: '1.0' })],
    ['a person of another tenant', 'TenantNotAllowed', claim({ tid: '9188040d-6c67-4c5b-b112-36a304b66dad' })],
    ['another scope', 'ScopeMissing', claim({ scp: 'access_as_users User.Read' })],
    ['a scope in other case', 'ScopeMissing', claim({ scp: 'Access_As_User' })],
    ['another program', 'OtherClient', claim({ azp: '04b07795-8ddb-461a-bbee-02f9e1bf7b46' })],
    ['our own app as the program', 'OtherClient', claim({ azp: appID })],
    ['an object id that is none', 'PersonUnknown', claim({ oid: 'alice' })],
    ['an object id with a slash', 'PersonUnknown', claim({ oid: `${aliceID}/x` })],
  ])('%s is refused as %s on every route, and changes nothing', async (_what, refusal, authorization) => {
    const rig = rigWith(request())
    const headers = { authorization: authorization(rig) }
    const [status, words] = tabRefusals[refusal as keyof typeof tabRefusals]
    for (const path of ['/api/tab/requests', one, '/api/tab/changes']) {
      expect(await rig.api(rig.raw(path, { headers }))).toMatchObject({ status, json: { refusal, words } })
    }
    expect(await rig.vote(ballot(), { headers })).toMatchObject({ status, json: { refusal, words } })
    expect(rig.refused).toEqual([refusal, refusal, refusal, refusal])
    expect(rig.cast).toEqual([])
  })

  test('nobody is heard while no channel is there, or the keys cannot be fetched', async () => {
    const none = makeTabRig({ channels: () => [] })
    expect((await none.get('/api/tab/requests')).json.refusal).toBe('WrongIssuer')
    const rig = rigWith()
    rig.issuer.lie(rig.issuer.keysURL, 'Refused')
    expect(await rig.get('/api/tab/requests')).toMatchObject({ status: 503, json: { refusal: 'KeysUnavailable' } })
  })

  test('of two tenants each is known by its own issuer and app', async () => {
    const rig = makeTabRig()
    const [ours] = rig.ports.channels()
    if (ours === undefined) throw new Error('the rig has a channel')
    const other = { ...ours, name: 'other', issuer: 'https://login.microsoftonline.com/other/v2.0', appID: 'other-app' }
    const two = makeTabRig({ channels: () => [other, { ...ours, name: 'third', appID: danaID }, ours] })
    two.requests.set(name, request())
    expect(await two.vote(ballot())).toMatchObject({ status: 200 })
    expect(two.cast[0]?.evidence.channel).toBe('teams')
    const headers = { authorization: two.bearer({ iss: other.issuer }) }
    expect(await two.api(two.raw('/api/tab/requests', { headers }))).toMatchObject({
      json: { refusal: 'WrongAudience' },
    })
  })
})

describe('what is asked', () => {
  test.each([
    ['GET', '/api/tab', 404, 'NoSuchPath'],
    ['GET', '/api/tab/', 404, 'NoSuchPath'],
    ['GET', '/api/tab/requests/', 404, 'NoSuchPath'],
    ['GET', '/api/tab/requests/APR-1', 404, 'NoSuchPath'],
    ['GET', '/api/tab/requests/..%2f..%2fsecrets', 404, 'NoSuchPath'],
    ['GET', `/api/tab/requests/apr-${'x'.repeat(61)}`, 404, 'NoSuchPath'],
    ['GET', `${one}/votes`, 405, 'MethodNotAllowed'],
    ['POST', '/api/tab/requests', 405, 'MethodNotAllowed'],
    ['DELETE', one, 405, 'MethodNotAllowed'],
    ['GET', '/api/tab/requests/apr-unknown', 404, 'UnknownRequest'],
  ])('%s %s is %i %s', async (method, path, status, refusal) => {
    const rig = rigWith(request())
    expect(await rig.api(rig.raw(path, { method }))).toMatchObject({ status, json: { refusal } })
  })

  test('every answer is JSON that nobody keeps, and no other page may read it', async () => {
    const rig = rigWith(request())
    const wrong = rig.api(rig.raw(one, { headers: { authorization: '' } }))
    for (const answer of [await rig.get(one), await wrong]) {
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
    expect((await wrong).headers['www-authenticate']).toBe('Bearer')
  })

  test('a port that breaks is answered as unavailable, without its words', async () => {
    const rig = makeTabRig({ request: () => Promise.reject(new Error('https://10.0.0.1:6443 refused')) })
    const answer = await rig.get(one)
    expect(answer).toMatchObject({ status: 503, json: { refusal: 'Unavailable' } })
    expect(JSON.stringify(answer)).not.toContain('10.0.0.1')
    expect(rig.refused).toEqual(['Unavailable'])
  })
})

describe('nobody makes the gateway read without end', () => {
  test.each([
    ['the list', '/api/tab/requests'],
    ['one request', one],
    ['what has changed', '/api/tab/changes?since=x'],
  ])('by asking for %s', async (_what, path) => {
    let reads = 0
    const rig = makeTabRig({ request: async () => ((reads += 1), request()) })
    for (let number = 0; number < askRate.burst; number += 1) expect((await rig.get(path)).status).toBe(200)
    const before = reads
    expect(await rig.get(path)).toMatchObject({ status: 429, json: { refusal: 'AskedTooOften' } })
    expect([reads, rig.refused]).toEqual([before, ['AskedTooOften']])
    const bo = { headers: { authorization: rig.bearer({ oid: boID }) } }
    expect((await rig.api(rig.raw(path, bo))).status).toBe(200)
    await rig.clock.advance(1_000)
    const answers = []
    for (let number = 0; number < askRate.perSecond + 1; number += 1) answers.push((await rig.get(path)).status)
    expect(answers).toEqual([200, 200, 200, 429])
  })

  test('by votes, however they are written', async () => {
    let reads = 0
    const rig = makeTabRig({ request: async () => ((reads += 1), undefined) })
    for (let number = 0; number < 2 * askRate.burst; number += 1) await rig.vote(ballot())
    expect(reads).toBe(askRate.burst)
  })

  test('a body for which there was no room is told so', async () => {
    const rig = rigWith(request())
    const answer = await rig.vote('', { crowdedOut: true })
    expect(answer).toMatchObject({ status: 503, json: { refusal: 'CrowdedOut' }, headers: { 'retry-after': '5' } })
    expect([rig.cast, rig.refused]).toEqual([[], ['CrowdedOut']])
  })
})

describe('GET /api/tab/requests', () => {
  const asked = (id: string, changes: Parameters<typeof request>[0] = {}) => request({ name: `apr-${id}`, ...changes })

  test('shows first what is mine, then by risk, then by age', async () => {
    const rig = rigWith(
      asked('others-critical', { risk: { level: 'Critical' }, requirements: { stages: [stageOf('security')] } }),
      asked('mine-young', { opened: at('10:22') }),
      asked('mine-old', { opened: at('10:12') }),
      asked('mine-critical', { risk: { level: 'Critical' }, opened: at('10:24') }),
      asked('perhaps-mine', { risk: { level: 'Low' }, requirements: { stages: [stageOf('elsewhere')] } }),
    )
    const { json } = await rig.get('/api/tab/requests')
    expect(json.open.map((row: { name: string; mine: boolean }) => [row.name, row.mine])).toEqual([
      ['apr-mine-critical', true],
      ['apr-mine-old', true],
      ['apr-mine-young', true],
      ['apr-perhaps-mine', true],
      ['apr-others-critical', false],
    ])
    expect(json).toMatchObject({ me: 'Alice Kim', decided: [], left: 0, now: at('10:25') })
  })

  test('does not call mine what I own, where owners are kept apart', async () => {
    const rig = rigWith(
      asked('owned', { requester: { owner: 'Alice Kim' } }),
      asked('for-me', { requester: { onBehalfOf: 'Alice Kim' } }),
      asked('owned-freely', { requester: { owner: 'Alice Kim' }, requirements: { separation: [] } }),
    )
    const { json } = await rig.get('/api/tab/requests')
    expect(json.open.map((row: { mine: boolean }) => row.mine)).toEqual([true, false, false])
  })

  test('shows what was decided lately, the newest first, with its outcome', async () => {
    const rig = rigWith(
      asked('denied', { status: closedStatus('Denied', { decidedBy: 'Dana Roe', decisionTime: time(at('10:21')) }) }),
      asked('approved', { status: approvedStatus() }),
    )
    const { json } = await rig.get('/api/tab/requests')
    expect(json.decided.map((row: { name: string; outcome: string }) => [row.name, row.outcome])).toEqual([
      ['apr-approved', 'APPROVED by Alice Kim 10:24Z · waiting for the agent, valid until 10:44Z'],
      ['apr-denied', 'DENIED by Dana Roe 10:21Z'],
    ])
  })

  test('is bounded, and says how much is left', async () => {
    const rig = rigWith(...Array.from({ length: 230 }, (_, index) => asked(`n${index}`)))
    const { json } = await rig.get('/api/tab/requests')
    expect(json.open).toHaveLength(200)
    expect(json.left).toBe(30)
  })
})

describe('GET /api/tab/requests/<name>', () => {
  test('shows the briefing, the whole change, votes and the course of things', async () => {
    const rig = rigWith(
      request({
        status: {
          votes: [noted('Eve Ray', 'Approve', { counted: false, refusal: 'NotInGroup', comment: 'fine by me' })],
          conditions: [
            {
              type: 'Notified',
              status: 'True',
              reason: 'Delivered',
              message: 'teams',
              lastTransitionTime: time(at('10:21')),
            },
          ],
        },
      }),
    )
    const { json } = await rig.get(one)
    expect(json.briefing).toMatchObject({ deed: 'DELETE', change: { lines: ['propagationPolicy: Background'] } })
    expect(json).toMatchObject({
      approveTitle: 'Approve delete',
      verdicts: ['Approve', 'Deny', 'RequestChanges', 'Comment', 'Pause'],
      needWords: ['Deny', 'RequestChanges', 'Comment', 'Pause'],
      barred: '',
    })
    expect(json.timeline.map(({ text, due }: { text: string; due: boolean }) => [text, due])).toEqual([
      ['agents/bot asked', false],
      ['People were asked: teams', false],
      ['Eve Ray approved; this did not count', false],
      ['Expires if nobody has answered', true],
    ])
    expect(json.votes[0]).toMatchObject({ person: 'Eve Ray', words: 'fine by me' })
    expect(json.votes[0].uncounted).toMatch(/^The person is in none of the groups/)
  })

  test.each<[string, Parameters<typeof request>[0], string, readonly string[]]>([
    ['an outsider may only read', {}, danaID, []],
    [
      'the owner may not approve, and may deny',
      { requester: { owner: 'Alice Kim' } },
      aliceID,
      ['Deny', 'RequestChanges', 'Comment', 'Pause'],
    ],
    ['nothing is offered of what is denied', { status: closedStatus('Denied') }, aliceID, []],
    ['an approval that waits can be taken back', { status: approvedStatus() }, aliceID, ['Revoke']],
    [
      'a low risk offers no pause',
      { risk: { level: 'Low' } },
      aliceID,
      ['Approve', 'Deny', 'RequestChanges', 'Comment'],
    ],
  ])('%s', async (_what, changes, oid, verdicts) => {
    const rig = rigWith(request(changes))
    const { json } = await rig.api(rig.raw(one, { headers: { authorization: rig.bearer({ oid }) } }))
    expect(json.verdicts).toEqual(verdicts)
  })

  test('what cannot be shown in full is not offered for approval', async () => {
    const rig = makeTabRig({ diffOf: async () => ({ text: '- a', missing: 'there is no ConfigMap diff-1' }) })
    rig.requests.set(name, request())
    const { json } = await rig.get(one)
    expect(json.verdicts).not.toContain('Approve')
    expect(json.briefing.change.missing).toBe('there is no ConfigMap diff-1')
  })

  test('shows what was asked before of the same target, with the words of whoever decided it', async () => {
    const ref = { name: 'apr-before', uid: 'uid-before' }
    const before = request({
      ...ref,
      status: closedStatus('ChangesRequested', {
        decidedBy: 'Dana Roe',
        votes: [noted('Dana Roe', 'RequestChanges', { comment: 'scale it down first' })],
      }),
    })
    const [action] = before.spec.actions
    if (action === undefined) throw new Error('a request has an action')
    const older = {
      ...before,
      metadata: { ...before.metadata, uid: ref.uid },
      spec: { ...before.spec, actions: [{ ...action, digest: `sha256:${'9'.repeat(64)}` }] },
    }
    const similar = [{ ...ref, summary: 'delete Deployment prod/web' }]
    const rig = rigWith(older, request({ status: { context: { similar } } }))
    expect((await rig.get(one)).json.previous).toMatchObject({
      name: 'apr-before',
      outcome: 'CHANGES REQUESTED by Dana Roe 10:24Z',
      words: '"scale it down first"',
      same: false,
      lines: ['propagationPolicy: Background'],
    })

    const again = rigWith({ ...before, metadata: older.metadata }, request({ attempt: { number: 2, previous: ref } }))
    expect((await again.get(one)).json.previous).toMatchObject({ same: true, lines: [] })

    const reborn = rigWith(before, request({ attempt: { number: 2, previous: ref } }))
    expect((await reborn.get(one)).json.previous).toBeUndefined()

    const elsewhere = rigWith(
      { ...older, spec: { ...older.spec, actions: [{ ...action, name: 'db' }] } },
      request({ status: { context: { similar } } }),
    )
    expect((await elsewhere.get(one)).json.previous).toBeUndefined()
  })

  test('text that does something comes out written out', async () => {
    const hostile = 'web\u202etxt.exe <img src=x onerror=alert(1)>'
    const rig = rigWith(request({ summary: hostile, justification: { text: hostile, source: 'AgentIdentity' } }))
    const { json } = await rig.get(one)
    expect(JSON.stringify(json)).not.toContain('\u202e')
    expect(json.briefing.summary).toContain('web\\u{202e}txt.exe')
  })
})

describe('POST /api/tab/requests/<name>/votes', () => {
  test('casts what the person said, as a sign-in of that person', async () => {
    const rig = rigWith(request())
    await rig.vote(ballot({ verdict: 'Deny', comment: ' too risky ' }), {
      headers: { authorization: rig.bearer({ auth_time: at('09:00') / 1000 }) },
    })
    expect(rig.cast).toEqual([
      {
        requestUID,
        verdict: 'Deny',
        comment: 'too risky',
        voter: { kind: 'EntraUser', tenantID, objectID: aliceID, displayName: 'Alice Kim' },
        evidence: {
          channel: 'teams',
          assurance: 'SignedIn',
          tokenHash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
          authTime: '2026-11-21T09:00:00Z',
        },
        seenDigest: digest,
        clickID: JSON.stringify(['tab', `entra:${tenantID}/${aliceID}`, click]),
      },
    ])
  })

  test('two people with one click id are two clicks, one person with one is one', async () => {
    const rig = rigWith(request())
    const bo = { headers: { authorization: rig.bearer({ oid: boID }) } }
    await rig.vote(ballot())
    await rig.vote(ballot())
    await rig.vote(ballot(), bo)
    const ids = rig.cast.map(({ clickID }) => clickID)
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).not.toBe(ids[0])
  })

  const denied = request({ status: closedStatus('Denied', { decidedBy: 'Bo Lind' }) })
  test.each<[string, Parameters<TabRig['outcome']>[0], string, RegExp, string]>([
    [
      'a vote that counts',
      () => ({ kind: 'Counted', vote: noted('Alice Kim', 'Approve'), request: request({ status: approvedStatus() }) }),
      'Counted',
      /^Your approval counts\.$/,
      'AwaitingAgent',
    ],
    [
      'a vote that nobody has judged in time',
      () => ({ kind: 'Recorded', request: request() }),
      'Recorded',
      /^Recorded; /,
      'Pending',
    ],
    [
      'a vote that does not count',
      () => ({ kind: 'Refused', refusal: 'SamePersonTwice', request: request() }),
      'Refused',
      /^The person has approved before/,
      'Pending',
    ],
    [
      'a late vote',
      () => ({ kind: 'AlreadyDecided', request: denied }),
      'AlreadyDecided',
      /^DENIED by Bo Lind 10:24Z\. Your click changed nothing\.$/,
      'Denied',
    ],
    [
      'a vote that lost a race',
      () => ({ kind: 'Refused', refusal: 'AlreadyDecided', request: denied }),
      'Refused',
      /^DENIED by Bo Lind/,
      'Denied',
    ],
  ])('%s is answered with the true state', async (_what, become, outcome, words, stand) => {
    const rig = rigWith(request())
    rig.outcome(become)
    const { status, json } = await rig.vote(ballot())
    expect([status, json.outcome, json.request.briefing.stand]).toEqual([200, outcome, stand])
    expect(json.words).toMatch(words)
  })

  test.each<[string, Parameters<TabRig['outcome']>[0], string]>([
    ['is gone', () => ({ kind: 'NotFound' }), 'UnknownRequest'],
    ['lacks words', () => ({ kind: 'CommentMissing', request: request() }), 'CommentRequired'],
    ['comes too often', () => ({ kind: 'TooOften', request: request() }), 'TooOften'],
    ['comes too early', () => ({ kind: 'NotReady', request: request() }), 'NotReady'],
    ['the cluster refuses', () => ({ kind: 'NotStored', request: request() }), 'NotStored'],
    ['meets a cluster that is away', () => Promise.reject(new Error('away')), 'Unavailable'],
  ])('a vote that %s is refused as %s', async (_what, become, refusal) => {
    const rig = rigWith(request())
    rig.outcome(become)
    expect((await rig.vote(ballot())).json.refusal).toBe(refusal)
  })

  test.each<[string, string, unknown, Record<string, string>?]>([
    ['a form', 'NotJsonContent', 'verdict=Approve', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a form that says it is plain text', 'NotJsonContent', JSON.stringify(ballot()), { 'content-type': 'text/plain' }],
    [
      'JSON in another alphabet',
      'NotJsonContent',
      JSON.stringify(ballot()),
      { 'content-type': 'application/json; charset=utf-16' },
    ],
    ['no JSON', 'NotAVote', '{'],
    ['a list', 'NotAVote', [ballot()]],
    ['nothing', 'NotAVote', ''],
    ['a name twice', 'NotAVote', `{"verdict":"Deny",${JSON.stringify(ballot()).slice(1)}`],
    ['a name too many', 'NotAVote', ballot({ voter: { kind: 'EntraUser' } })],
    ['a voter of its own', 'NotAVote', ballot({ assurance: 'SignedIn' })],
    ['another verdict', 'NotAVote', ballot({ verdict: 'approve' })],
    ['a verdict that is a list', 'NotAVote', ballot({ verdict: ['Approve'] })],
    ['no digest', 'NotAVote', ballot({ digest: undefined })],
    ['a digest of another form', 'NotAVote', ballot({ digest: `sha256:${'G'.repeat(64)}` })],
    ['no uid', 'NotAVote', ballot({ uid: undefined })],
    ['a click of a few letters', 'NotAVote', ballot({ click: 'a' })],
    ['a comment that is a number', 'NotAVote', ballot({ comment: 1 })],
    ['a comment that is too long', 'CommentTooLong', ballot({ comment: 'é'.repeat(1025) })],
    ['a body that is too large', 'TooLarge', ballot({ comment: 'x'.repeat(17_000) })],
    ['another request of the same name', 'OtherRequest', ballot({ uid: 'another-uid' })],
    ['another content', 'OtherContent', ballot({ digest: `sha256:${'0'.repeat(64)}` })],
  ])('%s is refused as %s, and nothing is cast', async (_what, refusal, body, headers = {}) => {
    const rig = rigWith(request())
    const answer = await rig.vote(body, { headers: { 'content-type': 'application/json', ...headers } })
    expect(answer.json.refusal).toBe(refusal)
    expect(rig.cast).toEqual([])
  })

  test('a comment of 1024 characters, each of four bytes, is taken', async () => {
    const rig = rigWith(request())
    await rig.vote(ballot({ comment: '😀'.repeat(1024) }))
    expect(rig.cast).toHaveLength(1)
  })

  test('a body that was cut off is too large, whatever it holds', async () => {
    const rig = rigWith(request())
    expect((await rig.vote(ballot(), { cutOff: true })).json.refusal).toBe('TooLarge')
  })

  test('what cannot be shown in full is not approved by another program either, and can be denied', async () => {
    const rig = makeTabRig({ diffOf: async () => ({ text: '- a', missing: 'it was not stored' }) })
    rig.requests.set(name, request())
    expect((await rig.vote(ballot())).json.refusal).toBe('NotShownInFull')
    expect((await rig.vote(ballot({ verdict: 'Deny', comment: 'no' }))).status).toBe(200)
    expect(rig.cast.map(({ verdict }) => verdict)).toEqual(['Deny'])
  })
})

describe('GET /api/tab/changes', () => {
  test('waits for a change, and tells the new version', async () => {
    const rig = rigWith()
    const { version } = rig.ports.feed
    const answer = rig.get(`/api/tab/changes?since=${version()}`)
    await until('the question waits', () => rig.clock.sleeping().length === 1)
    rig.feed.changed()
    expect(await answer).toMatchObject({ status: 200, json: { version: 'replica-1.1' } })
    await until('nobody sleeps any more', () => rig.clock.sleeping().length === 0)
  })

  test('answers after 25 seconds that nothing has changed', async () => {
    const rig = rigWith()
    const answer = rig.get(`/api/tab/changes?since=${rig.feed.version()}`)
    await until('the question waits', () => rig.clock.sleeping().length === 1)
    expect(rig.clock.sleeping()).toEqual([25_000])
    await rig.clock.advance(25_000)
    expect((await answer).json).toEqual({ version: 'replica-1.0' })
  })

  test.each(['', 'replica-2.0', 'replica-1.9', 'x'.repeat(10_000)])(
    'a version that is not ours is answered at once: %j',
    async (since) => {
      const rig = rigWith()
      expect((await rig.get(`/api/tab/changes?since=${since}`)).json.version).toBe('replica-1.0')
    },
  )

  test('who has gone does not wait, and one person does not wait more than eight times', async () => {
    const rig = rigWith()
    const gone = new AbortController()
    const path = `/api/tab/changes?since=${rig.feed.version()}`
    const waiting = Array.from({ length: waitLimits.each }, () => rig.api(rig.raw(path, { gone: gone.signal })))
    await until('all wait', () => rig.clock.sleeping().length === waitLimits.each)
    expect(await rig.get(path)).toMatchObject({ status: 429, json: { refusal: 'TooManyWaiting' } })
    const bo = rig.api(rig.raw(path, { gone: gone.signal, headers: { authorization: rig.bearer({ oid: boID }) } }))
    gone.abort()
    await Promise.all([...waiting, bo])
    expect(rig.clock.sleeping()).toEqual([])
    const again = rig.get(path)
    await until('there is room again', () => rig.clock.sleeping().length === 1)
    rig.feed.changed()
    expect((await again).status).toBe(200)
  })
})

describe('the page around it', () => {
  test('only Teams may frame the tab, only its own script runs, and it speaks to nobody else', () => {
    const directives = new Map(
      tabContentSecurity.split('; ').map((each) => [each.split(' ')[0], each.split(' ').slice(1)]),
    )
    expect(directives.get('script-src')).toEqual(["'self'"])
    expect(directives.get('connect-src')).toEqual(["'self'", 'https://res.cdn.office.net'])
    expect(directives.get('frame-ancestors')).toEqual(
      expect.arrayContaining([
        'https://teams.microsoft.com',
        'https://*.teams.microsoft.com',
        'https://*.cloud.microsoft',
      ]),
    )
    expect(tabContentSecurity).not.toMatch(/unsafe|\*(?!\.)/)
  })
})

describe('docs/tab-refusals.md', () => {
  test('lists every refusal with its status and meaning, in order, and no other', () => {
    const page = readFileSync('docs/tab-refusals.md', 'utf8')
    const rows = [...page.matchAll(/^\| `([A-Za-z]+)` +\| (\d{3}) +\| (.*?) +\|$/gm)]
    expect(rows.map(([, refusal, status, words]) => [refusal, [Number(status), words]])).toEqual(
      Object.entries(tabRefusals),
    )
  })
})
