import { groupResource } from './action.ts'
import type { Action } from './action.ts'
import { changesBetween } from './change.ts'
import type { Change } from './change.ts'
import type { Instant } from './instant.ts'
import { at, emptyObject, isList, mapEntries, replaceAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { ownershipChanges } from './managed-fields.ts'
import { normaliseCreated, normaliseDeleted, normaliseUpdated } from './normalise.ts'

/**
 * What an action would do, without what the server varies: the same for two sendings of one command, another for
 * everything that differs in effect. Raw; for people it goes through `mask`.
 */
export type Content =
  | { readonly operation: 'Create'; readonly object: JsonObject }
  | {
      readonly operation: 'Update'
      readonly before: JsonObject
      readonly after: JsonObject
      readonly changes: readonly Change[]
      /** Fields that managers gain and lose (managedFields). */
      readonly ownership: readonly Change[]
      /** The whole object afterwards but for metadata and status: the same patch on another image is another action. */
      readonly result: JsonObject
    }
  | {
      readonly operation: 'Delete'
      readonly options: JsonObject
      /** The object as it stands, but for metadata and status. */
      readonly object: JsonObject
      readonly finalizers: Json
      readonly ownerReferences: Json
    }
  | { readonly operation: 'Connect'; readonly options: JsonObject }

/** Built-in kinds whose `spec.replicas` somebody else (an autoscaler) may set at any time through their scale subresource. */
const scalable = new Set(['deployments.apps', 'replicasets.apps', 'replicationcontrollers', 'statefulsets.apps'])

const nothing: JsonObject = emptyObject()

/** The content of an action at a moment; the time tells only whether a new restart annotation is that of this request. */
export function contentOf(action: Action, now: Instant): Content {
  switch (action.operation) {
    case 'Create':
      return { operation: 'Create', object: normaliseCreated(action, action.object ?? nothing) }
    case 'Update':
      return updated(action, now)
    case 'Delete':
      return deleted(action)
    case 'Connect':
      return { operation: 'Connect', options: action.object ?? nothing }
  }
}

/** An Update that changes nothing: what GitOps tools send all day. */
export function isEmptyUpdate(content: Content): boolean {
  return content.operation === 'Update' && content.changes.length === 0 && content.ownership.length === 0
}

function updated(action: Action, now: Instant): Content {
  const sides = normaliseUpdated(action, now) ?? { before: nothing, after: nothing }
  const changes = changesBetween(sides.before, sides.after)
  const ownership = ownershipChanges(action.oldObject ?? nothing, action.object ?? nothing)
  const scales = changes.some(({ path }) => path[0] === 'spec' && path[1] === 'replicas')
  return { operation: 'Update', ...sides, changes, ownership, result: lasting(action, sides.after, scales) }
}

function deleted(action: Action): Content {
  const object = normaliseDeleted(action.oldObject ?? nothing)
  const options = mapEntries(action.options ?? nothing, (key, value) => (key === 'dryRun' ? undefined : value))
  return {
    operation: 'Delete',
    options,
    object: lasting(action, object, false),
    finalizers: withoutCollectors(at(object, 'metadata', 'finalizers') ?? [], options),
    ownerReferences: at(object, 'metadata', 'ownerReferences') ?? [],
  }
}

const collectors = new Set<Json>(['foregroundDeletion', 'orphan'])

/** The garbage collector's finalizers follow from the propagation policy, where one is given: the delete itself sets them. */
function withoutCollectors(finalizers: Json, options: JsonObject): Json {
  const given = options['propagationPolicy'] !== undefined || options['orphanDependents'] !== undefined
  return given && isList(finalizers) ? finalizers.filter((finalizer) => !collectors.has(finalizer)) : finalizers
}

/** An object but for what others may change while a person decides: metadata, status and, where one may scale, replicas. */
function lasting(action: Action, object: JsonObject, keepReplicas: boolean): JsonObject {
  const lasts = mapEntries(object, (key, value) => (key === 'metadata' || key === 'status' ? undefined : value))
  const othersScale = action.resource.subresource === '' && scalable.has(groupResource(action.resource))
  return othersScale && !keepReplicas ? replaceAt(lasts, ['spec', 'replicas'], () => undefined) : lasts
}
