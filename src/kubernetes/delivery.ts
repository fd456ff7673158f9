import { backoffMs } from './backoff.ts'
import type { Backoff } from './backoff.ts'
import { joined } from './change.ts'
import type { Change } from './change.ts'
import type { Timers } from './timers.ts'

export type DeliveryPorts<T> = {
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  readonly backoff: Backoff
  /** Called for every change, in the order of each object's changes. Must return at once. May throw. */
  readonly handle: (change: Change<T>) => void
  /** Told of every throw of `handle`. */
  readonly handleFailed: (error: unknown, change: Change<T>) => void
}

/**
 * Hands changes to a handler that may throw. A change that was not accepted is kept, joined with what happens to its
 * object meanwhile, and handed over again with growing pauses until it is accepted; other objects do not wait for it.
 */
export class Delivery<T> {
  readonly #ports: DeliveryPorts<T>
  readonly #waiting = new Map<string, readonly Change<T>[]>()
  #until: AbortSignal = AbortSignal.abort()
  #retrying = false

  constructor(ports: DeliveryPorts<T>) {
    this.#ports = ports
  }

  /** How many objects have changes that the handler has not accepted. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Lets changes through until the signal is aborted. Those that come afterwards wait for the next opening. */
  open(until: AbortSignal): void {
    this.#until = until
    this.#retryLater()
  }

  deliver(change: Change<T>): void {
    const waiting = this.#waiting.get(change.key)
    this.#waiting.set(change.key, waiting === undefined ? [change] : joined(waiting, change))
    this.#handOver(change.key)
    this.#retryLater()
  }

  #handOver(key: string): void {
    let left = this.#waiting.get(key) ?? []
    while (left.length > 0 && !this.#until.aborted && this.#accepted(left)) {
      left = left.slice(1)
      if (left.length > 0) this.#waiting.set(key, left)
      else this.#waiting.delete(key)
    }
  }

  #accepted([first]: readonly Change<T>[]): boolean {
    if (first === undefined) return false
    try {
      this.#ports.handle(first)
      return true
    } catch (error) {
      this.#complain(error, first)
      return false
    }
  }

  #complain(error: unknown, change: Change<T>): void {
    try {
      this.#ports.handleFailed(error, change)
    } catch {
      // Who reports failures has failed: there is nobody left to tell, and the loop must go on.
    }
  }

  #retryLater(): void {
    if (this.#retrying || this.#waiting.size === 0 || this.#until.aborted) return
    this.#retrying = true
    void this.#retry(this.#until).finally(() => {
      this.#retrying = false
      this.#retryLater()
    })
  }

  async #retry(until: AbortSignal): Promise<void> {
    const { timers, random, backoff } = this.#ports
    for (let failures = 0; this.#waiting.size > 0 && !until.aborted; failures += 1) {
      await timers.sleep(backoffMs(backoff, failures, random), until)
      for (const key of this.#waiting.keys()) this.#handOver(key)
    }
  }
}
