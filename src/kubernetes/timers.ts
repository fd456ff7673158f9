import type { Instant } from '../domain/instant.ts'

/** The only way in which this folder learns of time, so that a test can let two hours pass in a millisecond. */
export type Timers = {
  /** The wall clock. Someone may set it, so never subtract two of its readings to get a duration. */
  readonly now: () => Instant
  /** Milliseconds since some fixed moment, on a clock that nobody sets. For durations. */
  readonly elapsed: () => number
  /** Resolves after `ms` milliseconds, or as soon as `signal` is aborted. Never rejects. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** The two clocks of the process, read by whoever starts it. */
export type Clocks = Pick<Timers, 'now' | 'elapsed'>

/** setTimeout fires at once for anything longer than this, 24.8 days. */
const longestTimeout = 2 ** 31 - 1

/** Real time. */
export function makeTimers(clocks: Clocks): Timers {
  return { ...clocks, sleep }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(Math.max(ms, 0), longestTimeout))
    signal?.addEventListener('abort', done)
  })
}
