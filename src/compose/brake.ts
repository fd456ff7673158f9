import type { Timers } from '../kubernetes/timers.ts'

/** Times in milliseconds. */
export type BrakeLimits = {
  readonly firstMs: number
  readonly capMs: number
  /** After so long without a need, all is forgotten. */
  readonly calmMs: number
}

/** For what somebody else undoes again and again: at once the first time, then with pauses that double. */
export type Brake = {
  /** Milliseconds until it may be done again; 0 when it may be now. */
  readonly waitMs: () => number
  readonly did: () => void
  /** Milliseconds until it is calm again; 0 when it is. */
  readonly calmInMs: () => number
}

export function makeBrake({ elapsed }: Pick<Timers, 'elapsed'>, { firstMs, capMs, calmMs }: BrakeLimits): Brake {
  let last = Number.NEGATIVE_INFINITY
  let pauseMs = 0
  const left = (ms: number): number => Math.max(0, last + ms - elapsed())
  return {
    waitMs: () => left(pauseMs),
    did: () => {
      pauseMs = left(calmMs) === 0 ? firstMs : Math.min(capMs, pauseMs * 2)
      last = elapsed()
    },
    calmInMs: () => left(calmMs),
  }
}
