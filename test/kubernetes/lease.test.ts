import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { leads, leaseDurations, looked, nextStep, nothingSeen, released, renewed } from '../../src/kubernetes/lease.ts'
import type { Candidate, Election, Lease, LeaseStep } from '../../src/kubernetes/lease.ts'
import { scaled } from '../scale.ts'
import { anyClocks, anyMove, play } from './lease-simulation.ts'
import type { Move } from './lease-simulation.ts'

const me: Candidate = { namespace: 'ns', name: 'operator', identity: 'me', durations: leaseDurations }
const now = Date.UTC(2030, 0, 1)

function heldBy(holderIdentity: string, more: Partial<NonNullable<Lease['spec']>> = {}): Lease {
  const spec = { holderIdentity, leaseDurationSeconds: 15, renewTime: '2030-01-01T00:00:00.000000Z', ...more }
  return { metadata: { namespace: 'ns', name: 'operator', uid: 'u', resourceVersion: '7' }, spec }
}

/** As if the lease had been seen first at 1000, and again at `at`. */
function seenFor(lease: Lease, at: number): Election {
  return looked(looked(nothingSeen, lease, 1_000), lease, at)
}

describe('what a candidate does with the Lease', () => {
  test.each<[string, Election, number, LeaseStep['do']]>([
    ['there is none', nothingSeen, 1_000, 'Create'],
    ['it was deleted', looked(seenFor(heldBy('you'), 2_000), undefined, 3_000), 3_000, 'Create'],
    ['it is its own', seenFor(heldBy('me'), 1_000), 1_000, 'Replace'],
    ['it was released', seenFor(heldBy(''), 1_000), 1_000, 'Replace'],
    ['it has never had a holder', seenFor({ metadata: { name: 'operator' } }, 1_000), 1_000, 'Replace'],
    ['another one holds it', seenFor(heldBy('you'), 1_000), 1_000, 'Wait'],
    ['another one was last seen to renew just within its time', seenFor(heldBy('you'), 15_999), 15_999, 'Wait'],
    ['another one has not renewed for all of its time', seenFor(heldBy('you'), 16_000), 16_000, 'Replace'],
    [
      'the holder promises another time than ours',
      seenFor(heldBy('you', { leaseDurationSeconds: 60 }), 60_999),
      60_999,
      'Wait',
    ],
    [
      'the holder promises nothing',
      seenFor({ spec: { holderIdentity: 'you' }, metadata: { resourceVersion: '7' } }, 15_999),
      15_999,
      'Wait',
    ],
  ])('when %s', (...[, election, at, expected]) => {
    expect(nextStep(election, me, { at, now }).do).toBe(expected)
  })

  test('a renewal that is seen starts the waiting anew', () => {
    const renewal = { ...heldBy('you'), metadata: { uid: 'u', resourceVersion: '8' } }
    const election = looked(seenFor(heldBy('you'), 15_000), renewal, 15_000)
    expect(nextStep(election, me, { at: 29_999, now }).do).toBe('Wait')
  })

  test.each([
    ['an hour ago', '2029-12-31T23:00:00.000000Z'],
    ['in an hour', '2030-01-01T01:00:00.000000Z'],
    ['never', undefined],
  ])('a holder whose clock says that it renewed %s is waited for as long as any other', (_when, renewTime) => {
    const election = seenFor(heldBy('you', renewTime === undefined ? {} : { renewTime }), 15_999)
    expect(nextStep(election, me, { at: 15_999, now }).do).toBe('Wait')
    expect(nextStep(election, me, { at: 16_000, now }).do).toBe('Replace')
  })

  test('taking over counts a transition and keeps the version that it takes over', () => {
    const step = nextStep(seenFor(heldBy('you', { leaseTransitions: 4 }), 1), me, { at: 99_000, now })
    expect(step).toEqual({
      do: 'Replace',
      write: {
        metadata: { namespace: 'ns', name: 'operator', uid: 'u', resourceVersion: '7' },
        spec: {
          holderIdentity: 'me',
          leaseDurationSeconds: 15,
          acquireTime: '2030-01-01T00:00:00.000000Z',
          renewTime: '2030-01-01T00:00:00.000000Z',
          leaseTransitions: 5,
        },
      },
    })
  })

  test('a renewal changes nothing but the time of renewal', () => {
    const mine = heldBy('me', { acquireTime: '2029-01-01T00:00:00.000000Z', leaseTransitions: 4 })
    const step = nextStep(seenFor(mine, 1_000), me, { at: 1_000, now: now + 2_000 })
    expect(step).toEqual({
      do: 'Replace',
      write: { metadata: mine.metadata, spec: { ...mine.spec, renewTime: '2030-01-01T00:00:02.000000Z' } },
    })
  })

  test('a renewal differs from the last one even when the wall clock stands still', () => {
    const step = nextStep(seenFor(heldBy('me'), 1_000), me, { at: 3_000, now })
    expect(step).toMatchObject({ write: { spec: { renewTime: '2030-01-01T00:00:00.001000Z' } } })
  })

  test('it leads from a successful write until the renew deadline, counted from the sending', () => {
    const election = renewed(heldBy('me'), 5_000, me)
    expect([5_000, 14_999, 15_000].map((at) => leads(election, at))).toEqual([true, true, false])
  })

  test('only its own lease is released, and then has no holder', () => {
    expect(released(heldBy('you'), me, now)).toBeUndefined()
    expect(released(heldBy('me'), me, now)?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 })
  })
})

function still(who: number, wait: number): Move {
  return { who, wait, lost: false, release: false }
}

describe('several candidates whose clocks are skewed, run at other rates (15 %) or stand still', () => {
  test('never does more than one believe that it leads, however long any of them is paused wherever', () => {
    const leaders = new Map<string, number>()
    fc.assert(
      fc.property(
        fc.array(anyClocks, { minLength: 2, maxLength: 3 }),
        fc.array(anyMove, { minLength: 60, maxLength: 120 }),
        (clocks, moves) => {
          const led = play(clocks, moves)
          for (const [one] of led) if (one !== undefined) leaders.set(one, (leaders.get(one) ?? 0) + 1)
          return led.every((believers) => believers.length <= 1)
        },
      ),
      { numRuns: scaled(2_000, 50_000), seed: 3 },
    )
    expect([...leaders.keys()].toSorted()).toEqual(['candidate-0', 'candidate-1', 'candidate-2'])
  })

  test('a holder that is gone is followed by another within its time and three moves', () => {
    fc.assert(
      fc.property(anyClocks, anyClocks, (gone, heir) => {
        const acquires = [0, 0, 0, 0].map((who) => still(who, 100))
        const looks = [still(1, 100), still(1, 100)]
        const waits = still(1, Math.ceil(leaseDurations.lease / heir.rate))
        const takes = [still(1, 100), still(1, 100), still(1, 100)]
        const led = play([gone, heir], [...acquires, ...looks, waits, ...takes])
        expect(led.at(3)).toEqual(['candidate-0'])
        expect(led.at(-1)).toEqual(['candidate-1'])
      }),
    )
  })
})
