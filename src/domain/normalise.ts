import { groupResource, isMainResource } from './action.ts'
import type { Action } from './action.ts'
import { settleConditionTimes } from './condition-times.ts'
import { dropGeneratedName } from './generated-name.ts'
import type { Instant } from './instant.ts'
import { isObject, mapEntries, replaceAt } from './json.ts'
import type { JsonObject } from './json.ts'
import { dropManagedTimes } from './managed-fields.ts'
import { settleOwnLabels } from './own-labels.ts'
import { settleRestartTime } from './restart-time.ts'
import { dropAllocations } from './service-allocation.ts'
import { settleTokenVolume } from './token-volume.ts'

/**
 * Normalised: without what the *server* varies between two sendings of the same command. A closed list, one named step
 * for each row; what no step names is part of the action. Every step is a possible hole and has a test of its abuse.
 */

/** Written by the server whatever the client sends (k8s.io/apiserver registry/rest: FillObjectMetaSystemFields, BeforeUpdate). */
const serverMetadata = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'resourceVersion',
  'selfLink',
  'uid',
])

/** Raised by the server at each update; at creation it is constant, or the client's own where the kind leaves it. */
const updatedMetadata = new Set([...serverMetadata, 'generation'])

/** Kinds whose strategy resets `status` in PrepareForCreate. Not nodes: a kubelet registers with its status. */
const resetsStatus = new Set([
  'apiservices.apiregistration.k8s.io',
  'certificatesigningrequests.certificates.k8s.io',
  'cronjobs.batch',
  'customresourcedefinitions.apiextensions.k8s.io',
  'daemonsets.apps',
  'deployments.apps',
  'horizontalpodautoscalers.autoscaling',
  'ingresses.networking.k8s.io',
  'jobs.batch',
  'namespaces',
  'persistentvolumeclaims',
  'persistentvolumes',
  'poddisruptionbudgets.policy',
  'pods',
  'replicasets.apps',
  'replicationcontrollers',
  'resourcequotas',
  'services',
  'statefulsets.apps',
])

const pods = new Set(['pods'])
const selfLabelled = new Set(['jobs.batch', 'namespaces'])
const certificateRequests = new Set(['certificatesigningrequests.certificates.k8s.io'])
const services = new Set(['services'])
const restartable = new Set(['daemonsets.apps', 'deployments.apps', 'statefulsets.apps'])

/** The object of a Create, as the agent means it. */
export function normaliseCreated(action: Action, object: JsonObject): JsonObject {
  const steps: readonly Step[] = [
    { on: resetsStatus, take: dropStatus },
    { on: pods, take: settleTokenVolume },
    { on: selfLabelled, take: settleOwnLabels },
    { on: certificateRequests, take: dropCredentialID },
    { on: services, take: dropAllocations },
    { take: dropManagedTimes },
    { take: action.resource.subresource === '' ? dropGeneratedName : asItIs },
    { take: (created) => dropMetadata(created, serverMetadata) },
  ]
  return runSteps(steps, action, object)
}

/** The two sides of an Update. managedFields are told apart, by `ownershipChanges`. */
export function normaliseUpdated(action: Action, now: Instant): { before: JsonObject; after: JsonObject } | undefined {
  const { object, oldObject } = action
  if (object === undefined || oldObject === undefined) return undefined
  const steps: readonly Step[] = [
    { on: services, take: dropAllocations },
    { take: dropManagedFields },
    { take: (updated) => dropMetadata(updated, updatedMetadata) },
  ]
  const stamped: readonly Step[] = [
    { on: restartable, take: (after) => settleRestartTime(after, oldObject, now) },
    { take: (after) => (isCertificateDecision(action) ? settleConditionTimes(after, oldObject, now) : after) },
  ]
  return { before: runSteps(steps, action, oldObject), after: runSteps([...stamped, ...steps], action, object) }
}

/** What a Delete takes away, beside its metadata: the object's content as it stands. */
export function normaliseDeleted(object: JsonObject): JsonObject {
  return dropMetadata(dropManagedFields(object), updatedMetadata)
}

type Step = { readonly on?: ReadonlySet<string>; readonly take: (object: JsonObject) => JsonObject }

function runSteps(steps: readonly Step[], action: Action, object: JsonObject): JsonObject {
  const due = steps.filter(({ on }) => on === undefined || isMainResource(action.resource, on))
  return due.reduce((taken, { take }) => take(taken), object)
}

function asItIs(object: JsonObject): JsonObject {
  return object
}

function dropStatus(object: JsonObject): JsonObject {
  return mapEntries(object, (key, value) => (key === 'status' ? undefined : value))
}

function dropManagedFields(object: JsonObject): JsonObject {
  return replaceAt(object, ['metadata', 'managedFields'], () => undefined)
}

/** A certificate request names the token of whoever creates it: written by the server, and new at each renewal. */
function dropCredentialID(object: JsonObject): JsonObject {
  return replaceAt(object, ['spec', 'extra', 'authentication.kubernetes.io/credential-id'], () => undefined)
}

function isCertificateDecision({ resource }: Action): boolean {
  return certificateRequests.has(groupResource(resource)) && resource.subresource !== ''
}

function dropMetadata(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return replaceAt(object, ['metadata'], (metadata) =>
    isObject(metadata) ? mapEntries(metadata, (key, value) => (keys.has(key) ? undefined : value)) : metadata,
  )
}
