import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import { fieldsOf } from '../../src/kubernetes/fields.ts'
import type { Fields } from '../../src/kubernetes/fields.ts'
import type { KubernetesObject, Resource } from '../../src/kubernetes/resource.ts'
import { ResponseDiffers } from '../../src/kubernetes/response-differs.ts'
import { failureOf, startRig } from './objects-rig.ts'
import type { Rig } from './objects-rig.ts'
import type { FakeDraft } from '../fake/api-server-objects.ts'
import type { Fault } from '../fake/api-server-faults.ts'

type Thing = KubernetesObject & {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
}

const things: Resource<Thing> = {
  group: 'example.dev',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  namespaced: true,
  exact: true,
}
const loose: Resource<Thing> = { ...things, exact: false }
const place = { collection: '/apis/example.dev/v1/things', namespace: 'ns' }
const ref = { namespace: 'ns', name: 'a' }
const thing: Thing = { metadata: ref, spec: { size: 1, list: [{ name: 'x' }], secret: 'hunter2' } }

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})

afterEach(() => rig.stop())

function store(more: Record<string, unknown> = {}): string {
  const draft = { apiVersion: 'example.dev/v1', kind: 'Thing', metadata: { name: 'a' }, spec: { size: 1 }, ...more }
  return rig.api.objects.create(place, draft).metadata.uid
}

describe('what a write says', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['create', () => rig.objects.create(things, { metadata: { ...ref, name: 'b' }, spec: {} }), 'POST'],
    ['replace', () => rig.objects.replace(things, { metadata: ref, spec: { size: 2 } }), 'PUT'],
    ['patch', () => rig.objects.patch(things, { ...ref, operations: [] }), 'PATCH'],
    ['merge', () => rig.objects.merge(things, { ...ref, change: {} }), 'PATCH'],
  ])('%s is sent with strict field validation and names who writes', async (_verb, write, method) => {
    store()
    await write()
    const sent = rig.api.requests.at(-1)
    expect(sent?.method).toBe(method)
    expect(sent?.query).toEqual({ fieldValidation: 'Strict', fieldManager: 'test' })
  })

  test('apiVersion and kind are filled in', async () => {
    await rig.objects.create(things, thing)
    expect(JSON.parse(rig.api.requests.at(-1)?.body ?? '')).toEqual({
      ...thing,
      apiVersion: 'example.dev/v1',
      kind: 'Thing',
    })
  })

  test('each patch says of which type it is', async () => {
    store()
    await rig.objects.patch(things, { ...ref, operations: [] })
    await rig.objects.merge(things, { ...ref, change: {} })
    const types = rig.api.requests.map((request) => request.headers['content-type'])
    expect(types).toEqual(['application/json-patch+json', 'application/merge-patch+json'])
  })

  test('the server’s clock comes with the object', async () => {
    rig.api.setClockSkew(-3_600_000)
    const made = await rig.objects.create(things, thing)
    expect(typeof made === 'string' ? 0 : (made.date ?? 0)).toBeLessThan(Date.now() - 3_000_000)
  })
})

describe('a path is never another one', () => {
  test.each(['', '.', '..', 'a/b', 'a%2fb'])('the name %j is refused before anything is sent', async (name) => {
    const { objects } = rig
    const target = { namespace: 'ns', name }
    const calls: readonly (() => Promise<unknown>)[] = [
      () => objects.get(things, target),
      () => objects.remove(things, { ...target, preconditions: {} }),
      () => objects.patch(things, { ...target, operations: [] }),
      () => objects.get(things, { namespace: name, name: 'a' }),
    ]
    for (const call of calls) expect(await failureOf(Promise.resolve().then(call))).toBeInstanceOf(TypeError)
    expect(rig.api.requests).toEqual([])
  })

  test('a namespaced object without its namespace is refused', async () => {
    const call = Promise.resolve().then(() => rig.objects.get(things, { name: 'a' }))
    expect(await failureOf(call)).toBeInstanceOf(TypeError)
  })

  test('a name of RBAC, with colons, spaces and dots, is one segment', async () => {
    await rig.objects.get(things, { namespace: 'ns', name: 'system:node..x y?' })
    expect(rig.api.requests.at(-1)).toMatchObject({ name: 'system:node..x y?', query: {} })
  })

  test('the core group has a path of its own', async () => {
    const configMaps: Resource<Thing> = { ...things, group: '', plural: 'configmaps', kind: 'ConfigMap' }
    await rig.objects.get(configMaps, ref)
    expect(rig.api.requests.at(-1)?.path).toBe('/api/v1/namespaces/ns/configmaps/a')
  })
})

describe('an expected refusal is a value', () => {
  const stale = { metadata: { ...ref, resourceVersion: '1' }, spec: {} }
  const failing = [{ op: 'test', path: '/spec/size', value: 7 } as const]

  test.each<[string, () => Promise<unknown>, string]>([
    ['reading what is not there', () => rig.objects.get(things, { ...ref, name: 'b' }), 'NotFound'],
    ['creating what is there', () => rig.objects.create(things, thing), 'AlreadyExists'],
    ['replacing an old version', () => rig.objects.replace(things, stale), 'Conflict'],
    ['replacing what is not there', () => rig.objects.replace(things, { metadata: { ...ref, name: 'b' } }), 'NotFound'],
    ['a test that fails', () => rig.objects.patch(things, { ...ref, operations: failing }), 'Invalid'],
    ['deleting another object', () => rig.objects.remove(things, { ...ref, preconditions: { uid: 'x' } }), 'Conflict'],
    [
      'deleting what is not there',
      () => rig.objects.remove(things, { ...ref, name: 'b', preconditions: {} }),
      'NotFound',
    ],
  ])('%s', async (_what, call, expected) => {
    store()
    expect(await call()).toBe(expected)
  })

  test('deleting by the uid that is there', async () => {
    const uid = store()
    expect(await rig.objects.remove(things, { ...ref, preconditions: { uid } })).toBe('Deleted')
    expect(rig.api.objects.all(place.collection)).toEqual([])
  })
})

describe('everything else is an error', () => {
  test.each<[string, Parameters<Rig['api']['faults']['next']>[0], { status: number; outcomeUnknown: boolean }]>([
    ['403', { do: 'refuse', status: 403, reason: 'Forbidden' }, { status: 403, outcomeUnknown: false }],
    ['401', { do: 'refuse', status: 401, reason: 'Unauthorized' }, { status: 401, outcomeUnknown: false }],
    ['500', { do: 'refuse', status: 500 }, { status: 500, outcomeUnknown: true }],
    ['a lost answer', { do: 'resetAfter' }, { status: 0, outcomeUnknown: true }],
    ['half an answer', { do: 'truncate' }, { status: 0, outcomeUnknown: true }],
    ['a page of a proxy', { do: 'answer', status: 200, text: '<html>' }, { status: 0, outcomeUnknown: true }],
    ['a JSON that is no object', { do: 'answer', status: 200, text: '[]' }, { status: 0, outcomeUnknown: true }],
    [
      'a Status with code 200',
      { do: 'answer', status: 200, text: '{"kind":"Status"}' },
      { status: 0, outcomeUnknown: true },
    ],
    [
      'another object',
      { do: 'lie', change: (answer) => ({ ...answer, metadata: { name: 'other' } }) },
      { status: 0, outcomeUnknown: true },
    ],
  ])('%s', async (_what, fault, expected) => {
    rig.api.faults.next(fault, {}, fault.do === 'refuse' && fault.status === 401 ? 2 : 1)
    const failure = await failureOf(rig.objects.create(things, thing))
    expect(failure).toBeInstanceOf(ApiError)
    expect(failure).toMatchObject(expected)
  })

  test('a 404 that names no object: the kind itself is not served', async () => {
    rig.api.faults.next({ do: 'answer', status: 404, text: '404 page not found' })
    expect(await failureOf(rig.objects.get(things, ref))).toMatchObject({ status: 404 })
  })

  test('a refusal that may be the answer to our own earlier try', async () => {
    const refusal = new ApiError({ asked: 'POST', status: 409, reason: 'AlreadyExists', outcomeUnknown: true })
    const { makeObjects } = await import('../../src/kubernetes/objects.ts')
    const objects = makeObjects({ transport: { call: () => Promise.reject(refusal) }, fieldManager: 'test' })
    expect(await failureOf(objects.create(things, thing))).toBe(refusal)
  })
})

describe('a list', () => {
  const names = Array.from({ length: 1_201 }, (_value, index) => `n${String(index).padStart(4, '0')}`)

  function storeAll(): void {
    for (const name of names) rig.api.objects.create(place, { kind: 'Thing', metadata: { name } })
  }

  test('is read page by page to its end', async () => {
    storeAll()
    const listed = await rig.objects.list(things, { namespace: 'ns', labelSelector: '!x' })
    expect(listed.items.map((item) => item.metadata?.name)).toEqual(names)
    expect(rig.api.requests.map((request) => [request.query['limit'], request.query['labelSelector']])).toEqual([
      ['500', '!x'],
      ['500', '!x'],
      ['500', '!x'],
    ])
  })

  test('begins anew when its snapshot expires in between', async () => {
    storeAll()
    rig.api.faults.next({ do: 'refuse', status: 410 }, { verb: 'list', continued: true })
    const listed = await rig.objects.list(things, { namespace: 'ns' })
    expect(listed.items).toHaveLength(names.length)
    expect(rig.api.requests).toHaveLength(5)
  })

  test('gives up when it expires again', async () => {
    storeAll()
    rig.api.faults.next({ do: 'refuse', status: 410 }, { verb: 'list', continued: true }, 2)
    expect(await failureOf(rig.objects.list(things, {}))).toMatchObject({ status: 410 })
  })

  test('of nothing is empty, also where the server says null', async () => {
    rig.api.faults.next({ do: 'answer', status: 200, text: '{"metadata":{"resourceVersion":"9"},"items":null}' })
    expect(await rig.objects.list(things, {})).toEqual({ items: [], resourceVersion: '9' })
  })
})

type Change = (spec: Fields) => Fields

const prune: Change = ({ size: _size, ...spec }) => spec
const grow: Change = (spec) => ({ ...spec, list: [{ name: 'x' }, { name: 'y' }] })
const inner: Change = (spec) => ({ ...spec, list: [{ name: 'y' }] })
const add: Change = (spec) => ({ ...spec, extra: 'hunter3' })

/** What a mutating policy does to the object that is sent. */
function inSpec(change: Change): (object: FakeDraft) => FakeDraft {
  return (object) => ({ ...object, spec: change(fieldsOf(object['spec'])) })
}

function withLabels(labels: Readonly<Record<string, string>>): (object: FakeDraft) => FakeDraft {
  return (object) => ({ ...object, metadata: { ...object.metadata, labels } })
}

/** Changed on the way to the store, or only in the answer. */
function foreignHand(where: 'Stored' | 'Answered', change: Change): Fault {
  if (where === 'Stored') return { do: 'mutate', change: inSpec(change) }
  return { do: 'lie', change: (answer) => ({ ...answer, spec: change(fieldsOf(answer['spec'])) }) }
}

describe('what is stored is compared with what was sent', () => {
  const writes: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['create', () => rig.objects.create(things, thing)],
    [
      'replace',
      () => {
        store()
        return rig.objects.replace(things, thing)
      },
    ],
  ]

  describe.each(writes)('by %s', (_verb, write) => {
    test.each<['Stored' | 'Answered', string, Change, string]>([
      ['Stored', 'a field pruned', prune, '/spec/size'],
      ['Answered', 'a field pruned', prune, '/spec/size'],
      ['Stored', 'a list grown', grow, '/spec/list'],
      ['Stored', 'a value changed in a list', inner, '/spec/list/0/name'],
      ['Stored', 'a field added', add, '/spec/extra'],
      ['Answered', 'a field added', add, '/spec/extra'],
    ])('%s: %s is ResponseDiffers', async (...[where, , change, path]) => {
      rig.api.faults.next(foreignHand(where, change))
      const failure = await failureOf(write())
      expect(failure).toBeInstanceOf(ResponseDiffers)
      expect(failure).toMatchObject({ paths: [path], written: 'things ns/a' })
    })
  })

  test('the error tells paths and never values', async () => {
    rig.api.faults.next({ do: 'mutate', change: inSpec((spec) => ({ ...spec, secret: 'hunter3' })) })
    const failure = await failureOf(rig.objects.create(things, thing))
    expect(String(failure)).toBe('ResponseDiffers: things ns/a: stored otherwise than sent at /spec/secret')
    expect(JSON.stringify(failure)).not.toContain('hunter')
  })

  test('a label that was taken away is ResponseDiffers, one that was added is not', async () => {
    const labelled = { ...thing, metadata: { ...ref, labels: { 'a/b': '1' } } }
    rig.api.faults.next({ do: 'mutate', change: withLabels({ 'c/d': '1' }) })
    expect(await failureOf(rig.objects.create(things, labelled))).toMatchObject({ paths: ['/metadata/labels/a~1b'] })
    rig.api.faults.next({ do: 'mutate', change: withLabels({ 'a/b': '1', 'c/d': '1' }) })
    const other = { ...labelled, metadata: { ...labelled.metadata, name: 'b' } }
    expect(typeof (await rig.objects.create(things, other))).toBe('object')
  })

  test('where the server sets defaults, an added field is its own and an empty one may be missing', async () => {
    const change = inSpec(({ list: _list, ...spec }) => ({ ...spec, extra: 1 }))
    rig.api.faults.next({ do: 'mutate', change })
    const made = await rig.objects.create(loose, { metadata: ref, spec: { size: 1, list: [] } })
    expect(made).toMatchObject({ object: { spec: { size: 1, extra: 1 } } })
  })

  test('what the server changes on every write is no difference, nor is a status sent to the main resource', async () => {
    store({ spec: { size: 1 } })
    const found = await rig.objects.get(things, ref)
    if (typeof found === 'string') throw new Error(found)
    const stored = await rig.objects.replace(things, { ...found.object, spec: { size: 2 }, status: { a: 1 } })
    expect(stored).toMatchObject({ object: { spec: { size: 2 }, metadata: { generation: 2 } } })
  })

  test.each<[string, unknown, string]>([
    ['changed', { a: 2 }, '/status/a'],
    ['missing', {}, '/status/a'],
  ])('a merge patch whose field is %s afterwards is ResponseDiffers', async (_how, status, path) => {
    store()
    rig.api.faults.next({ do: 'lie', change: (answer) => ({ ...answer, status }) })
    const merge = { ...ref, subresource: 'status', change: { status: { a: 1 } } }
    expect(await failureOf(rig.objects.merge(things, merge))).toMatchObject({ paths: [path] })
  })

  test('a merge patch that removes a field succeeds when it is gone, and only then', async () => {
    rig.api.objects.create(
      { ...place, collection: '/api/v1/configmaps' },
      { kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } },
    )
    const configMaps: Resource<KubernetesObject & { data?: object }> = {
      ...things,
      group: '',
      plural: 'configmaps',
      kind: 'ConfigMap',
    }
    const merge = { ...ref, change: { data: { k: null } } }
    rig.api.faults.next({ do: 'lie', change: (answer) => ({ ...answer, data: { k: 'v' } }) })
    expect(await failureOf(rig.objects.merge(configMaps, merge))).toMatchObject({ paths: ['/data/k'] })
    expect(await rig.objects.merge(configMaps, merge)).toMatchObject({ object: { data: {} } })
  })
})

/** The next answer says that the spec is this one. */
function patched(spec: unknown): void {
  rig.api.faults.next({ do: 'lie', change: (answer) => ({ ...answer, spec }) })
}

describe('what is stored is compared with what a JSON Patch must leave behind', () => {
  const uid = { op: 'test', path: '/metadata/name', value: 'a' } as const
  const append = [uid, { op: 'add', path: '/spec/list/-', value: { name: 'x' } }] as const

  test.each<[string, unknown, readonly string[]]>([
    ['the value is not there', { list: [] }, ['/spec/list']],
    ['there is no such list', {}, ['/spec/list']],
    ['the value is another one', { list: [{ name: 'y' }] }, ['/spec/list/0/name']],
    ['something was added to the value', { list: [{ name: 'x', more: 1 }] }, ['/spec/list/0/more']],
    ['something comes after it', { list: [{ name: 'x' }, { name: 'z' }] }, ['/spec/list/1/name']],
  ])('an appended value: %s', async (_what, spec, paths) => {
    store({ spec: { list: [] } })
    patched(spec)
    expect(await failureOf(rig.objects.patch(things, { ...ref, operations: append }))).toMatchObject({ paths })
  })

  test('a test that no longer holds is ResponseDiffers, unless the patch itself changed what it looked at', async () => {
    store({ spec: { size: 1, list: [] } })
    const test1 = { op: 'test', path: '/spec/size', value: 1 } as const
    const empty = { op: 'test', path: '/spec/list', value: [] } as const
    patched({ size: 2, list: [{ name: 'x' }] })
    const operations = [test1, empty, ...append]
    expect(await failureOf(rig.objects.patch(things, { ...ref, operations }))).toMatchObject({ paths: ['/spec/size'] })
  })

  test('a removed field that is still there is ResponseDiffers', async () => {
    store({ spec: { size: 1 } })
    patched({ size: 1 })
    const operations = [{ op: 'remove', path: '/spec/size' } as const]
    expect(await failureOf(rig.objects.patch(things, { ...ref, operations }))).toMatchObject({ paths: ['/spec/size'] })
  })

  test('several values are appended in their order', async () => {
    store({ spec: { list: [{ name: 'x' }] } })
    const operations = ['y', 'z'].map((name) => ({ op: 'add', path: '/spec/list/-', value: { name } }) as const)
    const stored = await rig.objects.patch(things, { ...ref, operations })
    expect(stored).toMatchObject({ object: { spec: { list: [{ name: 'x' }, { name: 'y' }, { name: 'z' }] } } })
  })
})
