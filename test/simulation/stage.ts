import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { seededRandom } from '../random.ts'

/** What all who play in one run share: one clock, one source of chance, and the story of what happened. */
export type Stage = {
  /** The API server's own clock; whoever else has one has it skewed. */
  readonly clock: FakeClock
  readonly random: () => number
  readonly is: (probability: number) => boolean
  /** Like `is`, for what goes wrong: never once all is calm. */
  readonly mishap: (probability: number) => boolean
  readonly between: (least: number, most: number) => number
  readonly pick: <T>(list: readonly T[]) => T
  readonly pause: (leastMs: number, mostMs: number, signal?: AbortSignal) => Promise<void>
  /** Adds a line to the story, with the time since the start. */
  readonly tell: (words: string) => void
  readonly story: readonly string[]
  readonly calm: () => boolean
  readonly calmDown: () => void
  /** A uid as the API server makes them, the same ones in every run of a seed. */
  readonly newUID: () => string
}

const start = Date.UTC(2030, 0, 1)

export function makeStage(seed: number): Stage {
  const clock = makeFakeClock(start)
  const random = seededRandom(seed)
  const story: string[] = []
  let calm = false
  let uids = 0
  const between = (least: number, most: number): number => Math.floor(least + random() * (most - least))
  return {
    clock,
    random,
    between,
    is: (probability) => random() < probability,
    mishap: (probability) => !calm && random() < probability,
    pick: (list) => {
      const [picked] = list.slice(Math.floor(random() * list.length))
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
    pause: (leastMs, mostMs, signal) => clock.sleep(between(leastMs, mostMs), signal),
    tell: (words) => {
      story.push(`${((clock.now() - start) / 1000).toFixed(3)} ${words}`)
    },
    story,
    calm: () => calm,
    calmDown: () => {
      calm = true
    },
    newUID: () => `00000000-0000-4000-8000-${String((uids += 1)).padStart(12, '0')}`,
  }
}
