import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { makeTransport, transportLimits } from '../../src/kubernetes/transport.ts'
import type { Call, Transport } from '../../src/kubernetes/transport.ts'
import { startFakeApiServer } from '../fake/api-server.ts'
import type { FakeApiServer } from '../fake/api-server.ts'
import type { FakeWatch } from '../fake/api-server-watch.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { oneTurn, until } from '../until.ts'

jest.setTimeout(60_000)

const watch: Call = { method: 'GET', path: '/api/v1/configmaps', query: { watch: 'true' } }
const idleMs = 75_000

let api: FakeApiServer
let clock: FakeClock
let transport: Transport

beforeEach(async () => {
  api = await startFakeApiServer()
  clock = makeFakeClock()
  transport = makeTransport(api.connection(), {
    timers: clock,
    random: () => 0,
    userAgent: 'test/1',
    limits: transportLimits,
  })
})

afterEach(async () => {
  await transport.close()
  await until('every connection is closed', () => api.connections.open === 0)
  await until('no timer is left', () => clock.sleeping().length === 0)
  await api.stop()
})

/** Reads a stream to its end in the background. */
function readAll(stream: AsyncIterable<Uint8Array>): { text: string; error: unknown; over: boolean } {
  const seen: { text: string; error: unknown; over: boolean } = { text: '', error: undefined, over: false }
  const reading = async (): Promise<void> => {
    for await (const chunk of stream) seen.text += Buffer.from(chunk).toString()
  }
  void reading()
    .catch((error: unknown) => {
      seen.error = error
    })
    .finally(() => {
      seen.over = true
    })
  return seen
}

async function opened(): Promise<{ stream: AsyncIterable<Uint8Array>; server: FakeWatch }> {
  const stream = await transport.stream(watch)
  const [server] = api.watches()
  if (server === undefined) throw new Error('no watch has come')
  return { stream, server }
}

describe('a stream', () => {
  test('brings what the server says, until the server ends it', async () => {
    const { stream, server } = await opened()
    const seen = readAll(stream)
    server.say('one')
    await until('it has come', () => seen.text === 'one')
    server.say('two')
    server.end()
    await until('it is over', () => seen.over)
    expect(seen).toEqual({ text: 'onetwo', error: undefined, over: true })
    await until('its connection is closed', () => api.connections.open === 0)
  })

  test('has no deadline while something comes', async () => {
    const { stream, server } = await opened()
    const seen = readAll(stream)
    for (let i = 1; i <= 200; i += 1) {
      await clock.advance(idleMs - 1)
      server.say('x')
      await until('it has come', () => seen.text.length === i)
    }
    expect(seen.over).toBe(false)
  })

  test('that brings nothing for the idle deadline ends as Silent, and its connection with it', async () => {
    const { stream, server } = await opened()
    const seen = readAll(stream)
    server.say('x')
    await until('it has come', () => seen.text === 'x')
    await clock.advance(idleMs - 1)
    expect(seen.over).toBe(false)
    await clock.advance(1)
    await until('it is over', () => seen.over)
    expect(seen.error).toMatchObject({ status: 0, reason: 'Silent' })
    await until('its connection is closed', () => api.connections.open === 0)
  })

  test('that nobody reads ends after the idle deadline too', async () => {
    await opened()
    await clock.advance(idleMs)
    await until('its connection is closed', () => api.connections.open === 0)
  })

  test('is not silent because its reader is slow', async () => {
    const { stream, server } = await opened()
    const iterator = stream[Symbol.asyncIterator]()
    server.say('one')
    expect(Buffer.from((await iterator.next()).value).toString()).toBe('one')
    server.say('two')
    await clock.advance(idleMs * 3)
    expect(Buffer.from((await iterator.next()).value).toString()).toBe('two')
    await iterator.return?.()
  })

  test('that is cut brings what came before, then Connection', async () => {
    const { stream, server } = await opened()
    const seen = readAll(stream)
    server.say('one')
    await until('it has come', () => seen.text === 'one')
    server.reset()
    await until('it is over', () => seen.over)
    expect(seen.error).toMatchObject({ status: 0, reason: 'Connection' })
  })

  test('closes its connection when the reader leaves', async () => {
    const { stream, server } = await opened()
    server.say('one')
    for await (const chunk of stream) {
      expect(chunk.byteLength).toBe(3)
      break
    }
    await until('its connection is closed', () => api.connections.open === 0)
  })

  test('ends as Canceled when the caller ends it', async () => {
    const caller = new AbortController()
    const seen = readAll(await transport.stream({ ...watch, signal: caller.signal }))
    caller.abort()
    await until('it is over', () => seen.over)
    expect(seen.error).toMatchObject({ status: 0, reason: 'Canceled' })
  })

  test('ends as Canceled with the transport', async () => {
    const seen = readAll((await opened()).stream)
    await transport.close()
    await until('it is over', () => seen.over)
    expect(seen.error).toMatchObject({ status: 0, reason: 'Canceled' })
  })
})

describe('opening a stream', () => {
  test('fails with the refusal of the server, tried once', async () => {
    api.faults.next({ do: 'refuse', status: 429, retryAfter: 7 })
    await expect(transport.stream(watch)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 7 })
    expect(api.requests).toHaveLength(1)
  })

  test('gets a new token after a 401', async () => {
    let asked = 0
    const token = (): Promise<string> => Promise.resolve(asked++ === 0 ? 'expired' : 'a-token')
    const options = { timers: clock, random: () => 0, userAgent: 'test/1', limits: transportLimits }
    const other = makeTransport(api.connection(token), options)
    const seen = readAll(await other.stream(watch))
    expect(api.watches()).toHaveLength(1)
    await other.close()
    await until('it is over', () => seen.over)
  })

  test('has a deadline', async () => {
    api.faults.next({ do: 'hang' })
    const opening = transport.stream(watch).catch((error: unknown) => error)
    await until('the request has come', () => api.requests.length === 1)
    await clock.advance(transportLimits.deadlineMs)
    expect(await opening).toMatchObject({ status: 0, reason: 'Timeout' })
  })

  test('is not begun on a transport that is closed', async () => {
    await transport.close()
    await expect(transport.stream(watch)).rejects.toMatchObject({ reason: 'Canceled' })
    expect(api.requests).toHaveLength(0)
  })

  test('does not wait for the connections of calls', async () => {
    const gate = Promise.withResolvers<void>()
    api.faults.next({ do: 'wait', until: gate.promise }, { verb: 'list' }, 16)
    const calls = Array.from({ length: 16 }, () => transport.call({ method: 'GET', path: '/api/v1/configmaps' }))
    await until('all connections for calls are busy', () => api.requests.length === 16)
    const seen = readAll((await opened()).stream)
    gate.resolve()
    await Promise.all(calls)
    expect(seen.over).toBe(false)
  })
})

test('a reader that does not read makes the server wait, not our memory grow', async () => {
  const { stream, server } = await opened()
  const iterator = stream[Symbol.asyncIterator]()
  server.say('first')
  await iterator.next()
  const megabyte = 'x'.repeat(1024 * 1024)
  for (let i = 0; i < 64; i += 1) {
    server.say(megabyte)
    await oneTurn()
  }
  await until('the connection is full', () => server.waitingBytes() > 32 * 1024 * 1024)
  let bytes = 0
  server.end()
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
    bytes += next.value.byteLength
  expect(bytes).toBe(64 * 1024 * 1024)
})
