/** Keeps a service that fails from being asked by everybody who waits. */
export type Breaker = {
  /** Why, and for how long, it is not to be asked; undefined: ask, and say how it went. */
  readonly wait: () => { readonly why: string; readonly ms: number } | undefined
  /** Returns for how long it is left alone now; `againMs` is what it asked for itself. */
  readonly failed: (why: string, againMs?: number) => number
  readonly worked: () => void
}

const firstMs = 2_000
const longestMs = 30_000
/** A service may ask for more than is sensible while people wait. */
const longestAskedMs = 120_000
/** After that a question counts as lost, whatever became of it. */
const probeMs = 15_000

/** The pause doubles with every failure that follows another. After it one question is let through, until it is answered. */
export function makeBreaker(elapsed: () => number): Breaker {
  let failing: { readonly why: string; readonly times: number; until: number } | undefined
  return {
    wait: () => {
      if (failing === undefined) return undefined
      const ms = failing.until - elapsed()
      if (ms > 0) return { why: failing.why, ms }
      failing.until = elapsed() + probeMs
      return undefined
    },
    failed: (why, againMs) => {
      const times = (failing?.times ?? 0) + 1
      const own = Math.min(longestMs, firstMs * 2 ** Math.min(times - 1, 10))
      const ms = Math.max(own, Math.min(longestAskedMs, againMs ?? 0))
      failing = { why, times, until: elapsed() + ms }
      return ms
    },
    worked: () => {
      failing = undefined
    },
  }
}
