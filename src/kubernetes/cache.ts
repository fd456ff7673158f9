import type { Change } from './change.ts'

/** One object as it is remembered; uid and version are the server's, the object may be trimmed. */
export type Entry<T> = { readonly uid: string; readonly version: string; readonly object: T }

/** The reading half of a cache. Keys are `namespace/name`, or `name`. */
export type ReadonlyCache<T> = {
  readonly size: number
  readonly get: (key: string) => T | undefined
  readonly keys: () => IterableIterator<string>
  /** In no order that means anything. */
  readonly values: () => IterableIterator<T>
}

/**
 * What a reflector knows. Each operation changes the cache and returns what there is to tell about it, in order. An
 * object that was deleted and created anew is two objects, however much they look alike: the uid decides. Versions are
 * compared for equality alone, they have no order that a client may rely on.
 */
export class Cache<T> implements ReadonlyCache<T> {
  readonly #entries = new Map<string, Entry<T>>()

  get size(): number {
    return this.#entries.size
  }

  readonly get = (key: string): T | undefined => this.#entries.get(key)?.object

  readonly keys = (): IterableIterator<string> => this.#entries.keys()

  readonly values = (): IterableIterator<T> => this.#objects()

  /** The object is so now. */
  put(key: string, entry: Entry<T>): readonly Change<T>[] {
    const old = this.#entries.get(key)
    if (old !== undefined && old.uid === entry.uid && old.version === entry.version) return []
    this.#entries.set(key, entry)
    const { object } = entry
    if (old === undefined) return [{ type: 'Added', key, object }]
    if (old.uid === entry.uid) return [{ type: 'Updated', key, object, previous: old.object }]
    return [
      { type: 'Deleted', key, object: old.object },
      { type: 'Added', key, object },
    ]
  }

  /** The object is so now, and not to be remembered. */
  leave(key: string, entry: Entry<T>): readonly Change<T>[] {
    const old = this.#entries.get(key)
    if (old === undefined) return []
    this.#entries.delete(key)
    if (old.uid !== entry.uid) return [{ type: 'Deleted', key, object: old.object }]
    return [{ type: 'Left', key, object: entry.object, previous: old.object }]
  }

  /** There is no such object now; `final` is its last state, if the server has told it. */
  remove(key: string, final?: Entry<T>): readonly Change<T>[] {
    const old = this.#entries.get(key)
    if (old === undefined) return []
    this.#entries.delete(key)
    return [{ type: 'Deleted', key, object: final?.uid === old.uid ? final.object : old.object }]
  }

  *#objects(): Generator<T> {
    for (const { object } of this.#entries.values()) yield object
  }
}
