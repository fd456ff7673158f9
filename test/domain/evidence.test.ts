import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonical } from '../../src/domain/canonical.ts'
import { readDecisionRecord } from '../../src/domain/decision-record.ts'
import { decisionRecord } from '../../src/domain/evidence.ts'
import type { Decided } from '../../src/domain/evidence.ts'
import { isObject } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'
import {
  at,
  bot,
  digest,
  digestLike,
  entra,
  kubernetes,
  request,
  requestUID,
  slack,
  stageOf,
  time,
  vote,
} from '../make-request.ts'
import { json } from '../make.ts'
import { scaled } from '../scale.ts'

const alice = vote('Approve', { comment: 'ok, watch the error rate' })

const asked = request({
  requester: { owner: 'bo', credentialID: 'JTI=1', pod: { namespace: 'agents', name: 'bot-7d9f', uid: 'pod-uid' } },
  justification: { text: 'replaced by web-v2', ticket: 'INC-4711', source: 'AgentIdentity' },
})

const approved: Decided = {
  request: asked,
  decision: 'Approved',
  basis: 'Votes',
  decisionTime: time(at('10:24')),
  decidedBy: 'Alice Kim',
  comment: 'ok, watch the error rate',
  grantExpirationTime: time(at('10:44')),
  votes: [alice],
}

const expired: Decided = {
  ...approved,
  decision: 'Expired',
  basis: 'Deadline',
  decidedBy: undefined,
  comment: undefined,
  grantExpirationTime: undefined,
  votes: [],
}

const read = (decided: Decided): ReturnType<typeof readDecisionRecord> => readDecisionRecord(decisionRecord(decided))

describe('the record of a decision', () => {
  test('says who asked, for what, who decided what, when and why', () => {
    expect(JSON.parse(decisionRecord(approved))).toEqual({
      schema: 'decision/v1',
      cluster: '0b5c7d3e-6f1a-4b7e-9c55-2f7a1f0f3a11',
      request: {
        name: asked.metadata.name,
        uid: requestUID,
        creationTime: '2026-11-21T10:20:00Z',
        expirationTime: '2026-11-21T10:35:00Z',
        attempt: 1,
      },
      requester: {
        agent: 'agents/bot',
        username: bot.username,
        uid: bot.uid,
        pod: { namespace: 'agents', name: 'bot-7d9f', uid: 'pod-uid' },
        credentialID: 'JTI=1',
        owner: 'bo',
        onBehalfOf: null,
      },
      justification: { text: 'replaced by web-v2', ticket: 'INC-4711', source: 'AgentIdentity' },
      action: {
        operation: 'Delete',
        group: 'apps',
        version: 'v1',
        resource: 'deployments',
        subresource: '',
        kind: 'Deployment',
        namespace: 'prod',
        name: 'web',
        generateName: null,
        targetUID: '3f2a1b0c-9d8e-4c7b-a6f5-e4d3c2b1a09f',
        digestVersion: 1,
        digestKeyID: 'd-1',
      },
      digest,
      summary: 'delete Deployment prod/web (3 replicas)',
      risk: 'High',
      policies: [{ name: 'workload-deletes', uid: 'policy-uid', generation: 4, hash: digestLike('e5f6') }],
      requirements: {
        stages: [{ name: 'approvers', groups: ['approvers'], quorum: 1 }],
        assurance: 'Card',
        comment: 'OnDeny',
        separation: ['Owner', 'OnBehalfOf'],
      },
      decision: 'Approved',
      basis: 'Votes',
      decisionTime: '2026-11-21T10:24:00Z',
      decidedBy: 'Alice Kim',
      comment: 'ok, watch the error rate',
      grantExpirationTime: '2026-11-21T10:44:00Z',
      votes: [
        {
          name: 'apv-1',
          uid: 'uid-of-apv-1',
          time: '2026-11-21T10:24:00Z',
          person: 'entra:6f9619ff-8b86-4d01-b42d-00cf4fc964ff/alice-oid',
          verdict: 'Approve',
          comment: 'ok, watch the error rate',
          evidence: { channel: 'teams', assurance: 'Card', rendered: null, tokenHash: null },
        },
      ],
    })
  })

  test('is canonical: keys in order, no white space, the same for the same decision', () => {
    const text = decisionRecord(approved)
    expect(text).toBe(canonical(json(JSON.parse(text))))
    expect(text.startsWith('{"action":{"digestKeyID":"d-1"')).toBe(true)
  })

  test('holds no diff and no card: what was asked is in the digest', () => {
    const shown = request({
      actions: asked.spec.actions.map((one) => ({ ...one, diff: { ...one.diff, text: 'the diff' } })),
    })
    expect(decisionRecord({ ...approved, request: shown })).not.toContain('the diff')
  })

  test('names the voter by identity, and what vouched for him', () => {
    const votes = [
      vote('Approve', {
        voter: slack('bo'),
        evidence: {
          channel: 'slack',
          assurance: 'SignedIn',
          rendered: 'sha256:1',
          tokenHash: digestLike('2'),
          verifiedTime: '',
          signature: 's',
        },
      }),
      vote('Approve', { voter: kubernetes('cy') }),
    ]
    expect(JSON.parse(decisionRecord({ ...approved, votes }))).toMatchObject({
      votes: [
        {
          person: 'slack:T01AB2CD3/U-bo',
          evidence: { channel: 'slack', assurance: 'SignedIn', rendered: 'sha256:1', tokenHash: digestLike('2') },
        },
        { person: 'kubernetes:cy@example.com', evidence: null },
      ],
    })
  })

  test('fits into the request with sixteen voters who wrote as much as they may', () => {
    const votes = Array.from({ length: 16 }, (_one, number) =>
      vote('Approve', { name: `apv-${number}`, voter: entra(`person-${number}`), comment: 'x'.repeat(1024) }),
    )
    expect(decisionRecord({ ...approved, votes }).length).toBeLessThanOrEqual(32_768)
  })
})

describe('a record that is read back', () => {
  test('says what a release goes by', () => {
    expect(read(approved)).toEqual({
      request: { name: asked.metadata.name, uid: requestUID },
      digest,
      decision: 'Approved',
      decisionTime: time(at('10:24')),
      decidedBy: 'Alice Kim',
      comment: 'ok, watch the error rate',
      grantExpirationTime: time(at('10:44')),
      policies: { 'workload-deletes': digestLike('e5f6') },
    })
  })

  test('says of what expired that nobody decided it', () => {
    expect(read(expired)).toMatchObject({ decision: 'Expired', decidedBy: undefined, grantExpirationTime: undefined })
  })

  const denial = (verdict: 'Deny' | 'RequestChanges' | 'Pause'): Decided['votes'] => [vote(verdict)]
  const no = { grantExpirationTime: undefined } as const

  test.each<readonly [string, Decided]>([
    ['a denial', { ...approved, ...no, decision: 'Denied', votes: denial('Deny') }],
    ['a denial by a pause', { ...approved, ...no, decision: 'Denied', votes: denial('Pause') }],
    ['a request for changes', { ...approved, ...no, decision: 'ChangesRequested', votes: denial('RequestChanges') }],
    [
      'the least that a request can say',
      {
        ...approved,
        request: request({ requirements: { stages: [stageOf('x')], comment: 'Always', assurance: 'SignedIn' } }),
      },
    ],
    [
      'words that other readers would not take: a lone surrogate, U+FFFD, a reversal of writing',
      { ...approved, comment: '\ud800 \ufffd \u202e"\\', decidedBy: '\u0000' },
    ],
  ])('%s', (_sentence, decided) => {
    expect(read(decided)).toMatchObject({ decision: decided.decision, comment: decided.comment })
  })

  test.each<readonly [sentence: string, decided: Decided]>([
    ['an approval without a grant', { ...approved, grantExpirationTime: undefined }],
    ['a denial with a grant', { ...approved, decision: 'Denied' }],
    ['an approval by the deadline', { ...approved, basis: 'Deadline', votes: [] }],
    ['an approval without votes', { ...approved, votes: [] }],
    ['an expiry by votes', { ...expired, basis: 'Votes', votes: [alice] }],
    ['a decision on a basis that is reserved', { ...approved, basis: 'BreakGlass', votes: [] }],
    ['a decision by a vote that decides nothing', { ...approved, votes: [vote('Comment')] }],
    ['a vote of nobody', { ...approved, votes: [vote('Approve', { voter: { kind: 'EntraUser' } })] }],
    ['a grant until no time', { ...approved, grantExpirationTime: 'tomorrow' }],
    ['a decision at no time', { ...approved, decisionTime: '' }],
    ['no action', { ...approved, request: request({ actions: [] }) }],
    ['a request without a uid', { ...approved, request: { ...asked, metadata: { name: 'x' } } }],
  ])('is refused when it says what cannot be: %s', (_sentence, decided) => {
    expect(read(decided)).toBeUndefined()
  })

  test.each<readonly [sentence: string, change: (text: string) => string]>([
    ['a blank', (text) => text.replace('{', '{ ')],
    ['a line end', (text) => `${text}\n`],
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['keys in another order', (text) => `{"votes":[],${text.slice(1).replace(/,"votes":.*$/, '}')}`],
    ['a key twice', (text) => text.replace('"attempt":1', '"attempt":1,"attempt":1')],
    ['a number in other words', (text) => text.replace('"attempt":1', '"attempt":1.0')],
    ['a character written out', (text) => text.replace('Alice', '\\u0041lice')],
    ['nothing', () => ''],
    ['half of it', (text) => text.slice(0, text.length / 2)],
    ['another schema', (text) => text.replace('decision/v1', 'decision/v2')],
    ['no object', () => '[]'],
    ['null', () => 'null'],
  ])('is refused when it is not what we write to the letter: %s', (_sentence, change) => {
    const text = decisionRecord(approved)
    expect(change(text)).not.toBe(text)
    expect(readDecisionRecord(change(text))).toBeUndefined()
  })

  /** All paths to values of a document. */
  function paths(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
    if (typeof value !== 'object' || value === null) return [path]
    return [path, ...Object.entries(value).flatMap(([key, inner]) => paths(inner ?? null, [...path, key]))]
  }

  function changed(
    value: Json,
    [key, ...rest]: readonly string[],
    make: (found: Json) => Json | undefined,
  ): Json | undefined {
    if (key === undefined) return make(value)
    if (Array.isArray(value)) {
      const list = (value as readonly Json[]).flatMap((one, index) =>
        String(index) === key ? (changed(one, rest, make) ?? []) : one,
      )
      return list
    }
    if (!isObject(value)) return value
    const inner = changed(value[key] ?? null, rest, make)
    const { [key]: _gone, ...others } = value
    return inner === undefined ? others : { ...others, [key]: inner }
  }

  const whole = json(JSON.parse(decisionRecord(approved)))
  const allPaths = paths(whole).filter((path) => path.length > 0 && !/^\d+$/.test(path.at(-1) ?? ''))

  test('is refused without any one of its keys', () => {
    for (const path of allPaths) {
      const without = canonical(changed(whole, path, () => undefined) ?? null)
      expect([path, readDecisionRecord(without)]).toEqual([path, undefined])
    }
  })

  test('is refused with one key more, anywhere', () => {
    const objects = [[], ...paths(whole)].filter((path) => isObject(valueAt(path)))
    for (const path of objects) {
      const more = canonical(
        changed(whole, path, (found) => (isObject(found) ? { ...found, only: 'tuesdays' } : found)) ?? null,
      )
      expect([path, readDecisionRecord(more)]).toEqual([path, undefined])
    }
    expect(objects.length).toBeGreaterThan(8)
  })

  function valueAt(path: readonly string[]): Json | undefined {
    let found: Json | undefined
    changed(whole, path, (value) => {
      found = value
      return value
    })
    return found
  }

  test('is refused with a value of another type in any place', () => {
    for (const path of allPaths) {
      for (const odd of [true, 1.5, -1, { a: 1 }, [null], ['', 7]] as const) {
        const made = canonical(changed(whole, path, () => odd) ?? null)
        expect([path, odd, readDecisionRecord(made)]).toEqual([path, odd, undefined])
      }
    }
  })

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readDecisionRecord(text)).toBeUndefined()
      }),
      { numRuns: scaled(200, 20_000) },
    )
  })

  test('says what was written, for all words', () => {
    const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0x20, max: 0x7e }))
    const words = fc.array(unit).map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(words, words, (comment, decidedBy) => {
        expect(read({ ...approved, comment, decidedBy })).toMatchObject({ comment, decidedBy })
      }),
      { numRuns: scaled(200, 20_000) },
    )
  })
})
