import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { chainName, digestOf, requestName, resultHash, targetUID } from '../../src/domain/digest.ts'
import type { DigestContext } from '../../src/domain/digest.ts'
import { contentOf } from '../../src/domain/content.ts'
import { readJson } from '../../src/domain/json-reader.ts'
import { same } from '../../src/domain/json.ts'
import type { Json, JsonObject } from '../../src/domain/json.ts'
import { readReview } from '../../src/webhook/admission.ts'
import {
  action,
  asConfigMap,
  asPod,
  asService,
  agentUser,
  bytes,
  configMap,
  deployment,
  digest,
  digestContext,
  digestOfText,
  exact,
  hmacKey,
  imageB,
  json,
  jsonText,
  managed,
  now,
  pod,
  readText,
  reviewText,
  service,
} from '../make.ts'
import type { Request } from '../make.ts'
import { seededRandom } from '../random.ts'
import { recordedReviews, shortestRecordedReviews } from '../recorded-reviews.ts'
import { scaled, soak } from '../scale.ts'
import { documents, nearDocuments } from './arbitrary.ts'
import { reencoded } from './reencode.ts'
import { singleChanges } from './single-changes.ts'

const exec: Request = {
  operation: 'CONNECT',
  resource: { group: '', version: 'v1', resource: 'pods' },
  subResource: 'exec',
  kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
  name: 'psql-0',
  object: {
    kind: 'PodExecOptions',
    apiVersion: 'v1',
    stdout: true,
    stderr: true,
    container: 'psql',
    command: ['psql', '-c', 'select 1'],
  },
}

const evict: Request = {
  ...exec,
  operation: 'CREATE',
  subResource: 'eviction',
  kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
  object: {
    kind: 'Eviction',
    apiVersion: 'policy/v1',
    metadata: { name: 'psql-0' },
    deleteOptions: { gracePeriodSeconds: 5 },
  },
}

const create: Request = { operation: 'CREATE', object: deployment({ metadata: { uid: 'u' } }) }
const update: Request = { oldObject: deployment(), object: deployment({ image: imageB }) }
const remove: Request = {
  operation: 'DELETE',
  oldObject: deployment({ metadata: { finalizers: ['a/b'] } }),
  options: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', propagationPolicy: 'Background' },
}

describe('digestOf', () => {
  test.each<[string, Request, string]>([
    ['Create', create, '0c698fdf149efcb9917d3eb276ab80f05d381255179da955ed79719ac2f25253'],
    ['Update', update, 'b5fcb9631c82d7b3f69b871cdcceedc7d3e7166d13d0ffa9fd1db088ba3df67e'],
    ['Delete', remove, '10aa29951d86a6bb6bd0b95df25645cb82e111ccd49e476db473b17796188228'],
    ['Connect', exec, 'b5db1e6305c6ac396d38c240409a570eda6cffee5116b175ba27f1c38971f86f'],
  ])(
    'the canonical form of a %s is that of version 1: whoever changes it raises the version',
    (_operation, request, golden) => {
      expect(digest(request, 'live-uid')).toBe(`sha256:${golden}`)
    },
  )

  test('shows nothing but itself: 64 hexadecimal digits', () => {
    expect(digest(create)).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  test.each<[string, Partial<DigestContext>]>([
    ['cluster', { cluster: 'another' }],
    ['key id', { key: { ...hmacKey, id: 'another' } }],
    ['key', { key: { ...hmacKey, secret: bytes('another') } }],
  ])('another %s makes another digest', (_what, changes) => {
    const body = reviewText(update)
    expect(digestOfText(body, { ...digestContext, ...changes })).not.toBe(digestOfText(body))
  })

  test.each<[string, Request]>([
    ['agent’s name', { userInfo: { ...agentUser, username: 'system:serviceaccount:agents:bot2' } }],
    ['agent’s uid', { userInfo: { ...agentUser, uid: 'another' } }],
    ['agent without a uid', { userInfo: { username: agentUser.username } }],
    ['group', { resource: { group: 'extensions', version: 'v1', resource: 'deployments' } }],
    ['version', { resource: { group: 'apps', version: 'v1beta1', resource: 'deployments' } }],
    ['resource', { resource: { group: 'apps', version: 'v1', resource: 'statefulsets' } }],
    ['subresource', { subResource: 'status' }],
    ['namespace', { namespace: 'prod2' }],
    ['no namespace', { namespace: undefined }],
    ['name', { name: 'web2' }],
  ])('another %s makes another digest', (_what, changes) => {
    for (const request of [create, update, remove]) {
      expect(digest({ ...request, ...changes })).not.toBe(digest(request))
    }
  })

  test('the four operations on one object are four actions', () => {
    const whole = { object: deployment(), oldObject: deployment() }
    const digests = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'].map((operation) => digest({ ...whole, operation }))
    expect(new Set(digests).size).toBe(4)
  })

  test('the fields of the target cannot be moved into one another', () => {
    const targets: Request[] = [
      { namespace: 'a', name: 'bc' },
      { namespace: 'ab', name: 'c' },
      { namespace: '', name: 'abc' },
      { namespace: 'abc', name: '' },
    ]
    expect(new Set(targets.map((target) => digest({ ...remove, ...target }))).size).toBe(4)
  })

  test.each<[string, Request]>([
    ['exec', exec],
    ['eviction', evict],
  ])('%s of a pod born again under the same name is another action', (_what, request) => {
    const digests = [digest(request, 'uid-1'), digest(request, 'uid-2'), digest(request)]
    expect(new Set(digests).size).toBe(3)
  })

  test('the uid of the call, its groups, its token and the rehearsal are no part of it', () => {
    const extra = { 'authentication.kubernetes.io/credential-id': ['JTI=1'] }
    const again = { ...update, uid: 'another', dryRun: true, userInfo: { ...agentUser, groups: ['x'], extra } }
    expect(digest(again)).toBe(digest(update))
  })

  test.each([
    ['9007199254740992', '9007199254740993'],
    ['9223372036854775806', '9223372036854775807'],
    ['1', '1.0'],
    ['1.0', '1e0'],
    ['0', '-0'],
  ])('%s is not %s, wherever it stands', (a, b) => {
    const spec = (source: string) => deployment({ spec: { terms: { limit: exact(source) } } })
    const requests = (source: string): Request[] => [
      { operation: 'CREATE', object: spec(source) },
      { oldObject: deployment(), object: spec(source) },
      { oldObject: spec(source), object: deployment() },
      { operation: 'DELETE', oldObject: spec(source) },
      { ...exec, object: { limit: exact(source) } },
    ]
    const [ofA, ofB] = [requests(a), requests(b)].map((list) => list.map((request) => digest(request)))
    expect(ofA?.filter((found) => ofB?.includes(found))).toEqual([])
  })

  test.each([
    [
      ['sh', '-c', 'a b'],
      ['sh', '-c', 'a', 'b'],
    ],
    [
      ['sh', '-c', 'a'],
      ['sh', '-c', 'a', ''],
    ],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    [['a,b'], ['a', 'b']],
    [['a'], ['A']],
    [['é'], ['e\u0301']],
  ])('the command %j is not %j', (a, b) => {
    const run = (command: readonly string[]): Request => ({ ...exec, object: { kind: 'PodExecOptions', command } })
    expect(digest(run(a))).not.toBe(digest(run(b)))
  })
})

/** Where a review may differ without meaning anything else. Written from the rules, not from the code. */
const stamps = /^(?:uid|creationTimestamp|resourceVersion|selfLink|deletionTimestamp|deletionGracePeriodSeconds)$/
const told = new Set(['operation', 'resource', 'subResource', 'name', 'namespace', 'object', 'oldObject'])
const resets =
  /^(?:apps|batch|autoscaling|policy|networking\.k8s\.io|apiregistration\.k8s\.io|apiextensions\.k8s\.io|certificates\.k8s\.io)?$/

type Place = {
  readonly operation: string
  readonly group: string
  readonly resource: string
  readonly path: readonly string[]
  readonly deed: string
  readonly isGenerated: boolean
  /** A delete that says what becomes of dependents, of an object whose only finalizers are those that say so. */
  readonly saysOrphans: boolean
}

function meansNothing(place: Place): boolean {
  const [field = '', ...inner] = place.path
  if (field === '') return true
  if (field === 'userInfo') return !['username', 'uid'].includes(inner[0] ?? '')
  if (field === 'options') return place.operation !== 'DELETE' || inner.length === 0 || inner[0] === 'dryRun'
  if (field === 'resource' && inner.length === 0) return /more|group/.test(place.deed)
  if (field === 'name') return place.isGenerated
  if (!told.has(field)) return true
  return (field === 'object' || field === 'oldObject') && meansNothingInObject(place, inner)
}

function meansNothingInObject(place: Place, [first = '', second = '', ...rest]: readonly string[]): boolean {
  const { operation, resource, group, deed } = place
  if (first === '') return /^(?:without (?:metadata|status)|(?:metadata|status) renamed)$/.test(deed)
  if (first === 'metadata') return meansNothingInMetadata(place, second, rest)
  if (first === 'status') return operation === 'DELETE' || (operation === 'CREATE' && resets.test(group))
  if (operation === 'CREATE' && resource === 'certificatesigningrequests' && second === 'extra') return true
  if (operation === 'DELETE' && first === 'spec' && second === 'replicas') return true
  if (operation === 'DELETE' && first === 'spec' && /replicas/.test(deed)) return true
  return (
    resource === 'services' &&
    first === 'spec' &&
    /clusterIP|nodePort|healthCheckNodePort|ports/.test([second, deed].join(' '))
  )
}

/** Nothing but the delete's own finalizers come and go. */
const leavesNoOther = /^(?:without finalizers|finalizers renamed|its first element twice|an element less)$/

function meansNothingInMetadata(place: Place, key: string, rest: readonly string[]): boolean {
  const { operation, deed } = place
  if (place.saysOrphans && /finalizers/.test(`${key} ${deed}`) && leavesNoOther.test(deed)) return true
  if (key === '' && operation === 'DELETE') return !/finalizers|ownerReferences/.test(deed)
  if (key === '') return stamps.test(deed.replace('without ', '')) || /generation|managedFields/.test(deed)
  if (operation === 'DELETE') return key !== 'finalizers' && key !== 'ownerReferences'
  if (stamps.test(key) || (key === 'generation' && operation === 'UPDATE')) return true
  if (key !== 'managedFields') return false
  if (operation === 'CREATE') return rest.at(-1) === 'time' || /time|swapped/.test(deed)
  if (deed.startsWith('without')) return true
  return !rest.includes('fieldsV1') || rest.at(-1) === 'fieldsV1'
}

/** The uid of the old object is the target’s. */
function isTarget([field, metadata, key]: readonly string[]): boolean {
  return field === 'oldObject' && metadata === 'metadata' && key === 'uid'
}

function parsed(body: string): { readonly request: JsonObject } & JsonObject {
  const read = readJson(bytes(body))
  if ('fault' in read) throw new Error(read.fault)
  return read.value as { readonly request: JsonObject }
}

const built = [
  create,
  update,
  remove,
  exec,
  evict,
  { operation: 'CREATE', ...asPod, object: pod() },
  { ...asPod, oldObject: pod(), object: pod({ metadata: { labels: { a: 'b' } } }) },
  { operation: 'CREATE', ...asConfigMap, object: configMap({ 'app.yaml': 'a: 1\nb: 2\n' }) },
  { ...asService, oldObject: service({}, {}), object: service({ ports: [{ port: 80 }] }, {}) },
  {
    oldObject: deployment({ metadata: { managedFields: [managed('a', { 'f:spec': { 'f:replicas': {} } })] } }),
    object: deployment({ metadata: { managedFields: [managed('b', { 'f:spec': { 'f:replicas': {} } })] } }),
  },
].map(reviewText)

const recorded = soak ? recordedReviews() : shortestRecordedReviews()
const bodies = [...built, ...recorded.map(({ body }) => body)]

const bodyWith = (request: Json): string =>
  jsonText({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request })

describe('a digest is that of one action', () => {
  test('any single change of a review that means something makes another digest', () => {
    const missed: string[] = []
    const step = scaled(5, 1)
    let tried = 0
    for (const body of bodies) {
      const { request } = parsed(body)
      const known = digestOfText(body)
      const place = {
        operation: String(request['operation']),
        group: String((request['resource'] as JsonObject)['group'] ?? ''),
        resource: String((request['resource'] as JsonObject)['resource']),
        isGenerated: body.includes('"generateName"'),
        saysOrphans:
          body.includes('"propagationPolicy"') && /"finalizers":\["(?:foregroundDeletion|orphan)"\]/.test(body),
      }
      for (const { path, deed, document } of singleChanges(request).filter((_, index) => index % step === 0)) {
        const texts = path.map(String)
        if (meansNothing({ ...place, path: texts, deed }) && !isTarget(texts)) continue
        const changed = readReview(bytes(bodyWith(document)))
        if ('fault' in changed) continue
        tried += 1
        const isMissed = digestOf(changed.action, contentOf(changed.action, now), digestContext) === known
        if (isMissed) missed.push(`${place.operation} ${place.resource} ${texts.join('.')}: ${deed}`)
      }
    }
    expect(missed).toEqual([])
    expect(tried).toBeGreaterThan(3000)
  })

  test('two new objects have one digest exactly when they are the same', () => {
    const widget = (spec: Json): Request => ({
      operation: 'CREATE',
      resource: { group: 'example.com', version: 'v1', resource: 'widgets' },
      kind: { kind: 'Widget' },
      object: { kind: 'Widget', metadata: { name: 'web' }, spec },
    })
    const seen = { same: 0, different: 0 }
    fc.assert(
      fc.property(fc.oneof(nearDocuments, fc.tuple(documents, documents)), ([a, b]) => {
        const equal = same(a, b)
        seen[equal ? 'same' : 'different'] += 1
        expect(digest(widget(a)) === digest(widget(b))).toBe(equal)
      }),
      { numRuns: scaled(1500, 100_000) },
    )
    expect(Math.min(seen.same, seen.different)).toBeGreaterThan(20)
  })

  test('two updates of an object have one digest exactly when the objects and the changes are the same', () => {
    const widget = (before: Json, after: Json): Request => ({
      resource: { group: 'example.com', version: 'v1', resource: 'widgets' },
      kind: { kind: 'Widget' },
      oldObject: { kind: 'Widget', metadata: { name: 'web', uid: 'u' }, spec: before },
      object: { kind: 'Widget', metadata: { name: 'web', uid: 'u' }, spec: after },
    })
    fc.assert(
      fc.property(nearDocuments, nearDocuments, ([before, after], [other]) => {
        const approved = digest(widget(before, after))
        expect(digest(widget(before, other)) === approved).toBe(same(after, other))
        expect(digest(widget(other, after)) === approved).toBe(same(before, other))
      }),
      { numRuns: scaled(700, 50_000) },
    )
  })
})

describe('a digest is that of a meaning', () => {
  const count = scaled(5000, 100_000)

  test(`${count} other texts of the same reviews have the same digests`, () => {
    const random = seededRandom(20260301)
    const known = bodies.map((body) => ({ review: parsed(body), digest: digestOfText(body) }))
    const strayed: string[] = []
    for (let index = 0; index < count; index += 1) {
      const { review, digest: expected } = known[index % known.length] ?? { review: {}, digest: '' }
      const text = reencoded(review, random)
      if (digestOfText(text) !== expected) strayed.push(text)
    }
    expect(strayed.slice(0, 3)).toEqual([])
  })

  test('the other texts are indeed other texts', () => {
    const random = seededRandom(1)
    const review = parsed(reviewText(update))
    expect(new Set(Array.from({ length: 50 }, () => reencoded(review, random))).size).toBe(50)
  })
})

describe('targetUID', () => {
  test.each<[string, Request, string | undefined]>([
    ['the old object’s, of an Update', update, '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d21'],
    ['the old object’s, of a Delete', remove, '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d21'],
    ['the parent’s, of a Connect', exec, 'live-uid'],
    ['the parent’s, of a Create on a subresource', evict, 'live-uid'],
  ])('is %s', (_what, request, uid) => {
    expect(targetUID({ ...action(request), parentUID: 'live-uid' })).toBe(uid)
  })
})

describe('requestName', () => {
  test('is the beginning of the digest in letters and digits that nobody mistakes', () => {
    expect(requestName(`sha256:${'0'.repeat(64)}`)).toBe('apr-00000000000000000000')
    expect(requestName(`sha256:${'f'.repeat(64)}`)).toBe('apr-zzzzzzzzzzzzzzzzzzzz')
    expect(requestName(`sha256:084210842108421084210842${'0'.repeat(40)}`)).toBe('apr-11111111111111111110')
    expect(requestName(digest(update))).toMatch(/^apr-[0-9a-hjkmnp-tv-z]{20}$/)
  })

  test('holds 100 bits: each of them changes it, and no other does', () => {
    const name = (bit: number): string => {
      const hex = (1n << BigInt(255 - bit)).toString(16).padStart(64, '0')
      return requestName(`sha256:${hex}`)
    }
    const names = Array.from({ length: 256 }, (_, bit) => name(bit))
    expect(new Set(names.slice(0, 100)).size).toBe(100)
    expect(new Set(names.slice(100))).toEqual(new Set(['apr-00000000000000000000']))
  })
})

describe('resultHash', () => {
  const object = json(deployment())
  const replicas = ['spec', 'replicas']

  test('is that of the values at the paths, wherever the rest stands', () => {
    expect(resultHash(object, [replicas], hmacKey)).toBe(
      resultHash(json(deployment({ image: imageB, status: {} })), [replicas], hmacKey),
    )
    expect(resultHash(object, [replicas], hmacKey)).toMatch(/^hmac-sha256:[0-9a-f]{64}$/)
  })

  test('tells another value, another place, nothing and null apart', () => {
    const of = (value: unknown, path = replicas): string =>
      resultHash(json({ spec: { replicas: value } }), [path], hmacKey)
    const hashes = [
      of(3),
      of(exact('3.0')),
      of('3'),
      of(null),
      of(undefined),
      of([]),
      of(3, ['spec']),
      resultHash(object, [], hmacKey),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('is a secret’s under another key', () => {
    expect(resultHash(object, [replicas], { id: 'test-key', secret: bytes('x') })).not.toBe(
      resultHash(object, [replicas], hmacKey),
    )
  })
})

describe('the content enters by an HMAC', () => {
  test('a guessed secret cannot be proved without the key', () => {
    const request: Request = {
      operation: 'CREATE',
      resource: { group: '', version: 'v1', resource: 'secrets' },
      kind: { kind: 'Secret' },
      object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web' }, data: { password: 'aHVudGVyMg==' } },
    }
    const { action: asked } = readText(reviewText(request))
    const guess = (secret: string) =>
      digestOf(asked, contentOf(asked, now), { ...digestContext, key: { id: hmacKey.id, secret: bytes(secret) } })
    expect(guess('not the key')).not.toBe(digest(request))
    expect(guess('a key for tests and nothing else')).toBe(digest(request))
  })
})

test.each([
  ['apr-3n8vr2kdhm6tq4wz9xcb', 'apr-3n8vr2kdhm6tq4wz9xcb'],
  ['apr-3n8vr2kdhm6tq4wz9xcb-2', 'apr-3n8vr2kdhm6tq4wz9xcb'],
  ['apr-3n8vr2kdhm6tq4wz9xcb-10', 'apr-3n8vr2kdhm6tq4wz9xcb'],
  ['something-else-2', 'something-else-2'],
])('the chain of %s is %s', (name, chain) => {
  expect(chainName(name)).toBe(chain)
})
