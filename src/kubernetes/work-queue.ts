import { Alarms } from './alarms.ts'
import { ApiError } from './api-error.ts'
import { backoffMs } from './backoff.ts'
import type { Backoff } from './backoff.ts'
import type { Timers } from './timers.ts'

/** For a histogram or two. */
export type WorkFact =
  | { readonly what: 'Begun'; readonly waitedMs: number; readonly depth: number }
  | { readonly what: 'Done' | 'Failed'; readonly tookMs: number }

export type WorkQueuePorts = {
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  /**
   * Brings the object with this key to where it should be, whatever its state. Never called for a key that it is still
   * busy with. May resolve to the milliseconds after which to look again. Rejects to be called again, later each time.
   * `signal` is aborted when it has taken `workMs`, or the queue is cut off: it should then give up.
   */
  readonly work: (key: string, signal: AbortSignal) => Promise<number | void>
  /** Told of each rejection; `failures` in a row, 1 for the first. */
  readonly failed: (error: unknown, key: string, failures: number) => void
  readonly measured?: (fact: WorkFact) => void
  readonly limits: WorkQueueLimits
}

export type WorkQueueLimits = {
  /** Keys that are worked on at a time. */
  readonly workers: number
  /** How long the work on one key may take. */
  readonly workMs: number
  readonly backoff: Backoff
}

/** What suits a controller that calls the API server a few times per key. */
export const workQueueLimits: WorkQueueLimits = {
  workers: 4,
  workMs: 60_000,
  backoff: { firstMs: 250, capMs: 60_000 },
}

/**
 * Keys to work on, in the order of their coming, each at most once in the queue and in one hand at a time: what comes
 * for a key in work is worked on once more afterwards. The rules of client-go's workqueue.
 */
export type WorkQueue = {
  readonly add: (key: string) => void
  /** Adds after so many milliseconds. Of several for one key, the earliest counts. */
  readonly addAfter: (key: string, ms: number) => void
  /** Keys that wait for a worker now. */
  readonly depth: () => number
  /** Keys that will be added later. */
  readonly later: () => number
  /**
   * Takes nothing more, forgets what was to be added later, finishes what waits and what is in work, without retries.
   * Aborting `cutOff` forgets what waits, too, and tells the work to give up. Resolves when no work is going on.
   */
  readonly stop: (cutOff?: AbortSignal) => Promise<void>
}

export function makeWorkQueue(ports: WorkQueuePorts): WorkQueue {
  const queue = new Queue(ports)
  return {
    add: (key) => queue.add(key),
    addAfter: (key, ms) => queue.addAfter(key, ms),
    depth: () => queue.depth,
    later: () => queue.later,
    stop: (cutOff) => queue.stop(cutOff),
  }
}

class Queue {
  readonly #ports: WorkQueuePorts
  readonly #alarms: Alarms
  /** Key → when it came. A map keeps the order of coming. */
  readonly #ready = new Map<string, number>()
  readonly #inWork = new Map<string, Promise<void>>()
  /** Came while they were in work. */
  readonly #again = new Set<string>()
  readonly #failures = new Map<string, number>()
  readonly #cut = new AbortController()
  #stopped = false
  #beginning = false

  constructor(ports: WorkQueuePorts) {
    this.#ports = ports
    this.#alarms = new Alarms(ports.timers, (key) => this.add(key))
  }

  get depth(): number {
    return this.#ready.size
  }

  get later(): number {
    return this.#alarms.size
  }

  add(key: string): void {
    if (this.#stopped) return
    if (this.#inWork.has(key)) this.#again.add(key)
    else if (!this.#ready.has(key)) this.#ready.set(key, this.#ports.timers.elapsed())
    this.#beginSoon()
  }

  addAfter(key: string, ms: number): void {
    this.#alarms.set(key, ms)
  }

  async stop(cutOff?: AbortSignal): Promise<void> {
    this.#stopped = true
    this.#alarms.stop()
    const cut = (): void => {
      this.#ready.clear()
      this.#again.clear()
      this.#cut.abort()
    }
    if (cutOff?.aborted === true) cut()
    cutOff?.addEventListener('abort', cut)
    this.#begin()
    while (this.#inWork.size > 0) await Promise.all(this.#inWork.values())
    cutOff?.removeEventListener('abort', cut)
  }

  /** Not at once: who adds must not wait for the first steps of the work, and often adds the same key again. */
  #beginSoon(): void {
    if (this.#beginning) return
    this.#beginning = true
    queueMicrotask(() => {
      this.#beginning = false
      this.#begin()
    })
  }

  #begin(): void {
    for (const [key, since] of this.#ready) {
      if (this.#inWork.size >= this.#ports.limits.workers) return
      this.#ready.delete(key)
      this.#measure({ what: 'Begun', waitedMs: this.#ports.timers.elapsed() - since, depth: this.#ready.size })
      this.#inWork.set(key, this.#workOn(key))
    }
  }

  /** Never rejects. */
  async #workOn(key: string): Promise<void> {
    const { timers } = this.#ports
    const began = timers.elapsed()
    const error = await this.#attempt(key).catch((thrown: unknown) => ({ thrown }))
    this.#measure({ what: error === undefined ? 'Done' : 'Failed', tookMs: timers.elapsed() - began })
    if (error === undefined) this.#failures.delete(key)
    else this.#fail(key, error.thrown)
    this.#inWork.delete(key)
    if (this.#again.delete(key)) this.#ready.set(key, timers.elapsed())
    this.#begin()
  }

  async #attempt(key: string): Promise<undefined> {
    const { timers, work, limits } = this.#ports
    const life = new AbortController()
    const end = (): void => life.abort()
    this.#cut.signal.addEventListener('abort', end)
    void timers.sleep(limits.workMs, life.signal).then(end)
    try {
      const againMs = await work(key, life.signal)
      if (againMs !== undefined) this.addAfter(key, againMs)
    } finally {
      end()
      this.#cut.signal.removeEventListener('abort', end)
    }
    return undefined
  }

  #fail(key: string, error: unknown): void {
    const { random, limits, failed } = this.#ports
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    const askedMs = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
    this.addAfter(key, Math.max(askedMs, backoffMs(limits.backoff, failures - 1, random)))
    try {
      failed(error, key, failures)
    } catch {
      // Who reports failures has failed: there is nobody left to tell, and the other keys must go on.
    }
  }

  #measure(fact: WorkFact): void {
    try {
      this.#ports.measured?.(fact)
    } catch {
      // A metric is not worth a key.
    }
  }
}
