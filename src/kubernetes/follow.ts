import { ApiError } from './api-error.ts'
import type { NoAnswer } from './api-error.ts'
import { backoffMs } from './backoff.ts'
import { relist } from './relist.ts'
import type { KubernetesObject } from './resource.ts'
import type { Run } from './run.ts'
import { watchOn } from './watch-on.ts'

/** What one list or one watch came to. A list counts as open for no time. */
type Outcome = { readonly did: 'List' | 'Watch'; readonly openMs: number; readonly error: unknown }

/** A stream that says such things cannot be trusted to have brought everything. */
const untrusted: ReadonlySet<string> = new Set<NoAnswer>(['Silent', 'MalformedEvent', 'LineTooLong', 'NotUtf8'])

/** After so many failures in a row a list is tried: the cause may be the version itself, say after a restored backup. */
const patience = 3

/** Lists and watches until the run's signal is aborted. Never rejects: every failure is told, and followed by a try. */
export function follow<K extends KubernetesObject, T>(run: Run<K, T>): Promise<void> {
  return new Follower(run).follow()
}

class Follower<K extends KubernetesObject, T> {
  readonly #run: Run<K, T>
  /** Up to which version everything was taken in; empty before the first list. */
  #version = ''
  /** Whether nothing but a list can help: before the first, after lost events, and when watching fails repeatedly. */
  #mustList = true
  /** When the next list is due in any case, on the clock of durations. */
  #relistAt = 0
  #pageSize: number
  /** In a row, without a word from a watch in between. */
  #failures = 0
  /** The same, without a list in between either. */
  #failuresSinceList = 0

  constructor(run: Run<K, T>) {
    this.#run = run
    this.#pageSize = run.ports.limits.pageSize
  }

  async follow(): Promise<void> {
    const { timers, limits, random } = this.#run.ports
    while (!this.#over()) {
      const outcome = await this.#listOrWatch()
      if (this.#over()) return
      if (outcome.openMs >= limits.healthyMs) this.#isWell()
      if (this.#isFine(outcome)) continue
      const pauseMs = backoffMs(limits.backoff, this.#failures, random)
      this.#failures += 1
      this.#failuresSinceList += 1
      this.#learn(outcome)
      await timers.sleep(Math.max(pauseMs, askedPauseMs(outcome.error)), this.#run.signal)
    }
  }

  #over(): boolean {
    return this.#run.signal.aborted
  }

  #isWell(): void {
    this.#failures = 0
    this.#failuresSinceList = 0
  }

  #isDue(): boolean {
    return this.#run.ports.timers.elapsed() >= this.#relistAt
  }

  /** A watch that ended well but at once is not: to go on without a pause would be a flood. */
  #isFine({ did, openMs, error }: Outcome): boolean {
    if (error !== undefined) return false
    return did === 'List' || this.#isDue() || openMs >= this.#run.ports.limits.healthyMs
  }

  #listOrWatch(): Promise<Outcome> {
    return this.#mustList || this.#isDue() ? this.#list() : this.#watch()
  }

  async #list(): Promise<Outcome> {
    const { timers, limits, random } = this.#run.ports
    try {
      this.#version = await relist(this.#run, this.#pageSize)
      this.#mustList = false
      this.#failuresSinceList = 0
      this.#relistAt = timers.elapsed() + limits.relistMs * (0.9 + 0.2 * random())
      this.#run.synced()
      return { did: 'List', openMs: 0, error: undefined }
    } catch (error) {
      return { did: 'List', openMs: 0, error }
    }
  }

  async #watch(): Promise<Outcome> {
    const reached = (version: string): void => {
      this.#version = version
      this.#isWell()
    }
    const watched = await watchOn(this.#run, { version: this.#version, endAt: this.#relistAt, reached })
    return { did: 'Watch', ...watched }
  }

  #learn({ did, error }: Outcome): void {
    const { status, reason } = error instanceof ApiError ? error : { status: 0, reason: '' }
    if (did === 'List') this.#learnFromList(status, reason)
    if (did === 'Watch' && (status === 410 || untrusted.has(reason))) this.#mustList = true
    if (this.#failuresSinceList >= patience) this.#mustList = true
    if (error !== undefined) this.#tell(error)
  }

  /** A list that was merely due can wait while the watch goes on. */
  #learnFromList(status: number, reason: string): void {
    const { timers, limits } = this.#run.ports
    this.#relistAt = timers.elapsed() + limits.relistMs / 10
    if (status === 410) this.#pageSize *= 4
    if (reason === 'ReplyTooLarge') this.#pageSize = Math.max(1, Math.floor(this.#pageSize / 2))
  }

  #tell(error: unknown): void {
    try {
      this.#run.ports.failed(error)
    } catch {
      // Who reports failures has failed: there is nobody left to tell, and the loop must go on.
    }
  }
}

/** How long the server asked us to stay away. */
function askedPauseMs(error: unknown): number {
  return error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
}
