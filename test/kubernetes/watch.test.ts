import { describe, expect, jest, test } from '@jest/globals'
import { array, assert, asyncProperty, nat } from 'fast-check'
import { inspect } from 'node:util'
import { watchEvents } from '../../src/kubernetes/watch.ts'
import type { WatchEvent } from '../../src/kubernetes/watch.ts'
import type { KubernetesObject } from '../../src/kubernetes/resource.ts'

jest.setTimeout(60_000)

const options = { asked: 'GET /watch', kind: 'Thing', mostLineBytes: 3_000_000 }
type Seen = { readonly events: readonly WatchEvent<KubernetesObject>[]; readonly error: unknown }

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk
}

async function read(chunks: readonly (Uint8Array | string)[], mostLineBytes = options.mostLineBytes): Promise<Seen> {
  const events: WatchEvent<KubernetesObject>[] = []
  const bytes = streamOf(chunks.map((chunk) => Buffer.from(chunk)))
  try {
    for await (const event of watchEvents(bytes, { ...options, mostLineBytes })) events.push(event)
    return { events, error: undefined }
  } catch (error) {
    return { events, error }
  }
}

const thing = (name: string, more: object = {}): object => ({
  kind: 'Thing',
  metadata: { name, uid: `uid-${name}`, resourceVersion: '7' },
  ...more,
})
const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`
const good = line('ADDED', thing('good'))

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

describe('what is an event', () => {
  test.each(['ADDED', 'MODIFIED', 'DELETED'])('%s brings its object', async (type) => {
    expect(await read([line(type, thing('a', { spec: { n: 1 } }))])).toEqual({
      events: [{ type, object: thing('a', { spec: { n: 1 } }) }],
      error: undefined,
    })
  })

  test('a bookmark brings its version', async () => {
    const object = { kind: 'Thing', metadata: { resourceVersion: '12', creationTimestamp: null } }
    expect((await read([line('BOOKMARK', object)])).events).toEqual([{ type: 'BOOKMARK', resourceVersion: '12' }])
  })

  test('an object may lack its kind', async () => {
    expect(
      (await read([line('ADDED', { metadata: { name: 'a', uid: 'u', resourceVersion: '1' } })])).error,
    ).toBeUndefined()
  })

  test('a stream without any ends well', async () => {
    expect(await read([])).toEqual({ events: [], error: undefined })
  })

  test('__proto__ is a name like any other', async () => {
    const text = good.replace('"kind"', '"__proto__":{"polluted":true},"kind"')
    const { events } = await read([text])
    expect(events).toHaveLength(1)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('what is none is an error, after the events before it', () => {
  test.each<[string, string, string]>([
    ['no JSON', '{"type":"ADDED",\n', 'MalformedEvent'],
    ['an empty line', '\n', 'MalformedEvent'],
    ['JSON that is no object', '[1]\n', 'MalformedEvent'],
    ['null', 'null\n', 'MalformedEvent'],
    ['a type that does not exist', line('CHANGED', thing('a')), 'MalformedEvent'],
    ['a type in lower case', line('added', thing('a')), 'MalformedEvent'],
    ['no type', line('', thing('a')), 'MalformedEvent'],
    ['a type that is no string', '{"type":["ADDED"],"object":{}}\n', 'MalformedEvent'],
    ['no object', '{"type":"ADDED"}\n', 'MalformedEvent'],
    ['an object without metadata', line('ADDED', { kind: 'Thing' }), 'MalformedEvent'],
    [
      'an object without uid',
      line('ADDED', thing('a', { metadata: { name: 'a', resourceVersion: '1' } })),
      'MalformedEvent',
    ],
    ['an object without version', line('ADDED', thing('a', { metadata: { name: 'a', uid: 'u' } })), 'MalformedEvent'],
    ['an object of another kind', line('ADDED', thing('a', { kind: 'Status' })), 'MalformedEvent'],
    ['a bookmark without version', line('BOOKMARK', { metadata: {} }), 'MalformedEvent'],
    ['two events in one line', good.replace('\n', '') + good, 'MalformedEvent'],
    ['an end in the middle of a line', good.slice(0, -10), 'Truncated'],
    ['an end before the newline', good.slice(0, -1), 'Truncated'],
  ])('%s', async (_what, text, reason) => {
    const { events, error } = await read([good, text])
    expect(events).toHaveLength(1)
    expect(error).toMatchObject({ name: 'ApiError', status: 0, reason })
  })

  test('bytes that are no UTF-8', async () => {
    const bad = Buffer.from(good)
    bad[good.indexOf('good')] = 0xff
    expect((await read([good, bad])).error).toMatchObject({ status: 0, reason: 'NotUtf8' })
  })

  test('half a character at the end of a line', async () => {
    expect((await read([Buffer.from([0xc3, 0x0a])])).error).toMatchObject({ reason: 'NotUtf8' })
  })

  test('a line longer than allowed, before it has ended', async () => {
    expect((await read([good, 'x'.repeat(600)], 500)).error).toMatchObject({ reason: 'LineTooLong' })
  })

  test('a line as long as allowed is none of it', async () => {
    expect((await read([good], good.length - 1)).events).toHaveLength(1)
  })

  test.each([
    [410, 'Expired'],
    [410, 'Gone'],
    [500, 'InternalError'],
    [429, 'TooManyRequests'],
    [403, 'Forbidden'],
  ])('an ERROR event of %d %s keeps code and reason', async (code, reason) => {
    const status = { kind: 'Status', code, reason, message: 'm' }
    expect((await read([line('ERROR', status)])).error).toMatchObject({ status: code, reason })
  })

  test.each([['nothing'], [{ kind: 'Thing' }], [null]])('an ERROR event with %j in it', async (object) => {
    expect((await read([line('ERROR', object)])).error).toMatchObject({ status: 500, reason: 'Unknown' })
  })

  test('no error quotes the stream', async () => {
    const { error } = await read(['{"type":"ADDED","object":{"data":"s3cret"}}\n'])
    const { error: noJson } = await read(['s3cret\n'])
    expect(inspect([error, noJson], { depth: 9, showHidden: true })).not.toContain('s3cret')
  })
})

describe('where chunks are cut makes no difference', () => {
  const text = [thing('a', { x: 'ä€🧀' }), thing('b'), thing('c', { y: '"\\n{' })]
    .map((object) => line('ADDED', object))
    .join('')
  const bytes = Buffer.from(text)

  test('at any places', async () => {
    const whole = await read([bytes])
    expect(whole.events).toHaveLength(3)
    const cuts = array(nat(bytes.length), { maxLength: 12 })
    await assert(asyncProperty(cuts, async (places) => expect(await read(cut(bytes, places))).toEqual(whole)))
  })

  test('one byte at a time', async () => {
    const places = Array.from({ length: bytes.length }, (_, i) => i)
    expect(await read(cut(bytes, places))).toEqual(await read([bytes]))
  })

  test('what is wrong stays wrong', async () => {
    const bad = Buffer.concat([bytes, Buffer.from(good.slice(0, 20))])
    const cuts = array(nat(bad.length), { maxLength: 12 })
    await assert(
      asyncProperty(cuts, async (places) => {
        const seen = await read(cut(bad, places))
        expect(seen.events).toHaveLength(3)
        expect(seen.error).toMatchObject({ reason: 'Truncated' })
      }),
    )
  })
})

test('the work grows with the bytes, not faster: copying 32 MB anew for each of 16,384 chunks would never end', async () => {
  const size = 32 * 1024 * 1024
  const bytes = Buffer.from(line('ADDED', thing('big', { data: 'x'.repeat(size) })))
  const places = Array.from({ length: 16_384 }, (_, i) => i * 2048)
  const { events, error } = await read(cut(bytes, places), bytes.length)
  expect(error).toBeUndefined()
  expect(events).toHaveLength(1)
})
