import { randomUUID } from 'node:crypto'
import { isSameJson } from './json-value.ts'
import { FakeRefusal } from './api-server-refusal.ts'

/** Any Kubernetes object, as loosely as the fake looks at it. */
export type FakeObject = { readonly metadata: FakeMetadata; readonly [field: string]: unknown }
export type FakeMetadata = {
  readonly name: string
  readonly namespace?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly [field: string]: unknown
}

/** What a client sends: the server fills in the rest. */
export type FakeDraft = {
  readonly metadata?: Partial<FakeMetadata> & { readonly generateName?: string }
  readonly [field: string]: unknown
}

/** Which object: `collection` is the path without namespace, for example `/apis/apps/v1/deployments`. */
export type Key = { readonly collection: string; readonly namespace: string; readonly name: string }

export type Change = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly at: number
  readonly collection: string
  readonly object: FakeObject
  readonly previous: FakeObject | undefined
}

/** Part of an object that one write may touch. */
export type Part = 'main' | 'status'

export type Preconditions = { readonly uid?: string; readonly resourceVersion?: string }

/** What etcd and the storage layer do: versions, uids, conflicts, finalizers, and the list of changes for watches. */
export class FakeObjects {
  #collections = new Map<string, Map<string, FakeObject>>()
  #listeners = new Set<(change: Change) => void>()
  #history: Change[] = []
  #compactedAt = 100
  #version = 100
  readonly #now: () => number
  readonly #prefix: string
  /** Resources (`configmaps`) without a status subresource: a write of the whole object changes all of it. */
  readonly #whole = new Set(['configmaps', 'secrets', 'leases', 'events', 'serviceaccounts'])

  constructor(now: () => number, versionPrefix = '') {
    this.#now = now
    this.#prefix = versionPrefix
  }

  /** The version of the last change. */
  get version(): number {
    return this.#version
  }

  /** A version as clients see it. */
  printed(version: number): string {
    return `${this.#prefix}${version}`
  }

  /** The opposite of `printed`; NaN for what this server has never said. */
  parsed(text: string): number {
    return text.startsWith(this.#prefix) ? Number(text.slice(this.#prefix.length)) : Number.NaN
  }

  all(collection: string): readonly FakeObject[] {
    return [...(this.#collections.get(collection)?.entries() ?? [])].toSorted(byKey).map(([, object]) => object)
  }

  get(key: Key): FakeObject {
    return this.find(key) ?? notFound(key)
  }

  find(key: Key): FakeObject | undefined {
    return this.#collections.get(key.collection)?.get(idOf(key))
  }

  create(key: Omit<Key, 'name'>, draft: FakeDraft, dryRun = false): FakeObject {
    const name = draft.metadata?.name ?? generated(draft.metadata?.generateName)
    const full = { ...key, name }
    if (this.find(full) !== undefined) {
      throw new FakeRefusal(409, 'AlreadyExists', { message: `${nameOf(full)} already exists`, details: { name } })
    }
    const { status: _status, ...rest } = draft
    const metadata = { ...draft.metadata, ...this.#identity(full) }
    const object = { ...(this.#hasStatus(key.collection) ? rest : draft), metadata }
    return dryRun ? object : this.#store(full, 'ADDED', object)
  }

  /** PUT: replaces `part`, refusing a resourceVersion or uid that is not the stored one. */
  replace(key: Key, draft: FakeDraft, how: { part: Part; dryRun?: boolean } = { part: 'main' }): FakeObject {
    const old = this.get(key)
    this.#check(key, old, draft.metadata ?? {})
    const next = how.part === 'status' ? { ...old, status: draft['status'] } : this.#merged(key, old, draft)
    if (isSameJson(next, old) || how.dryRun === true) return next
    return isLetGo(next) ? this.#drop(key, next) : this.#store(key, 'MODIFIED', next)
  }

  delete(key: Key, preconditions: Preconditions = {}): FakeObject {
    const old = this.get(key)
    this.#check(key, old, preconditions)
    if ((old.metadata.finalizers ?? []).length === 0) return this.#drop(key, old)
    if (old.metadata.deletionTimestamp !== undefined) return old
    const deletionTimestamp = this.#time()
    return this.#store(key, 'MODIFIED', { ...old, metadata: { ...old.metadata, deletionTimestamp } })
  }

  /** Every change after `version`, or undefined when that is no longer known. */
  changesSince(version: number): readonly Change[] | undefined {
    if (version < this.#compactedAt) return undefined
    const first = this.#history.findIndex((change) => change.at > version)
    return first === -1 ? [] : this.#history.slice(first)
  }

  /** Forgets the history, as etcd does every five minutes. */
  compact(): void {
    this.#version += 1
    this.#compactedAt = this.#version
    this.#history = []
  }

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #merged(key: Key, old: FakeObject, draft: FakeDraft): FakeObject {
    const { status: sent, ...content } = draft
    const status = this.#hasStatus(key.collection) ? old['status'] : sent
    const { name, uid, resourceVersion, namespace, creationTimestamp, deletionTimestamp, generation = 1 } = old.metadata
    const changed = !isSameJson(contentOf(content), contentOf(old))
    return {
      ...content,
      ...(status === undefined ? {} : { status }),
      metadata: {
        ...draft.metadata,
        ...(namespace === undefined ? {} : { namespace }),
        ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
        ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
        name,
        uid,
        resourceVersion,
        generation: generation + (changed ? 1 : 0),
      },
    }
  }

  #identity(key: Key): FakeMetadata {
    const namespace = key.namespace === '' ? {} : { namespace: key.namespace }
    const made = { uid: randomUUID(), generation: 1, creationTimestamp: this.#time(), resourceVersion: '' }
    return { name: key.name, ...namespace, ...made }
  }

  #time(): string {
    return `${new Date(this.#now()).toISOString().slice(0, 19)}Z`
  }

  #hasStatus(collection: string): boolean {
    return !this.#whole.has(collection.split('/').at(-1) ?? '')
  }

  #check(key: Key, old: FakeObject, wanted: Preconditions): void {
    const { uid, resourceVersion } = old.metadata
    if ([uid, undefined].includes(wanted.uid) && [resourceVersion, undefined, ''].includes(wanted.resourceVersion))
      return
    const message = `Operation cannot be fulfilled on ${nameOf(key)}: the object has been modified`
    throw new FakeRefusal(409, 'Conflict', { message, details: { name: key.name } })
  }

  #drop(key: Key, old: FakeObject): FakeObject {
    return this.#store(key, 'DELETED', old)
  }

  #store(key: Key, type: Change['type'], object: FakeObject): FakeObject {
    this.#version += 1
    const previous = this.find(key)
    const stored = deepFreeze({
      ...object,
      metadata: { ...object.metadata, resourceVersion: this.printed(this.#version) },
    })
    const collection = this.#collections.get(key.collection) ?? new Map<string, FakeObject>()
    this.#collections.set(key.collection, collection)
    if (type === 'DELETED') collection.delete(idOf(key))
    else collection.set(idOf(key), stored)
    const change: Change = { type, at: this.#version, collection: key.collection, object: stored, previous }
    this.#history.push(change)
    for (const listener of this.#listeners) listener(change)
    return stored
  }
}

/** Deleted, and its last finalizer has just been removed. */
function isLetGo({ metadata }: FakeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0
}

function generated(prefix: string | undefined): string {
  if (prefix === undefined) throw new FakeRefusal(422, 'Invalid', { message: 'name or generateName is required' })
  return prefix + randomUUID().slice(0, 5)
}

function idOf(key: { readonly namespace: string; readonly name: string }): string {
  return `${key.namespace}/${key.name}`
}

function nameOf(key: Key): string {
  return `${key.collection.split('/').at(-1) ?? ''} "${key.name}"`
}

function notFound(key: Key): never {
  throw new FakeRefusal(404, 'NotFound', { message: `${nameOf(key)} not found`, details: { name: key.name } })
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  if (a[0] === b[0]) return 0
  return a[0] < b[0] ? -1 : 1
}

function contentOf(object: FakeDraft): unknown {
  const { metadata: _metadata, status: _status, apiVersion: _version, kind: _kind, ...content } = object
  return content
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) deepFreeze(inner)
  return value
}
