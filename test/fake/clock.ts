import type { Timers } from '../../src/kubernetes/timers.ts'
import { oneTurn } from '../until.ts'

/** Time that passes only when a test says so. */
export type FakeClock = Timers & {
  /** Moves both clocks, waking every sleeper at its own moment and in order, with turns of the event loop between. */
  readonly advance: (ms: number) => Promise<void>
  /** Someone sets the wall clock; `elapsed` and the sleepers do not notice. */
  readonly setWallClock: (now: number) => void
  /** How many sleep, and for how much longer, the shortest first. */
  readonly sleeping: () => readonly number[]
}

type Sleeper = { readonly at: number; readonly wake: () => void }

export function makeFakeClock(start: number = Date.UTC(2030, 0, 1)): FakeClock {
  const sleepers = new Set<Sleeper>()
  let elapsed = 1_000
  let offset = start - elapsed

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const wake = (): void => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { at: elapsed + Math.max(ms, 0), wake }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  const inOrder = (): readonly Sleeper[] => [...sleepers].toSorted((a, b) => a.at - b.at)

  async function advance(ms: number): Promise<void> {
    const target = elapsed + ms
    for (;;) {
      await oneTurn()
      const next = inOrder()[0]
      if (next === undefined || next.at > target) break
      elapsed = Math.max(elapsed, next.at)
      next.wake()
    }
    elapsed = target
    await oneTurn()
  }

  return {
    now: () => elapsed + offset,
    elapsed: () => elapsed,
    sleep,
    advance,
    setWallClock: (now) => {
      offset = now - elapsed
    },
    sleeping: () => inOrder().map((sleeper) => sleeper.at - elapsed),
  }
}
