/** So many calls in so many milliseconds. */
type Window = { readonly calls: number; readonly ms: number }

/** Limits of Teams for a bot in one thread (rate-limit page of its documentation: 7 in 1 s, 60 in 30 s). */
const threadWindows: readonly Window[] = [
  { calls: 7, ms: 1_000 },
  { calls: 60, ms: 30_000 },
]
/** Of an app in one tenant: 30 in 1 s, of which some are left to whoever else uses the app. */
const appWindows: readonly Window[] = [{ calls: 25, ms: 1_000 }]

/** Keeps the number of calls below what the service throttles. */
export type Pace = {
  /** Counts a call to this conversation and returns 0, or counts nothing and returns how long to wait, in milliseconds. */
  readonly take: (conversation: string) => number
}

/** `elapsed`: milliseconds on a clock that nobody sets. */
export function makePace(elapsed: () => number): Pace {
  const threads = new Map<string, readonly number[]>()
  let all: readonly number[] = []

  return {
    take: (conversation) => {
      const now = elapsed()
      for (const [key, times] of threads) if ((times.at(-1) ?? 0) <= now - longest(threadWindows)) threads.delete(key)
      const mine = threads.get(conversation) ?? []
      const wait = Math.max(waitMs(threadWindows, mine, now), waitMs(appWindows, all, now))
      if (wait > 0) return wait
      threads.set(
        conversation,
        [...mine, now].filter((time) => time > now - longest(threadWindows)),
      )
      all = [...all, now].filter((time) => time > now - longest(appWindows))
      return 0
    },
  }
}

function longest(windows: readonly Window[]): number {
  return Math.max(...windows.map(({ ms }) => ms))
}

function waitMs(windows: readonly Window[], times: readonly number[], now: number): number {
  return Math.max(0, ...windows.map(({ calls, ms }) => (times.at(-calls) ?? Number.NEGATIVE_INFINITY) + ms - now))
}
