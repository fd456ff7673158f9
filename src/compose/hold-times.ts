import type { Timers } from '../kubernetes/timers.ts'

/** How long calls may be held; all of them end when the replica drains. */
export type HoldTimes = {
  readonly timeout: (milliseconds: number) => AbortSignal
  /** A signal that is aborted after so long, or together with `gone`. Draining does not end it. */
  readonly within: (milliseconds: number, gone: AbortSignal) => AbortSignal
  readonly drain: () => void
  /** Nobody waits any more: what is left of all times is let go, so that it does not keep the process. */
  readonly end: () => void
  readonly draining: () => boolean
}

export function makeHoldTimes(timers: Pick<Timers, 'sleep'>): HoldTimes {
  const going = new Set<AbortController>()
  const calls = new Set<AbortController>()
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
    within: (milliseconds, gone) => {
      const call = new AbortController()
      const leave = (): void => call.abort()
      calls.add(call)
      if (gone.aborted) leave()
      gone.addEventListener('abort', leave, { once: true })
      void timers.sleep(milliseconds, call.signal).then(() => {
        calls.delete(call)
        gone.removeEventListener('abort', leave)
        leave()
      })
      return call.signal
    },
    drain: () => {
      draining = true
      for (const hold of going) hold.abort()
    },
    end: () => {
      for (const one of [...going, ...calls]) one.abort()
    },
    draining: () => draining,
  }
}
