import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { collection, makeRig } from './reflector-rig.ts'
import type { Rig, RigOptions } from './reflector-rig.ts'

jest.setTimeout(60_000)

let rig: Rig

async function start(options: RigOptions = {}): Promise<void> {
  rig = await makeRig(options)
}

async function synced(): Promise<void> {
  rig.reflector.start()
  await rig.converged()
}

const types = (): readonly string[] => rig.told.map(({ type, object }) => `${type} ${object.name}`)

beforeEach(() => start())

afterEach(() => rig.end())

/** For a test that needs a rig of its own. */
async function startAnew(options: RigOptions): Promise<void> {
  await rig.end()
  await start(options)
}

describe('what it knows', () => {
  test('is what the list has, then what the watch brings', async () => {
    rig.put('a', 1)
    rig.put('b', 1)
    await synced()
    rig.put('c', 1)
    rig.put('a', 2)
    rig.drop('b')
    await rig.converged()
    expect(types()).toEqual(['Added a', 'Added b', 'Added c', 'Updated a', 'Deleted b'])
    expect(rig.told[3]).toMatchObject({ object: { n: 2 }, previous: { n: 1 } })
    expect(rig.reflector.cache.get('ns/a')).toMatchObject({ n: 2 })
    expect(rig.reflector.cache.size).toBe(2)
    expect([...rig.reflector.cache.values()].map(({ name }) => name)).toEqual(['a', 'c'])
    expect(rig.failures).toEqual([])
  })

  test('is synced when the whole list is there, and not before', async () => {
    const gate = Promise.withResolvers<void>()
    rig.put('a', 1)
    rig.put('b', 1)
    await startAnew({ limits: { pageSize: 1 } })
    rig.put('a', 1)
    rig.put('b', 1)
    rig.api.faults.next({ do: 'wait', until: gate.promise }, { continued: true })
    rig.reflector.start()
    const waiting = rig.reflector.untilSynced()
    await rig.until('the first page is there', () => rig.reflector.cache.size === 1)
    expect(rig.reflector.synced()).toBe(false)
    gate.resolve()
    expect(await waiting).toBe(true)
    expect(rig.reflector.synced()).toBe(true)
    expect(rig.reflector.cache.size).toBe(2)
    expect(await rig.reflector.untilSynced()).toBe(true)
  })

  test('who waits for the list is told when it will not come', async () => {
    rig.api.faults.next({ do: 'hang' })
    rig.reflector.start()
    const caller = new AbortController()
    const [one, other] = [rig.reflector.untilSynced(caller.signal), rig.reflector.untilSynced()]
    caller.abort()
    expect(await one).toBe(false)
    await rig.reflector.stop()
    expect(await other).toBe(false)
  })

  test('comes page by page', async () => {
    for (let i = 0; i < 1203; i += 1) rig.put(`thing-${i}`, i)
    await synced()
    const lists = rig.api.requests.filter(({ verb }) => verb === 'list')
    expect(lists.map(({ query }) => query['limit'])).toEqual(['500', '500', '500'])
    expect(rig.told).toHaveLength(1203)
  })

  test('an object that changes or goes between two pages is followed by the watch', async () => {
    await startAnew({ limits: { pageSize: 2 } })
    for (const name of ['a', 'b', 'c', 'd']) rig.put(name, 1)
    const gate = Promise.withResolvers<void>()
    rig.api.faults.next({ do: 'wait', until: gate.promise }, { continued: true })
    rig.reflector.start()
    await rig.until('the first page is there', () => rig.reflector.cache.size === 2)
    rig.put('a', 2)
    rig.drop('b')
    rig.drop('c')
    rig.put('e', 1)
    gate.resolve()
    await rig.converged()
  })

  test('is trimmed before it is kept', async () => {
    rig.put('a', 7)
    await synced()
    const { uid, resourceVersion } = rig.api.objects.get({ collection, namespace: 'ns', name: 'a' }).metadata
    expect(rig.reflector.cache.get('ns/a')).toEqual({ name: 'a', uid, version: resourceVersion, n: 7, decision: '' })
  })

  test('versions may be any text', async () => {
    await startAnew({ server: { versionPrefix: 'rv-' } })
    rig.put('a', 1)
    await synced()
    rig.put('a', 2)
    await rig.converged()
    expect(types()).toEqual(['Added a', 'Updated a'])
  })

  test('an event that brings nothing new is not told', async () => {
    rig.put('a', 1)
    await synced()
    rig.api.watches()[0]?.event('MODIFIED', rig.api.objects.get({ collection, namespace: 'ns', name: 'a' }))
    rig.put('b', 1)
    await rig.converged()
    expect(types()).toEqual(['Added a', 'Added b'])
  })
})

describe('what it asks for', () => {
  test('a watch from the version of the list, with bookmarks, for five to ten minutes', async () => {
    rig.put('a', 1)
    await synced()
    const [list, watch] = rig.api.requests
    expect(list?.query).toEqual({ limit: '500' })
    expect(watch?.query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: String(rig.api.objects.version),
      timeoutSeconds: '450',
    })
  })

  test('only its namespace and what it selects', async () => {
    await startAnew({
      interest: { namespace: 'ns', selector: { labelSelector: 'a=b', fieldSelector: 'metadata.name=x' } },
    })
    rig.put('a', 1)
    rig.reflector.start()
    await rig.until('it watches', () => rig.api.watches().length === 1)
    for (const { path, query } of rig.api.requests) {
      expect(path).toBe('/apis/example.com/v1/namespaces/ns/things')
      expect(query).toMatchObject({ labelSelector: 'a=b', fieldSelector: 'metadata.name=x' })
    }
    expect(rig.reflector.cache.size).toBe(0)
  })
})

describe('the uid decides what is the same object', () => {
  test('deleted and created anew, seen by the watch', async () => {
    rig.put('a', 1)
    await synced()
    rig.drop('a')
    rig.put('a', 2)
    await rig.converged()
    expect(types()).toEqual(['Added a', 'Deleted a', 'Added a'])
  })

  test('deleted and created anew while not connected, found by the list: deleted, then added', async () => {
    rig.put('a', 1)
    await synced()
    const before = rig.reflector.cache.get('ns/a')
    await rig.api.goDown()
    rig.drop('a')
    rig.put('a', 1)
    rig.api.compact()
    await rig.api.comeBack()
    await rig.converged()
    expect(types()).toEqual(['Added a', 'Deleted a', 'Added a'])
    expect(rig.told[1]?.object).toEqual(before)
    expect(rig.told[2]?.object.uid).not.toBe(before?.uid)
  })

  test('an event about a new object under an old name tells of the end of the old one', async () => {
    rig.put('a', 1)
    await synced()
    rig.api.watches()[0]?.loseNext()
    rig.drop('a')
    rig.put('a', 2)
    await rig.converged()
    expect(types()).toEqual(['Added a', 'Deleted a', 'Added a'])
  })
})

/** The reflector is at rest on a watch, with these in its cache. */
async function keeps(...names: readonly string[]): Promise<void> {
  const keys = names.map((name) => `ns/${name}`).join()
  await rig.until(`it keeps ${names.join()}`, () => {
    return rig.api.watches().length === 1 && [...rig.reflector.cache.keys()].toSorted().join() === keys
  })
}

describe('objects that matter until they change', () => {
  const whileKept = {
    listSelector: { fieldSelector: 'status.decision=' },
    keep: (thing: { readonly status?: { readonly decision?: string } }) => (thing.status?.decision ?? '') === '',
  }

  beforeEach(() => startAnew({ interest: { whileKept } }))

  test('are listed with the selector and watched without', async () => {
    rig.put('open', 1)
    rig.put('closed', 1)
    rig.decide('closed', 'Denied')
    rig.reflector.start()
    await keeps('open')
    const [list, watch] = rig.api.requests
    expect(list?.query['fieldSelector']).toBe('status.decision=')
    expect(watch?.query['fieldSelector']).toBeUndefined()
    expect(types()).toEqual(['Added open'])
  })

  test('are told once more when they change so, with what they have become, and forgotten', async () => {
    rig.put('a', 1)
    rig.put('b', 1)
    rig.reflector.start()
    await keeps('a', 'b')
    rig.decide('a', 'Approved')
    await keeps('b')
    expect(rig.told.at(-1)).toMatchObject({
      type: 'Left',
      object: { name: 'a', decision: 'Approved' },
      previous: { decision: '' },
    })
  })

  test('that never were so are not told', async () => {
    rig.reflector.start()
    await keeps()
    rig.put('a', 1)
    await keeps('a')
    rig.decide('a', 'Approved')
    await keeps()
    rig.decide('a', 'Denied')
    rig.drop('a')
    rig.put('b', 1)
    await keeps('b')
    expect(types()).toEqual(['Added a', 'Left a', 'Added b'])
  })

  test('that changed so while not connected are looked up, for the list does not have them', async () => {
    for (const name of ['decided', 'deleted', 'reborn', 'still']) rig.put(name, 1)
    rig.reflector.start()
    await keeps('decided', 'deleted', 'reborn', 'still')
    await rig.api.goDown()
    rig.decide('decided', 'Approved')
    rig.drop('deleted')
    rig.drop('reborn')
    rig.put('reborn', 2)
    rig.decide('reborn', 'Denied')
    rig.api.compact()
    await rig.api.comeBack()
    await keeps('still')
    expect(types().slice(4)).toEqual(['Left decided', 'Deleted deleted', 'Deleted reborn'])
    expect(rig.told[4]).toMatchObject({ object: { decision: 'Approved' } })
  })
})

describe('how old its knowledge can be', () => {
  const minute = 60_000

  test('never heard: no time at all', () => {
    expect(rig.reflector.lastHeard()).toBeUndefined()
    expect(rig.reflector.silentMs()).toBe(Number.POSITIVE_INFINITY)
  })

  test.each<[string, () => void]>([
    ['a bookmark', () => rig.api.bookmark()],
    ['an event', () => rig.put('a', 2)],
  ])('counts from %s', async (_what, speak) => {
    rig.put('a', 1)
    await synced()
    const heard = rig.reflector.lastHeard()
    await rig.clock.advance(minute)
    expect(rig.reflector.silentMs()).toBe(minute)
    speak()
    await rig.until('it was heard', () => rig.reflector.silentMs() === 0)
    expect(rig.reflector.lastHeard()).toBe((heard ?? 0) + minute)
  })

  test('counts from the start of a list, not from its end', async () => {
    const gate = Promise.withResolvers<void>()
    rig.api.faults.next({ do: 'wait', until: gate.promise })
    rig.reflector.start()
    await rig.until('the list has come', () => rig.api.requests.length === 1)
    await rig.clock.advance(5_000)
    gate.resolve()
    await rig.converged()
    expect(rig.reflector.silentMs()).toBe(5_000)
  })

  test('a connection that is made, but on which nothing comes, is no news', async () => {
    await synced()
    await rig.clock.advance(minute)
    rig.api.watches()[0]?.end()
    await rig.until('it watches anew', () => rig.watches() === 2 && rig.clock.sleeping().includes(75_000))
    expect(rig.reflector.silentMs()).toBe(minute)
  })

  test('does not depend on the wall clock', async () => {
    await synced()
    rig.clock.setWallClock(0)
    await rig.clock.advance(1_000)
    expect(rig.reflector.silentMs()).toBe(1_000)
  })

  test('two hours of bookmarks: a list every ten minutes, a watch after each, never older than a minute', async () => {
    rig.put('a', 1)
    await synced()
    let oldest = 0
    for (let i = 0; i < 120; i += 1) {
      await rig.clock.advance(minute)
      await rig.until('it watches', () => rig.api.watches().length === 1)
      oldest = Math.max(oldest, rig.reflector.silentMs())
      rig.api.bookmark()
      await rig.until('the bookmark is heard', () => rig.reflector.silentMs() === 0)
    }
    expect(oldest).toBe(minute)
    expect(rig.lists()).toBe(13)
    expect(rig.watches()).toBe(13)
    expect(rig.failures).toEqual([])
  })
})
