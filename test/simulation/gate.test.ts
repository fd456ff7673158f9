import { describe, expect, test } from '@jest/globals'
import { scaled } from '../scale.ts'
import { play } from './play.ts'
import { sound } from './plant.ts'

const runMs = 60_000

describe('two webhooks and two operators', () => {
  const seeds = Array.from({ length: scaled(50, 1_000) }, (_value, index) => index + 1)

  test.each(seeds)(
    'keep every rule (run %i)',
    async (seed) => {
      const { violations, story } = await play(seed, sound)
      if (violations.length > 0) throw new Error([`seed ${seed}`, ...story].join('\n'))
      expect(violations).toEqual([])
    },
    runMs,
  )
})

describe('a run', () => {
  test(
    'is the same one each time',
    async () => {
      expect((await play(7, sound)).story).toEqual((await play(7, sound)).story)
    },
    runMs,
  )

  test(
    'has in it what the rules are about',
    async () => {
      const sums = new Map<string, number>()
      for (let seed = 1; seed <= 20; seed += 1) {
        for (const [what, count] of (await play(seed, sound)).counts) sums.set(what, (sums.get(what) ?? 0) + count)
      }
      const never = [...sums].filter(([, sum]) => sum === 0)
      expect(never).toEqual([])
    },
    runMs,
  )
})
