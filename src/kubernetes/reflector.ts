import type { Instant } from '../domain/instant.ts'
import type { Backoff } from './backoff.ts'
import { Cache } from './cache.ts'
import type { ReadonlyCache } from './cache.ts'
import type { Change } from './change.ts'
import { Delivery } from './delivery.ts'
import { follow } from './follow.ts'
import { makeGate } from './gate.ts'
import type { Live } from './live-object.ts'
import type { KubernetesObject, Resource } from './resource.ts'
import type { Moment } from './run.ts'
import type { Timers } from './timers.ts'
import type { Transport } from './transport.ts'

/** Label and field selectors, in the syntax of the Kubernetes API. */
type Selector = { readonly labelSelector?: string; readonly fieldSelector?: string }

/** What a reflector is to know, and in which form. */
export type Interest<K extends KubernetesObject, T> = {
  readonly resource: Resource<K>
  /** Undefined: all namespaces, or a resource without. */
  readonly namespace?: string
  readonly selector?: Selector
  /**
   * For objects that matter only until they have changed in a certain way, such as requests until their decision: the
   * list asks for those that `listSelector` selects, too, while the watch sees all and so brings the change itself. An
   * object for which `keep` is false is told once, as `Left`, and forgotten; if it never was kept, it is not told.
   * `keep` is true for exactly what `listSelector` selects.
   */
  readonly whileKept?: { readonly listSelector: Selector; readonly keep: (object: Live<K>) => boolean }
  /** Makes what is cached and told; leave out what nobody reads. A throw is a failure of the list or watch. */
  readonly trim: (object: Live<K>) => T
}

export type ReflectorPorts<T> = {
  readonly transport: Pick<Transport, 'call' | 'stream'>
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  /**
   * Told every change, in the order of each object's changes, after the cache has it. Meant to push the key into a work
   * queue: it has to return at once, as the loop waits for it. What it throws on is told again (see Delivery).
   */
  readonly handle: (change: Change<T>) => void
  readonly handleFailed: (error: unknown, change: Change<T>) => void
  /** Told why a list or watch failed, mostly an ApiError. The loop goes on. */
  readonly failed: (error: unknown) => void
  readonly limits: ReflectorLimits
}

export type ReflectorLimits = {
  /** Objects per page of a list. Halved when a page is too large, multiplied when paging takes too long. */
  readonly pageSize: number
  /** A full list this often, give or take a tenth, in case that an event was lost somewhere. */
  readonly relistMs: number
  /** The server is asked to end a watch after this time or up to twice as much. */
  readonly watchMs: number
  /** A watch that lasted so long was no failure, however it ended. */
  readonly healthyMs: number
  readonly mostEventBytes: number
  readonly backoff: Backoff
}

/** What suits kube-apiserver: page and watch as client-go has them. */
export const reflectorLimits: ReflectorLimits = {
  pageSize: 500,
  relistMs: 600_000,
  watchMs: 300_000,
  healthyMs: 1_000,
  mostEventBytes: 16 * 1024 * 1024,
  backoff: { firstMs: 200, capMs: 30_000 },
}

/**
 * Objects of one kind in memory, in step with the API server. It survives everything but `stop`: each failure of list
 * or watch is told to `failed` and followed by another try. How far it can be behind is told by `silentMs`.
 */
export type Reflector<T> = {
  readonly cache: ReadonlyCache<T>
  /** Begins, if it has not. The cache is kept from an earlier run: what has changed since is told as changes. */
  readonly start: () => void
  /** Ends; nothing changes and nothing is told from this very call on. Resolves when the last connection is let go. */
  readonly stop: () => Promise<void>
  /** Whether the cache holds a whole list of this run. */
  readonly synced: () => boolean
  /** True as soon as `synced`; false when the signal was aborted or the reflector stopped before. */
  readonly untilSynced: (signal?: AbortSignal) => Promise<boolean>
  /** When the API server was last heard: the start of a list that succeeded, an event, or a bookmark. */
  readonly lastHeard: () => Instant | undefined
  /** How long ago that was, by a clock that nobody sets; Infinity when it never was. The cache is at most so old. */
  readonly silentMs: () => number
  /** Objects with changes that `handle` has not accepted. */
  readonly unhandled: () => number
}

export function makeReflector<K extends KubernetesObject, T>(
  ports: ReflectorPorts<T>,
  interest: Interest<K, T>,
): Reflector<T> {
  const cache = new Cache<T>()
  const delivery = new Delivery<T>({ ...ports, backoff: ports.limits.backoff })
  const synced = makeGate()
  let running: AbortController | undefined
  let ended = Promise.resolve()
  let heard: Moment | undefined

  function start(): void {
    if (running !== undefined) return
    running = new AbortController()
    const { signal } = running
    const hear = (at: Moment): void => {
      if (!signal.aborted) heard = at
    }
    const sync = (): void => {
      if (!signal.aborted) synced.open()
    }
    delivery.open(signal)
    ended = ended.then(() => follow({ ports, interest, cache, delivery, signal, heard: hear, synced: sync }))
  }

  function stop(): Promise<void> {
    running?.abort()
    running = undefined
    synced.close()
    return ended
  }

  return {
    cache,
    start,
    stop,
    synced: synced.isOpen,
    untilSynced: synced.passed,
    lastHeard: () => heard?.now,
    silentMs: () => ports.timers.elapsed() - (heard?.elapsed ?? Number.NEGATIVE_INFINITY),
    unhandled: () => delivery.waiting,
  }
}
