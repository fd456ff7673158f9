import { backoffMs } from '../kubernetes/backoff.ts'
import type { Surroundings } from './component.ts'

/** While a channel takes no cards: one at a time is posted, to learn whether it does again. The others wait. */
export type DeliveryTurns = {
  /** 0: it is one's turn. Else milliseconds until it may be somebody's. */
  readonly takeMs: () => number
  /** The card of the one whose turn it was, was not taken: the next turn comes later. */
  readonly refused: () => void
  /** The next turn is now. */
  readonly reset: () => void
}

const pauses = { firstMs: 1_000, capMs: 15_000 }

export function makeDeliveryTurns({ timers, random }: Pick<Surroundings, 'timers' | 'random'>): DeliveryTurns {
  let [next, refusals] = [Number.NEGATIVE_INFINITY, 0]
  return {
    takeMs: () => {
      const waitMs = Math.max(0, next - timers.elapsed())
      // Nobody else's, until it is known what became of it; nobody knows of one that was given up.
      if (waitMs === 0) next = timers.elapsed() + pauses.capMs
      return waitMs
    },
    refused: () => {
      next = timers.elapsed() + backoffMs(pauses, refusals, random)
      refusals += 1
    },
    reset: () => {
      ;[next, refusals] = [Number.NEGATIVE_INFINITY, 0]
    },
  }
}
