import { describe, expect, test } from '@jest/globals'
import type { Wrong } from './ledger.ts'
import { planted, plantOf } from './plants.ts'
import { play } from './play.ts'
import type { Plant } from './plant.ts'

/** Each is seen within ten. With any change of the code chance falls otherwise, and some need a rare moment. */
const mostRuns = 60

describe('a rule is seen to be broken', () => {
  test.each(planted)(
    'when %s (%s)',
    async (...fault) => {
      const [, breaks] = fault
      expect(await firstRunThatBreaks(breaks, plantOf(fault))).toBeLessThanOrEqual(mostRuns)
    },
    120_000,
  )
})

async function firstRunThatBreaks(rule: Wrong, plant: Plant): Promise<number> {
  for (let seed = 1; seed <= mostRuns; seed += 1) {
    const { violations } = await play(seed, plant)
    if (violations.some(({ wrong }) => wrong === rule)) return seed
  }
  return Number.POSITIVE_INFINITY
}
