import type { Cache } from './cache.ts'
import type { Change } from './change.ts'
import type { Delivery } from './delivery.ts'
import { keyOf } from './live-object.ts'
import type { Live } from './live-object.ts'
import type { Interest, ReflectorPorts } from './reflector.ts'
import type { KubernetesObject } from './resource.ts'

/** A point on both clocks. */
export type Moment = { readonly now: number; readonly elapsed: number }

/** A reflector between one start and the stop after it. */
export type Run<K extends KubernetesObject, T> = {
  readonly ports: ReflectorPorts<T>
  readonly interest: Interest<K, T>
  readonly cache: Cache<T>
  readonly delivery: Delivery<T>
  /** Aborted by the stop. From then on cache and handler must not be touched. */
  readonly signal: AbortSignal
  readonly heard: (at: Moment) => void
  readonly synced: () => void
}

export function momentOf({ ports: { timers } }: Pick<Run<never, never>, 'ports'>): Moment {
  return { now: timers.now(), elapsed: timers.elapsed() }
}

/** Takes in that an object is so now. Returns its key. Throws, and takes nothing in, once the run has been stopped. */
export function takeIn<K extends KubernetesObject, T>(run: Run<K, T>, live: Live<K>): string {
  run.signal.throwIfAborted()
  const key = keyOf(live)
  const entry = entryOf(run, live)
  const kept = run.interest.whileKept?.keep(live) ?? true
  tell(run, kept ? run.cache.put(key, entry) : run.cache.leave(key, entry))
  return key
}

/** Takes in that an object is no more; else like `takeIn`. */
export function takeOut<K extends KubernetesObject, T>(run: Run<K, T>, gone: Live<K> | string): void {
  run.signal.throwIfAborted()
  if (typeof gone === 'string') tell(run, run.cache.remove(gone))
  else tell(run, run.cache.remove(keyOf(gone), entryOf(run, gone)))
}

function entryOf<K extends KubernetesObject, T>(run: Run<K, T>, live: Live<K>) {
  const { uid, resourceVersion } = live.metadata
  return { uid, version: resourceVersion, object: run.interest.trim(live) }
}

function tell<K extends KubernetesObject, T>(run: Run<K, T>, changes: readonly Change<T>[]): void {
  for (const change of changes) run.delivery.deliver(change)
}
