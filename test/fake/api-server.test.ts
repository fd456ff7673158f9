import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { makeTimers } from '../../src/kubernetes/timers.ts'
import { makeTransport, transportLimits } from '../../src/kubernetes/transport.ts'
import type { Call, Transport } from '../../src/kubernetes/transport.ts'
import { until } from '../until.ts'
import { startFakeApiServer } from './api-server.ts'
import type { FakeApiServer } from './api-server.ts'

const path = '/apis/example.com/v1/namespaces/ns/things'
const key = { collection: '/apis/example.com/v1/things', namespace: 'ns', name: 'a' }

let api: FakeApiServer
let transport: Transport

beforeEach(async () => {
  api = await startFakeApiServer()
  const timers = makeTimers({ now: Date.now, elapsed: () => performance.now() })
  transport = makeTransport(api.connection(), { timers, random: () => 0, userAgent: 'test', limits: transportLimits })
})

afterEach(async () => {
  await transport.close()
  await api.stop()
})

async function ask(method: Call['method'], at: string, more: Partial<Call> = {}): Promise<Record<string, unknown>> {
  const { text } = await transport.call({ method, path: `${path}${at}`, ...more })
  const answer: Record<string, unknown> = JSON.parse(text)
  return answer
}

const create = (name: string, more: object = {}): Promise<Record<string, unknown>> =>
  ask('POST', '', { body: JSON.stringify({ kind: 'Thing', metadata: { name }, ...more }) })

const patch = (at: string, operations: readonly object[]): Promise<Record<string, unknown>> =>
  ask('PATCH', at, { body: JSON.stringify(operations), contentType: 'application/json-patch+json' })

async function watch(query: Readonly<Record<string, string>>): Promise<{ readonly events: string[] }> {
  const stream = await transport.stream({ method: 'GET', path, query: { watch: 'true', ...query } })
  const events: string[] = []
  const read = async (): Promise<void> => {
    for await (const chunk of stream) {
      for (const line of Buffer.from(chunk).toString().trim().split('\n')) {
        const { type, object }: { type: string; object: { metadata?: { name?: string } } } = JSON.parse(line)
        events.push(`${type} ${object.metadata?.name ?? ''}`.trim())
      }
    }
  }
  void read().catch(() => undefined)
  return { events }
}

describe('the fake API server stores as the real one does', () => {
  test('a created object gets uid, version, generation and time; its status is dropped', async () => {
    expect(await create('a', { spec: { n: 1 }, status: { decision: 'Approved' } })).toEqual({
      kind: 'Thing',
      spec: { n: 1 },
      metadata: {
        name: 'a',
        namespace: 'ns',
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: '101',
        generation: 1,
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    })
  })

  test('status and the rest are written apart, and only content raises the generation', async () => {
    await create('a', { spec: { n: 1 } })
    await patch('/a/status', [{ op: 'add', path: '/status', value: { x: 1 } }])
    await patch('/a', [{ op: 'replace', path: '/spec/n', value: 2 }])
    await patch('/a', [{ op: 'add', path: '/metadata/labels', value: { l: 'm' } }])
    const stored = api.objects.get(key)
    expect(stored).toMatchObject({ spec: { n: 2 }, status: { x: 1 }, metadata: { generation: 2, labels: { l: 'm' } } })
    await patch('/a', [{ op: 'add', path: '/status/x', value: 7 }])
    expect(api.objects.get(key)).toBe(stored)
  })

  test.each([
    ['a version that is not the stored one', { resourceVersion: '1' }],
    ['a uid that is not the stored one', { uid: 'other' }],
  ])('a write with %s is a conflict', async (_what, metadata) => {
    await create('a')
    const body = JSON.stringify({ metadata: { name: 'a', ...metadata } })
    await expect(ask('PUT', '/a', { body })).rejects.toMatchObject({ status: 409, reason: 'Conflict' })
    await expect(ask('DELETE', '/a', { body: JSON.stringify({ preconditions: metadata }) })).rejects.toMatchObject({
      status: 409,
    })
  })

  test('an object with a finalizer goes when the last one is removed', async () => {
    await create('a', { metadata: { name: 'a', finalizers: ['x/y'] } })
    await ask('DELETE', '/a')
    expect(api.objects.get(key).metadata.deletionTimestamp).toBeDefined()
    await patch('/a', [{ op: 'remove', path: '/metadata/finalizers' }])
    expect(api.objects.find(key)).toBeUndefined()
  })

  test.each<[string, readonly object[], number]>([
    ['a test that holds', [{ op: 'test', path: '/spec/n', value: 1 }], 200],
    ['a test that does not', [{ op: 'test', path: '/spec/n', value: 2 }], 422],
    ['a test for null of what is missing', [{ op: 'test', path: '/spec/missing', value: null }], 200],
    ['a test for null below what is missing', [{ op: 'test', path: '/missing/missing', value: null }], 422],
    ['removing what is missing', [{ op: 'remove', path: '/spec/missing' }], 422],
    ['appending to a list', [{ op: 'add', path: '/spec/list/-', value: 3 }], 200],
    ['a place beyond a list', [{ op: 'replace', path: '/spec/list/9', value: 3 }], 422],
    ['moving', [{ op: 'move', from: '/spec/n', path: '/spec/m' }], 200],
    ['an unknown operation', [{ op: 'merge', path: '/spec' }], 422],
  ])('JSON Patch: %s', async (_what, operations, status) => {
    await create('a', { spec: { n: 1, list: [1, 2] } })
    const answer = await patch('/a', operations).then(
      () => 200,
      (error: { readonly status: number }) => error.status,
    )
    expect(answer).toBe(status)
  })

  test('a list in pages is that of its beginning, and ends with 410 when it has expired', async () => {
    for (const name of ['a', 'b', 'c']) await create(name)
    const first = await ask('GET', '', { query: { limit: '2' } })
    const { continue: next = '', resourceVersion } = first['metadata'] as { continue?: string; resourceVersion: string }
    await create('d')
    const query = { limit: '2', continue: next }
    const second = await ask('GET', '', { query })
    expect(second).toMatchObject({ metadata: { resourceVersion }, items: [{ metadata: { name: 'c' } }] })
    api.expireContinues()
    await expect(ask('GET', '', { query })).rejects.toMatchObject({ status: 410 })
  })
})

describe('the fake API server watches as the real one does', () => {
  test('with a selector, an object that begins or ceases to match is added or deleted', async () => {
    const { events } = await watch({ fieldSelector: 'status.decision=' })
    await create('a')
    await patch('/a/status', [{ op: 'add', path: '/status', value: { decision: 'Approved' } }])
    await patch('/a/status', [{ op: 'replace', path: '/status/decision', value: '' }])
    await patch('/a', [{ op: 'add', path: '/metadata/labels', value: { l: 'm' } }])
    await until('all have come', () => events.length === 4)
    expect(events).toEqual(['ADDED a', 'DELETED a', 'ADDED a', 'MODIFIED a'])
  })

  test('from an old version it brings what happened since, or an ERROR when that is forgotten', async () => {
    await create('a')
    await create('b')
    const { events } = await watch({ resourceVersion: '101' })
    await until('it has come', () => events.length === 1)
    api.compact()
    const { events: late } = await watch({ resourceVersion: '101' })
    await until('it has come', () => late.length === 1)
    expect([events, late]).toEqual([['ADDED b'], ['ERROR']])
  })
})
