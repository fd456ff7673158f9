import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import type { Fault } from '../fake/api-server-faults.ts'
import type { FakeWatch } from '../fake/api-server-watch.ts'
import { oneTurn, until } from '../until.ts'
import { makeRig } from './reflector-rig.ts'
import type { Rig, RigOptions } from './reflector-rig.ts'

jest.setTimeout(60_000)

let rig: Rig

beforeEach(async () => {
  rig = await makeRig()
})

// Every connection is closed, no timer is left, what was told is coherent. jest-circus fails a test that leaves a
// rejection unhandled.
afterEach(() => rig.end())

async function startAnew(options: RigOptions): Promise<void> {
  await rig.end()
  rig = await makeRig(options)
}

/** Three objects, known to the reflector, which watches. */
async function atRest(): Promise<FakeWatch> {
  for (const name of ['a', 'b', 'c']) rig.put(name, 1)
  rig.reflector.start()
  await rig.converged()
  const [watch] = rig.api.watches()
  if (watch === undefined) throw new Error('it does not watch')
  return watch
}

/** Something of everything: an update, a deletion, a new one, and one that is deleted and created anew. */
function muchHappens(): void {
  rig.put('a', 2)
  rig.drop('b')
  rig.drop('c')
  rig.put('c', 1)
  rig.put('d', 1)
}

const listFaults: readonly (readonly [string, Fault])[] = [
  ['a 500', { do: 'refuse', status: 500 }],
  ['a 503', { do: 'refuse', status: 503 }],
  ['a 429 with Retry-After', { do: 'refuse', status: 429, retryAfter: 2 }],
  ['a 403', { do: 'refuse', status: 403 }],
  ['a 404, as before the CRD is there', { do: 'answer', status: 404, text: '404 page not found' }],
  ['a 401', { do: 'refuse', status: 401 }],
  ['a 410', { do: 'refuse', status: 410 }],
  ['a reset', { do: 'resetBefore' }],
  ['an answer cut in the middle', { do: 'truncate' }],
  ['a page of a proxy', { do: 'answer', status: 200, text: '<html>' }],
  ['JSON that is no list', { do: 'answer', status: 200, text: '{"kind":"Status"}' }],
  ['a list with something else in it', { do: 'lie', change: (list) => ({ ...list, items: [{ kind: 'Thing' }] }) }],
  [
    'a list of another kind',
    {
      do: 'lie',
      change: (list) => ({ ...list, items: [{ kind: 'X', metadata: { name: 'x', uid: 'u', resourceVersion: '1' } }] }),
    },
  ],
  ['a list without a version', { do: 'lie', change: (list) => ({ ...list, metadata: {} }) }],
]

describe('the first list', () => {
  test.each(listFaults)('is asked for again after %s, ten times', async (_what, fault) => {
    rig.api.faults.next(fault, { verb: 'list' }, 10)
    rig.put('a', 1)
    rig.reflector.start()
    await rig.until('there was a failure', () => rig.failures.length > 0)
    expect(rig.reflector.synced()).toBe(false)
    expect(rig.reflector.lastHeard()).toBeUndefined()
    await rig.converged()
    expect(rig.reflector.synced()).toBe(true)
  })

  test('that hangs ends at its deadline, and is asked for again', async () => {
    rig.api.faults.next({ do: 'hang' }, { verb: 'list' })
    rig.put('a', 1)
    rig.reflector.start()
    await rig.until('the list has come', () => rig.api.requests.length === 1)
    await rig.clock.advance(15_000)
    await rig.converged()
    expect(rig.failures).toMatchObject([{ reason: 'Timeout' }])
  })

  test('that comes byte by byte is a list', async () => {
    rig.api.faults.next({ do: 'dribble' }, { verb: 'list' })
    rig.put('a', 1)
    rig.reflector.start()
    await rig.converged()
    expect(rig.failures).toEqual([])
  })

  test.each(listFaults)('begins anew when a later page meets %s', async (_what, fault) => {
    await startAnew({ limits: { pageSize: 2 } })
    for (let i = 0; i < 9; i += 1) rig.put(`thing-${i}`, 1)
    rig.api.faults.next(fault, { verb: 'list', continued: true }, 7)
    rig.reflector.start()
    await rig.converged()
    expect(rig.told).toHaveLength(9)
  })

  test('asks for larger pages when they expire, until it has all in one', async () => {
    await startAnew({ limits: { pageSize: 2 } })
    for (let i = 0; i < 100; i += 1) rig.put(`thing-${i}`, 1)
    rig.api.faults.always({ do: 'refuse', status: 410 }, { verb: 'list', continued: true })
    rig.reflector.start()
    await rig.converged()
    const sizes = rig.api.requests.filter(
      ({ query }) => query['limit'] !== undefined && query['continue'] === undefined,
    )
    expect(sizes.map(({ query }) => query['limit'])).toEqual(['2', '8', '32', '128'])
  })

  test('asks for smaller pages when they are too large', async () => {
    await startAnew({ transport: { maxReplyBytes: 2_000 } })
    for (let i = 0; i < 20; i += 1) rig.put(`thing-${i}`, 1)
    rig.reflector.start()
    await rig.converged()
    expect(new Set(rig.failures.map((error) => (error instanceof ApiError ? error.reason : error)))).toEqual(
      new Set(['ReplyTooLarge']),
    )
    const sizes = rig.api.requests.filter(({ verb }) => verb === 'list').map(({ query }) => query['limit'])
    expect(sizes.slice(0, 7)).toEqual(['500', '250', '125', '62', '31', '15', '7'])
  })

  test('that goes round in a circle is no list', async () => {
    await startAnew({ limits: { pageSize: 1 } })
    for (const name of ['a', 'b', 'c']) rig.put(name, 1)
    const circle: Fault = {
      do: 'lie',
      change: (list) => ({ ...list, metadata: { resourceVersion: '1', continue: 'round' } }),
    }
    rig.api.faults.next({ ...circle }, { verb: 'list' })
    rig.api.faults.next(
      { do: 'answer', status: 200, text: '{"metadata":{"resourceVersion":"1","continue":"round"},"items":[]}' },
      { verb: 'list', continued: true },
    )
    rig.reflector.start()
    await rig.converged()
    expect(rig.failures).toMatchObject([{ reason: 'UnreadableReply' }])
  })
})

describe('opening a watch', () => {
  test.each<[string, Fault]>([
    ['a 500', { do: 'refuse', status: 500 }],
    ['a 503', { do: 'refuse', status: 503 }],
    ['a 429 with Retry-After', { do: 'refuse', status: 429, retryAfter: 2 }],
    ['a 403', { do: 'refuse', status: 403 }],
    ['a 401', { do: 'refuse', status: 401 }],
    ['a 400', { do: 'refuse', status: 400, reason: 'BadRequest' }],
    ['a 410', { do: 'refuse', status: 410 }],
    ['a 504, as for a version that is too large', { do: 'refuse', status: 504, reason: 'Timeout' }],
    ['a reset before', { do: 'resetBefore' }],
    ['a reset after the headers', { do: 'resetAfter' }],
    ['an end at once', { do: 'answer', status: 200, text: '' }],
    ['a page of a proxy', { do: 'answer', status: 200, text: '<html>\n' }],
  ])('is tried again after %s, ten times', async (_what, fault) => {
    const watch = await atRest()
    rig.api.faults.next(fault, { verb: 'watch' }, 10)
    watch.reset()
    await rig.until('it was refused', () => rig.api.faults.left() === 0)
    muchHappens()
    await rig.converged()
    expect(rig.failures.length).toBeGreaterThan(0)
  })

  test('that hangs ends at its deadline, and is tried again', async () => {
    const watch = await atRest()
    rig.api.faults.next({ do: 'hang' }, { verb: 'watch' })
    watch.reset()
    await rig.until('it was tried', () => rig.watches() === 2)
    await rig.clock.advance(15_000)
    muchHappens()
    await rig.converged()
  })

  test('that fails again and again leads to a list, in case it is the version', async () => {
    const watch = await atRest()
    rig.api.faults.next({ do: 'refuse', status: 500 }, { verb: 'watch' }, 4)
    watch.reset()
    await rig.until('it was refused', () => rig.api.faults.left() === 0)
    await rig.converged()
    expect(rig.lists()).toBe(2)
  })

  test('that ends at once again and again is no flood, and leads to a list', async () => {
    const watch = await atRest()
    rig.api.faults.next({ do: 'answer', status: 200, text: '' }, { verb: 'watch' }, 20)
    const start = rig.clock.elapsed()
    watch.end()
    await rig.until('it has met them all', () => rig.api.faults.left() === 0)
    await rig.converged()
    expect(rig.clock.elapsed() - start).toBeGreaterThan(60_000)
    expect(rig.lists()).toBeGreaterThan(1)
  })
})

describe('a watch that goes wrong', () => {
  const half = '{"type":"ADDED","object":{"kind":"Thing","meta'
  test.each<[string, (watch: FakeWatch) => void]>([
    ['an ERROR with 410', (watch) => watch.error(410, 'Expired')],
    ['an ERROR with 500', (watch) => watch.error(500, 'InternalError')],
    ['an ERROR with 403', (watch) => watch.error(403, 'Forbidden')],
    ['an ERROR with 429', (watch) => watch.error(429, 'TooManyRequests')],
    ['an ERROR that is no Status', (watch) => watch.event('ERROR', 'what')],
    ['a malformed line', (watch) => watch.say('{"type":\n')],
    ['an empty line', (watch) => watch.say('\n')],
    ['an unknown type', (watch) => watch.event('CHANGED', {})],
    ['an object that is none', (watch) => watch.event('ADDED', { kind: 'Thing' })],
    ['bytes that are no UTF-8', (watch) => watch.say(Uint8Array.of(0xff, 0x0a))],
    ['half a line, then the end', (watch) => [watch.say(half), watch.end()]],
    ['half a line, then a reset', (watch) => [watch.say(half), watch.reset()]],
    ['a reset', (watch) => watch.reset()],
    ['an end', (watch) => watch.end()],
    ['an event cut in half', (watch) => [watch.truncateNext(), rig.put('a', 9)]],
  ])('%s: nothing is lost, and one watch goes on', async (_what, goWrong) => {
    const watch = await atRest()
    goWrong(watch)
    muchHappens()
    await rig.until('the watch is over', () => !rig.api.watches().includes(watch))
    await rig.converged()
    expect([...rig.reflector.cache.keys()].toSorted()).toEqual(['ns/a', 'ns/c', 'ns/d'])
    expect(rig.told.filter(({ key, type }) => key === 'ns/c' && type === 'Deleted')).toHaveLength(1)
  })

  test('an ERROR with 410 leads to a list; a reset goes on from where it was', async () => {
    const first = await atRest()
    first.reset()
    await rig.until('it watches anew', () => rig.watches() === 2 && rig.api.watches().length === 1)
    expect(rig.lists()).toBe(1)
    rig.api.watches()[0]?.error(410, 'Expired')
    await rig.until('it watches anew', () => rig.watches() === 3 && rig.api.watches().length === 1)
    expect(rig.lists()).toBe(2)
  })

  test('that was silent is noticed, and what happened meanwhile is found by a list', async () => {
    const watch = await atRest()
    watch.silence()
    muchHappens()
    await rig.clock.advance(74_999)
    expect(rig.reflector.silentMs()).toBe(74_999)
    expect(rig.told).toHaveLength(3)
    await rig.clock.advance(1)
    await rig.converged()
    expect(rig.failures).toMatchObject([{ reason: 'Silent' }])
    expect(rig.lists()).toBe(2)
  })

  test('goes on from the last bookmark', async () => {
    const watch = await atRest()
    for (let i = 0; i < 50; i += 1)
      rig.api.objects.create({ collection: '/api/v1/pods', namespace: 'x' }, { metadata: { name: `p-${i}` } })
    const version = rig.api.objects.version
    watch.bookmark()
    rig.clock.setWallClock(7)
    await rig.until('the bookmark is heard', () => rig.reflector.lastHeard() === 7)
    watch.reset()
    await rig.until('it watches anew', () => rig.watches() === 2)
    expect(rig.api.requests.at(-1)?.query['resourceVersion']).toBe(String(version))
    expect(rig.lists()).toBe(1)
  })

  test('that loses an event without a word is put right by the list that comes in any case', async () => {
    const watch = await atRest()
    watch.loseNext()
    rig.drop('b')
    rig.put('a', 2)
    await rig.until('the later event has come', () => rig.reflector.cache.get('ns/a')?.n === 2)
    for (let i = 0; i < 10; i += 1) {
      await rig.clock.advance(60_000)
      rig.api.bookmark()
      await oneTurn()
    }
    await rig.converged()
    expect(rig.lists()).toBe(2)
    expect(rig.failures).toEqual([])
  })

  test('a list that is merely due and fails does not stop the watching', async () => {
    await atRest()
    const stop = rig.api.faults.always({ do: 'refuse', status: 403 }, { verb: 'list' })
    for (let i = 0; i < 12; i += 1) {
      await rig.clock.advance(60_000)
      await rig.until('it watches', () => rig.api.watches().length === 1)
      rig.api.bookmark()
      await rig.until('the bookmark is heard', () => rig.reflector.silentMs() < 5_000)
    }
    expect(rig.failures.length).toBeGreaterThan(1)
    muchHappens()
    await rig.converged()
    stop()
  })
})

describe('a server that goes away', () => {
  test('and comes back', async () => {
    await atRest()
    for (let i = 0; i < 5; i += 1) {
      await rig.api.goDown()
      muchHappens()
      rig.put('b', i)
      await rig.until('it was missed', () => rig.failures.length > i)
      await rig.api.comeBack()
      await rig.converged()
    }
  })

  test('for so long that the history is gone', async () => {
    await atRest()
    await rig.api.goDown()
    await rig.clock.advance(60_000)
    muchHappens()
    rig.api.compact()
    await rig.api.comeBack()
    await rig.converged()
  })

  test('is not asked all the time: after ten minutes no more than once in four seconds', async () => {
    await atRest()
    await rig.api.goDown()
    const before = rig.failures.length
    for (let i = 0; i < 150; i += 1) await rig.clock.advance(4_000)
    expect(rig.failures.length - before).toBeLessThan(150)
    expect(rig.failures.length - before).toBeGreaterThan(10)
    await rig.api.comeBack()
    await rig.converged()
  })

  test('is asked when it wants to be, if it says so', async () => {
    const watch = await atRest()
    rig.api.faults.next({ do: 'refuse', status: 429, retryAfter: 40 }, { verb: 'watch' })
    watch.reset()
    await rig.until('it was refused', () => rig.failures.length === 2)
    expect(Math.min(...rig.clock.sleeping())).toBe(40_000)
    await rig.clock.advance(40_000)
    await rig.converged()
  })
})

describe('a token', () => {
  test('that expires is renewed', async () => {
    let current = 'a-token'
    await startAnew({ token: () => Promise.resolve(current) })
    const watch = await atRest()
    rig.api.tokens.clear()
    rig.api.tokens.add('renewed')
    watch.reset()
    await rig.until('it was refused', () => rig.failures.length > 1)
    current = 'renewed'
    muchHappens()
    await rig.converged()
  })

  test('that cannot be had for a while is asked for again', async () => {
    let missing = false
    await startAnew({
      token: () => {
        if (missing) throw new Error('no token today')
        return Promise.resolve('a-token')
      },
    })
    const watch = await atRest()
    missing = true
    watch.reset()
    await rig.until('it was missed', () => rig.failures.length > 5)
    missing = false
    muchHappens()
    await rig.converged()
  })
})

describe('a handler that throws', () => {
  test('does not stop the loop, and is told the change again', async () => {
    await atRest()
    let throws = 3
    rig.handle = ({ key }) => {
      if (key === 'ns/a' && throws-- > 0) throw new Error('not today')
    }
    rig.put('a', 2)
    rig.put('b', 2)
    await until('the other object is told', () => rig.told.at(-1)?.key === 'ns/b')
    expect(rig.reflector.cache.get('ns/a')?.n).toBe(2)
    expect(rig.reflector.unhandled()).toBe(1)
    await rig.until('the change is accepted', () => rig.told.at(-1)?.key === 'ns/a')
    expect(rig.refused).toHaveLength(3)
    expect(rig.refused[0]).toMatchObject({ error: { message: 'not today' }, change: { type: 'Updated', key: 'ns/a' } })
    expect(rig.reflector.unhandled()).toBe(0)
    expect(rig.failures).toEqual([])
  })

  test('is told what has become of the object meanwhile, in one', async () => {
    await atRest()
    let refusing = true
    rig.handle = () => {
      if (refusing) throw new Error('not today')
    }
    rig.put('a', 2)
    rig.put('a', 3)
    rig.drop('b')
    rig.put('b', 4)
    rig.put('b', 5)
    rig.put('new', 1)
    rig.put('new', 2)
    rig.put('brief', 1)
    rig.drop('brief')
    await rig.until('all has come', () => rig.reflector.unhandled() === 4)
    refusing = false
    await rig.until('all is accepted', () => rig.reflector.unhandled() === 0)
    expect(rig.told.slice(3)).toMatchObject([
      { type: 'Updated', key: 'ns/a', object: { n: 3 }, previous: { n: 1 } },
      { type: 'Deleted', key: 'ns/b', object: { n: 1 } },
      { type: 'Added', key: 'ns/b', object: { n: 5 } },
      { type: 'Added', key: 'ns/new', object: { n: 2 } },
      { type: 'Deleted', key: 'ns/brief' },
    ])
  })

  test('in the first list is told again, too', async () => {
    let throws = 1
    rig.handle = () => {
      if (throws-- > 0) throw new Error('not today')
    }
    rig.put('a', 1)
    rig.put('b', 1)
    rig.reflector.start()
    await rig.converged()
    await rig.until('all is accepted', () => rig.told.length === 2)
  })

  test('for ever costs no more and more', async () => {
    await atRest()
    rig.handle = () => {
      throw new Error('never')
    }
    rig.put('a', 2)
    await rig.until('it was refused often', () => rig.refused.length === 8)
    expect(rig.clock.sleeping().filter((ms) => ms > 2_000 && ms <= 8_000)).toHaveLength(1)
  })
})

describe('start and stop', () => {
  test('started twice it runs once', async () => {
    rig.reflector.start()
    rig.reflector.start()
    await rig.converged()
    expect(rig.lists()).toBe(1)
  })

  test.each(['list', 'watch'] as const)(
    'stopped while the %s is asked for, nothing is told afterwards',
    async (verb) => {
      rig.put('a', 1)
      const gate = Promise.withResolvers<void>()
      rig.api.faults.next({ do: 'wait', until: gate.promise }, { verb })
      rig.reflector.start()
      await rig.until('it was asked for', () => rig.api.requests.at(-1)?.verb === verb)
      const told = rig.told.length
      const stopping = rig.reflector.stop()
      rig.put('b', 1)
      gate.resolve()
      await stopping
      await rig.until('no watch is open', () => rig.api.watches().length === 0)
      expect(rig.told).toHaveLength(told)
      expect(rig.reflector.synced()).toBe(false)
      expect(rig.api.requests.filter((request) => request.verb === 'watch')).toHaveLength(verb === 'watch' ? 1 : 0)
    },
  )

  test('stopped between the arrival of a list and its end, nothing is told and it is not synced', async () => {
    for (let i = 0; i < 20; i += 1) rig.put(`thing-${i}`, 1)
    await startAnew({ limits: { pageSize: 5 } })
    for (let i = 0; i < 20; i += 1) rig.put(`thing-${i}`, 1)
    let told = 0
    rig.handle = () => {
      told += 1
      if (told === 7) void rig.reflector.stop()
    }
    rig.reflector.start()
    await rig.until('it is stopped', () => told === 7)
    await rig.reflector.stop()
    for (let i = 0; i < 20; i += 1) await oneTurn()
    expect(told).toBe(7)
    expect(rig.reflector.synced()).toBe(false)
    rig.handle = () => {}
    rig.reflector.start()
    await rig.converged()
    await rig.until('all is accepted', () => rig.told.length === 20)
  })

  test('stopped by its own handler in the middle of a watch, nothing more is told, and nothing is lost', async () => {
    const watch = await atRest()
    rig.handle = () => {
      void rig.reflector.stop()
    }
    watch.say('')
    rig.put('a', 2)
    rig.put('b', 2)
    rig.put('c', 2)
    await rig.until('it is stopped', () => rig.api.watches().length === 0)
    expect(rig.told).toHaveLength(4)
    rig.handle = () => {}
    rig.reflector.start()
    await rig.converged()
    expect(rig.told).toHaveLength(6)
  })

  test('stopped and started many times in all moments, one watch is open in the end', async () => {
    for (let i = 0; i < 50; i += 1) {
      rig.put(`thing-${i % 7}`, i)
      rig.reflector.start()
      for (let turn = 0; turn < i; turn += 1) await oneTurn()
      const stopped = rig.reflector.stop()
      if (i % 3 === 0) await stopped
      if (i % 5 === 0) rig.drop(`thing-${i % 7}`)
    }
    rig.reflector.start()
    await rig.converged()
    for (let turn = 0; turn < 50; turn += 1) await oneTurn()
    expect(rig.api.watches()).toHaveLength(1)
  })

  test('started anew it tells what has changed meanwhile, and no more', async () => {
    await atRest()
    await rig.reflector.stop()
    const told = rig.told.length
    muchHappens()
    rig.reflector.start()
    await rig.converged()
    expect(
      rig.told
        .slice(told)
        .map(({ type, key }) => `${type} ${key}`)
        .toSorted(),
    ).toEqual(['Added ns/c', 'Added ns/d', 'Deleted ns/b', 'Deleted ns/c', 'Updated ns/a'])
  })

  test('stopped, it lets go of every connection', async () => {
    await atRest()
    await rig.reflector.stop()
    await rig.until('the watch is gone', () => rig.api.watches().length === 0)
  })
})

function broken(): never {
  throw new Error('the reporter is broken')
}

describe('who is told of failures may throw', () => {
  test('of lists and watches', async () => {
    const watch = await atRest()
    rig.failures.push = broken
    watch.say('nonsense\n')
    muchHappens()
    await rig.converged()
  })

  test('of the handler, without an end to the watch', async () => {
    await atRest()
    rig.refused.push = broken
    rig.handle = () => {
      rig.handle = () => {}
      throw new Error('not today')
    }
    muchHappens()
    await rig.converged()
    await rig.until('all is accepted', () => rig.reflector.unhandled() === 0)
    expect(rig.watches()).toBe(1)
  })
})
