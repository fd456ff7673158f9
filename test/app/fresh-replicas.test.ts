import { beforeEach, describe, expect, test } from '@jest/globals'
import { makeFreshReplicas } from '../../src/app/fresh-replicas.ts'
import type { FreshReplicas, ReplicaLease } from '../../src/app/fresh-replicas.ts'

/** The wall clock and the one that nobody sets. */
let clocks = { now: 0, elapsed: 0 }
let replicas: FreshReplicas
const pass = (ms: number): void => {
  clocks = { now: clocks.now + ms, elapsed: clocks.elapsed + ms }
}

const lease = (renewTime: number | undefined, keyIDs: readonly string[] = []): ReplicaLease => ({
  replica: { component: 'webhook', version: '1', keyIDs, servedCertificate: undefined },
  renewTime,
  durationMs: 15_000,
})
const isFresh = (): boolean => replicas.fresh().length === 1

beforeEach(() => {
  clocks = { now: 1_000_000, elapsed: 50 }
  replicas = makeFreshReplicas({ now: () => clocks.now, elapsed: () => clocks.elapsed })
})

describe('a replica', () => {
  test('is ready for as long as its Lease says, from its last renewal', () => {
    replicas.seen('a', lease(clocks.now - 5_000))
    pass(9_999)
    expect(isFresh()).toBe(true)
    pass(1)
    expect(isFresh()).toBe(false)
  })

  test('is ready again from the moment of the next renewal', () => {
    replicas.seen('a', lease(clocks.now))
    pass(20_000)
    replicas.seen('a', lease(clocks.now - 60_000))
    pass(14_999)
    expect(isFresh()).toBe(true)
    pass(1)
    expect(isFresh()).toBe(false)
  })

  test.each([
    ['an old one', -15_000],
    ['one without a time', undefined],
  ])('is not ready by %s that we see for the first time, but by its renewal', (...[, age]) => {
    replicas.seen('a', lease(age === undefined ? undefined : clocks.now + age))
    expect(isFresh()).toBe(false)
    replicas.seen('a', lease(clocks.now - 10))
    expect(isFresh()).toBe(true)
  })

  test('whose clock is ahead is ready for no longer than its Lease lasts', () => {
    replicas.seen('a', lease(clocks.now + 3_600_000))
    pass(15_000)
    expect(isFresh()).toBe(false)
  })

  test('is not renewed by a Lease that is told again', () => {
    replicas.seen('a', lease(clocks.now))
    const { now } = clocks
    pass(10_000)
    replicas.seen('a', lease(now))
    pass(5_000)
    expect(isFresh()).toBe(false)
  })

  test('is not ready without its Lease', () => {
    replicas.seen('a', lease(clocks.now))
    replicas.gone('a')
    expect(isFresh()).toBe(false)
  })

  test('is news when it comes, when it says something else, and when it is back, but not when it goes on', () => {
    expect(replicas.seen('a', lease(clocks.now))).toBe(true)
    pass(5_000)
    expect(replicas.seen('a', lease(clocks.now))).toBe(false)
    pass(5_000)
    expect(replicas.seen('a', lease(clocks.now, ['key']))).toBe(true)
    pass(30_000)
    expect(replicas.seen('a', lease(clocks.now, ['key']))).toBe(true)
  })

  test('is long silent by our own clock alone', () => {
    replicas.seen('a', lease(clocks.now - 3_600_000))
    replicas.seen('b', lease(clocks.now))
    expect(replicas.silentFor(60_000)).toEqual([])
    pass(30_000)
    replicas.seen('b', lease(clocks.now))
    pass(30_000)
    expect(replicas.silentFor(60_000)).toEqual(['a'])
  })
})
