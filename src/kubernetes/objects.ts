import { makeReads } from './object-reads.ts'
import { makeWrites } from './object-writes.ts'
import type { WritePorts } from './object-writes.ts'
import type { Refused, Stored } from './answer.ts'
import type { PatchOperation } from './json-patch.ts'
import type { KubernetesObject, ObjectRef, Resource } from './resource.ts'

/** How long one call may take, and when to give it up. The transport's own default otherwise. */
export type CallOptions = { readonly deadlineMs?: number; readonly signal?: AbortSignal }

type Where = { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string }

export type Listed<T> = { readonly items: readonly T[]; readonly resourceVersion: string }

type Patch = ObjectRef & { readonly subresource?: string; readonly operations: readonly PatchOperation[] }

type Merge = ObjectRef & {
  readonly subresource?: string
  readonly change: Readonly<Record<string, unknown>>
}

type Preconditions = { readonly uid?: string; readonly resourceVersion?: string }

/**
 * Typed objects over the API server. Every write is sent with `fieldValidation=Strict` and its answer compared with
 * what was sent: rejects with ResponseDiffers when they differ. Expected refusals are values; everything else rejects
 * with ApiError, a refusal of a write whose earlier try may have been carried out (`outcomeUnknown`) included.
 */
export type Objects = {
  readonly get: <T extends KubernetesObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options?: CallOptions,
  ) => Promise<Stored<T> | 'NotFound'>
  /** All of them, read page by page from one snapshot; begun anew, once, when that snapshot expires in between. */
  readonly list: <T extends KubernetesObject>(
    resource: Resource<T>,
    where: Where,
    options?: CallOptions,
  ) => Promise<Listed<T>>
  readonly create: <T extends KubernetesObject>(
    resource: Resource<T>,
    object: T,
    options?: CallOptions,
  ) => Promise<Stored<T> | Refused>
  /** PUT. Compare-and-swap when the object carries its resourceVersion. Never touches the status. */
  readonly replace: <T extends KubernetesObject>(
    resource: Resource<T>,
    object: T,
    options?: CallOptions,
  ) => Promise<Stored<T> | Refused>
  /** JSON Patch. A failed `test`, a rule of the schema and an admission policy all answer Invalid. */
  readonly patch: <T extends KubernetesObject>(
    resource: Resource<T>,
    patch: Patch,
    options?: CallOptions,
  ) => Promise<Stored<T> | Refused>
  /** JSON Merge Patch: lists are replaced whole, null removes. */
  readonly merge: <T extends KubernetesObject>(
    resource: Resource<T>,
    merge: Merge,
    options?: CallOptions,
  ) => Promise<Stored<T> | Refused>
  /** `Conflict`: it is no longer the object that the preconditions mean. */
  readonly remove: (
    resource: Resource<KubernetesObject>,
    target: ObjectRef & { readonly preconditions: Preconditions },
    options?: CallOptions,
  ) => Promise<'Deleted' | 'Conflict' | 'NotFound'>
}

/** Typed objects over one transport, that is as one service account. */
export function makeObjects(ports: WritePorts): Objects {
  return { ...makeReads(ports.transport), ...makeWrites(ports) }
}
