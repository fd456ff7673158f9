import { AlarmHeap } from './alarm-heap.ts'
import type { Timers } from './timers.ts'

/** One alarm per key, ringing in the order of time, however many: one timer for all of them. */
export class Alarms {
  readonly #timers: Timers
  readonly #ring: (key: string) => void
  /** When each key rings. The heap may hold later alarms of a key, too, that have been overtaken. */
  readonly #times = new Map<string, number>()
  readonly #heap = new AlarmHeap()
  #stopped = false
  #sleep: { readonly until: number; readonly end: AbortController } | undefined

  constructor(timers: Timers, ring: (key: string) => void) {
    this.#timers = timers
    this.#ring = ring
  }

  /** How many keys have not rung yet. */
  get size(): number {
    return this.#times.size
  }

  /** Rings for `key` after `ms`, unless it rings earlier anyway. */
  set(key: string, ms: number): void {
    const at = this.#timers.elapsed() + Math.max(ms, 0)
    if (this.#stopped || (this.#times.get(key) ?? Number.POSITIVE_INFINITY) <= at) return
    this.#times.set(key, at)
    this.#heap.push({ key, at })
    this.#sleepOn()
  }

  /** Forgets all alarms, and takes no more. */
  stop(): void {
    this.#stopped = true
    this.#times.clear()
    this.#heap.clear()
    this.#wake()
  }

  #wake(): void {
    const sleep = this.#sleep
    this.#sleep = undefined
    sleep?.end.abort()
  }

  #sleepOn(): void {
    const next = this.#heap.earliest
    if (next === undefined || (this.#sleep?.until ?? Number.POSITIVE_INFINITY) <= next.at) return
    this.#wake()
    const mine = { until: next.at, end: new AbortController() }
    this.#sleep = mine
    void this.#timers.sleep(next.at - this.#timers.elapsed(), mine.end.signal).then(() => {
      if (this.#sleep !== mine) return
      this.#sleep = undefined
      this.#ringDue()
      this.#sleepOn()
    })
  }

  #ringDue(): void {
    const now = this.#timers.elapsed()
    for (let next = this.#heap.earliest; next !== undefined && next.at <= now; next = this.#heap.earliest) {
      this.#heap.pop()
      if (this.#times.get(next.key) !== next.at) continue
      this.#times.delete(next.key)
      this.#ring(next.key)
    }
  }
}
