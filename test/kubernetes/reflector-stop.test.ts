import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { Change } from '../../src/kubernetes/change.ts'
import { makeReflector, reflectorLimits } from '../../src/kubernetes/reflector.ts'
import type { Interest, Reflector } from '../../src/kubernetes/reflector.ts'
import type { Call, Reply, Transport } from '../../src/kubernetes/transport.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { oneTurn, until } from '../until.ts'
import { things, trim } from './reflector-rig.ts'
import type { Thing, Trimmed } from './reflector-rig.ts'

jest.setTimeout(60_000)

/** Something that was asked for, and that the test answers whenever it likes: also after the asker has gone. */
type Asked = { readonly call: Call; readonly answer: (text: string) => void; readonly fail: () => void }
type Opened = { readonly call: Call; readonly say: (text: string) => void; readonly end: () => void }

let clock: FakeClock
let calls: Asked[]
let streams: Opened[]
let told: Change<Trimmed>[]
let reflector: Reflector<Trimmed>
let onChange: () => void

/** A transport that does not listen to the signals of its callers. */
const deaf: Pick<Transport, 'call' | 'stream'> = {
  call: (call) => {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>()
    const answer = (text: string): void => resolve({ status: 200, text, date: undefined })
    calls.push({ call, answer, fail: () => reject(new Error('no')) })
    return promise
  },
  stream: (call) => {
    const { readable, writable } = new TransformStream<Uint8Array>()
    const writer = writable.getWriter()
    const say = (text: string): void => void writer.write(Buffer.from(text)).catch(() => undefined)
    streams.push({ call, say, end: () => void writer.close().catch(() => undefined) })
    return Promise.resolve(readable)
  },
}

function start(interest: Partial<Interest<Thing, Trimmed>> = {}): void {
  clock = makeFakeClock()
  calls = []
  streams = []
  told = []
  onChange = () => undefined
  const ports = {
    transport: deaf,
    timers: clock,
    random: () => 0,
    handle: (change: Change<Trimmed>) => {
      told.push(change)
      onChange()
    },
    handleFailed: () => undefined,
    failed: () => undefined,
    limits: reflectorLimits,
  }
  reflector = makeReflector<Thing, Trimmed>(ports, { resource: things, trim, ...interest })
  reflector.start()
}

const thing = (name: string, version: string): object => ({
  kind: 'Thing',
  metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: version },
})
const list = (...names: readonly string[]): string =>
  JSON.stringify({ metadata: { resourceVersion: '9' }, items: names.map((name) => thing(name, '5')) })
const added = (name: string): string => `${JSON.stringify({ type: 'ADDED', object: thing(name, '10') })}\n`

async function asked(nth: number): Promise<Asked> {
  await until(`there are ${nth} calls`, () => calls.length === nth)
  const found = calls.at(-1)
  if (found === undefined) throw new Error('no call')
  return found
}

async function opened(): Promise<Opened> {
  await until('a stream is open', () => streams.length > 0)
  const found = streams.at(-1)
  if (found === undefined) throw new Error('no stream')
  return found
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await oneTurn()
}

beforeEach(() => start())

describe('what comes after the stop, from a transport that goes on, is not taken in', () => {
  test('a list', async () => {
    const { answer } = await asked(1)
    const stopping = reflector.stop()
    answer(list('a'))
    await stopping
    await settle()
    expect([told, reflector.cache.size, reflector.synced(), reflector.lastHeard()]).toEqual([[], 0, false, undefined])
    expect(streams).toEqual([])
    expect(calls).toHaveLength(1)
  })

  test('an event', async () => {
    const { answer } = await asked(1)
    answer(list('a'))
    const { say, end } = await opened()
    await clock.advance(1_000)
    const stopping = reflector.stop()
    say(added('b'))
    end()
    await stopping
    await settle()
    expect(told.map(({ key }) => key)).toEqual(['ns/a'])
    expect([...reflector.cache.keys()]).toEqual(['ns/a'])
    expect(reflector.silentMs()).toBe(1_000)
    expect(calls).toHaveLength(1)
  })

  test('an object that was looked up', async () => {
    start({ whileKept: { listSelector: { fieldSelector: 'x=' }, keep: ({ metadata }) => metadata.name !== 'gone' } })
    const first = await asked(1)
    first.answer(list('a'))
    const { say } = await opened()
    say(added('b'))
    await until('it is told', () => told.length === 2)
    say('nonsense\n')
    await clock.advance(1_000)
    const second = await asked(2)
    second.answer(list('b'))
    const lookedUp = await asked(3)
    expect(lookedUp.call.path).toBe('/apis/example.com/v1/namespaces/ns/things/a')
    const stopping = reflector.stop()
    lookedUp.answer(JSON.stringify(thing('a', '11')))
    await stopping
    await settle()
    expect(reflector.cache.get('ns/a')?.version).toBe('5')
    expect(told).toHaveLength(3)
  })

  test('a failure leads to no other try', async () => {
    const { fail } = await asked(1)
    const stopping = reflector.stop()
    fail()
    await stopping
    await clock.advance(600_000)
    expect(calls).toHaveLength(1)
  })
})

test('stopped by its own handler at the last object of a list, it is not synced', async () => {
  const { answer } = await asked(1)
  const waiting = reflector.untilSynced()
  onChange = () => void reflector.stop()
  answer(list('a'))
  expect(await waiting).toBe(false)
  await settle()
  expect(reflector.synced()).toBe(false)
  expect(reflector.cache.size).toBe(1)
  expect(reflector.lastHeard()).toBeUndefined()
  expect(streams).toEqual([])
})

test('stopped by its own handler in the middle of a list, the rest is not taken in', async () => {
  const { answer } = await asked(1)
  onChange = () => void reflector.stop()
  answer(list('a', 'b', 'c'))
  await until('it is told', () => told.length === 1)
  await settle()
  expect([...reflector.cache.keys()]).toEqual(['ns/a'])
})

test('stopped by its own handler while what a list lacks is taken out, the rest stays', async () => {
  const first = await asked(1)
  first.answer(list('a', 'b', 'c'))
  const { say } = await opened()
  say('nonsense\n')
  await settle()
  await clock.advance(1_000)
  const second = await asked(2)
  onChange = () => void reflector.stop()
  second.answer(list('c'))
  await until('it is told', () => told.length === 4)
  await settle()
  expect([...reflector.cache.keys()]).toEqual(['ns/b', 'ns/c'])
  expect(told.map(({ type, key }) => `${type} ${key}`).slice(3)).toEqual(['Deleted ns/a'])
})

test('stopped by its own handler between the end of one object and the next of its name, that is told later', async () => {
  const first = await asked(1)
  first.answer(list('a'))
  const { say } = await opened()
  onChange = () => void reflector.stop()
  say(added('a').replace('uid-a', 'uid-new'))
  await until('it is told', () => told.length === 2)
  await settle()
  expect(told.map(({ type }) => type)).toEqual(['Added', 'Deleted'])
  onChange = () => undefined
  reflector.start()
  await clock.advance(1_000)
  expect(told.map(({ type, object }) => `${type} ${object.uid}`)).toEqual([
    'Added uid-a',
    'Deleted uid-a',
    'Added uid-new',
  ])
})

test('started anew while the earlier run hangs, it waits for its end and then lists for itself', async () => {
  const { answer } = await asked(1)
  void reflector.stop()
  reflector.start()
  void reflector.stop()
  reflector.start()
  await settle()
  expect(calls).toHaveLength(1)
  answer(list('old'))
  const again = await asked(2)
  expect(reflector.synced()).toBe(false)
  again.answer(list('new'))
  await opened()
  await settle()
  expect([...reflector.cache.keys()]).toEqual(['ns/new'])
  expect(calls).toHaveLength(2)
  expect(streams).toHaveLength(1)
})
