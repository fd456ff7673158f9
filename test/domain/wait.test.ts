import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { planWait } from '../../src/domain/wait.ts'
import type { Presentation, WaitPlan } from '../../src/domain/wait.ts'
import { scaled } from '../scale.ts'

/** kubectl's delete of the first gated object: 30 s for the call less 3 s margin, holds of 20 s, 45 s of patience. */
const first: Presentation = {
  caller: 'HoldsAndRetries',
  callMs: 27_000,
  holdMs: 20_000,
  wholePatienceMs: 45_000,
  patienceMs: 45_000,
  othersPending: false,
  slotFree: true,
}

const again = (holdMs: number, afterSeconds: number): WaitPlan => ({ holdMs, afterwards: 'AskAgain', afterSeconds })
const giveUp = (holdMs: number): WaitPlan => ({ holdMs, afterwards: 'GiveUp' })

describe('how long a call is held, and what it is told then', () => {
  test.each<readonly [sentence: string, changes: Partial<Presentation>, plan: WaitPlan]>([
    ['a client that sends again is held, then asked to send again after 1 s', {}, again(20_000, 1)],
    ['no longer than the API server listens', { callMs: 12_000 }, again(12_000, 1)],
    ['no longer than the configuration says', { holdMs: 8_000 }, again(8_000, 1)],
    ['no longer than the patience lasts', { patienceMs: 3_000 }, again(3_000, 1)],
    ['not at all without a slot: it comes again after 5 s', { slotFree: false }, again(0, 5)],
    ['not at all when its time is over', { callMs: -500 }, again(0, 5)],
    ['hardly when little time is left, and then it comes again later', { callMs: 2_000 }, again(2_000, 3)],
    [
      'patience spent and others wait: it is told at once how to come back',
      { patienceMs: 0, othersPending: true },
      giveUp(0),
    ],
    ['patience spent, the only one: it is held once more, then told', { patienceMs: -60_000 }, giveUp(20_000)],
    ['patience spent, the only one, without a slot: told at once', { patienceMs: 0, slotFree: false }, giveUp(0)],
    [
      'an eviction, or the first call of a Connect, is held once and never asked again',
      { caller: 'Holds' },
      giveUp(20_000),
    ],
    ['nor when there is no slot', { caller: 'Holds', slotFree: false }, giveUp(0)],
    ['nor when its patience is spent', { caller: 'Holds', patienceMs: 0, othersPending: true }, giveUp(0)],
    ['any other Connect, and an agent that wants no waiting, is answered at once', { caller: 'Neither' }, giveUp(0)],
    ['however much patience there is', { caller: 'Neither', patienceMs: 600_000, wholePatienceMs: 600_000 }, giveUp(0)],
    [
      'the longest patience comes again less often',
      { patienceMs: 600_000, wholePatienceMs: 600_000 },
      again(20_000, 40),
    ],
    ['also without a slot', { patienceMs: 600_000, wholePatienceMs: 600_000, slotFree: false }, again(0, 60)],
  ])('%s', (_sentence, changes, plan) => {
    expect(planWait({ ...first, ...changes })).toEqual(plan)
  })
})

type Story = { readonly asked: number; readonly endedAfterMs: number }

/** Plays the calls of one command of a client-go client, nobody answering. `slots`: whether one is free, call by call. */
function play(wholePatienceMs: number, calls: readonly Pick<Presentation, 'callMs' | 'slotFree'>[]): Story {
  let elapsed = 0
  for (let asked = 0; ; asked += 1) {
    const call = calls[asked % calls.length] ?? { callMs: 27_000, slotFree: true }
    const plan = planWait({ ...first, ...call, wholePatienceMs, patienceMs: wholePatienceMs - elapsed })
    elapsed += plan.holdMs
    if (plan.afterwards === 'GiveUp') return { asked, endedAfterMs: elapsed }
    elapsed += plan.afterSeconds * 1000
  }
}

describe('over all calls of one command', () => {
  test('the default schedule: 20 s, 20 s, the rest, then one more hold and the words', () => {
    expect(play(45_000, [{ callMs: 27_000, slotFree: true }])).toEqual({ asked: 3, endedAfterMs: 66_000 })
  })

  const calls = fc.array(
    fc.record({
      callMs: fc.oneof(fc.integer({ min: -2_000, max: 30_000 }), fc.constant(27_000)),
      slotFree: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  const patience = fc.oneof(fc.integer({ min: 0, max: 600_000 }), fc.constantFrom(0, 45_000, 600_000))

  test('its retries are never more than the ten that client-go makes, so it always reads the words', () => {
    fc.assert(
      fc.property(patience, calls, (wholePatienceMs, each) => {
        expect(play(wholePatienceMs, each).asked).toBeLessThanOrEqual(10)
      }),
      { numRuns: scaled(1_000, 100_000) },
    )
  })

  test('nobody is asked again after the patience, and nobody is held beyond call, configuration and patience', () => {
    const presentations = fc.record({
      caller: fc.constantFrom('HoldsAndRetries', 'Holds', 'Neither'),
      callMs: fc.integer({ min: -5_000, max: 40_000 }),
      holdMs: fc.integer({ min: 0, max: 30_000 }),
      wholePatienceMs: fc.integer({ min: 0, max: 600_000 }),
      patienceMs: fc.integer({ min: -600_000, max: 600_000 }),
      othersPending: fc.boolean(),
      slotFree: fc.boolean(),
    } satisfies { [Key in keyof Presentation]: fc.Arbitrary<Presentation[Key]> })
    fc.assert(
      fc.property(presentations, (presentation) => {
        const plan = planWait(presentation)
        if (presentation.patienceMs <= 0) expect(plan.afterwards).toBe('GiveUp')
        expect(plan.holdMs).toBeGreaterThanOrEqual(0)
        expect(plan.holdMs).toBeLessThanOrEqual(Math.max(0, presentation.callMs))
        expect(plan.holdMs).toBeLessThanOrEqual(presentation.holdMs)
        if (presentation.patienceMs > 0) expect(plan.holdMs).toBeLessThanOrEqual(presentation.patienceMs)
        if (plan.afterwards === 'AskAgain') expect(plan.afterSeconds).toBeGreaterThanOrEqual(1)
        if (!presentation.slotFree) expect(plan.holdMs).toBe(0)
      }),
      { numRuns: scaled(500, 50_000) },
    )
  })
})
