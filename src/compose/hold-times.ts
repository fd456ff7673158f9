import type { Timers } from '../kubernetes/timers.ts'

/** How long calls may be held; all of them end when the replica drains. */
export type HoldTimes = {
  readonly timeout: (milliseconds: number) => AbortSignal
  readonly drain: () => void
  readonly draining: () => boolean
}

export function makeHoldTimes(timers: Pick<Timers, 'sleep'>): HoldTimes {
  const going = new Set<AbortController>()
  let draining = false
  return {
    timeout: (milliseconds) => {
      const hold = new AbortController()
      if (draining) hold.abort()
      else {
        going.add(hold)
        void timers.sleep(milliseconds, hold.signal).then(() => {
          going.delete(hold)
          hold.abort()
        })
      }
      return hold.signal
    },
    drain: () => {
      draining = true
      for (const hold of going) hold.abort()
    },
    draining: () => draining,
  }
}
