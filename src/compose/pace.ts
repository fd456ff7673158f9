import type { Timers } from '../kubernetes/timers.ts'

/**
 * Keeps writes of one object apart, when many agents come at once: each write is of all of them, and the API server has
 * to take it in. The first goes at once.
 */
export type Pace = {
  /** Milliseconds until the next write may be made; 0 when it may be now. */
  readonly waitMs: () => number
  readonly wrote: () => void
}

export function makePace({ elapsed }: Pick<Timers, 'elapsed'>, apartMs: number): Pace {
  let next = Number.NEGATIVE_INFINITY
  return {
    waitMs: () => Math.max(0, next - elapsed()),
    wrote: () => {
      next = elapsed() + apartMs
    },
  }
}
