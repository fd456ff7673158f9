import { at, isList, isObject, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import type { RequestedAction } from './kinds.ts'
import type { Target } from './outcome.ts'
import { partAt, scalarAt } from './printed-yaml.ts'
import type { Printed } from './printed-yaml.ts'

/**
 * What stands around the target of an action, as the operator reads it when people are asked. What is undefined was not
 * looked at, may not be read, or is not there.
 */
export type Around = {
  /** The object that is worked on; of a subresource, the object that it is a part of. */
  readonly target?: JsonObject | undefined
  readonly services?: readonly JsonObject[] | undefined
  readonly budgets?: readonly JsonObject[] | undefined
  readonly autoscalers?: readonly JsonObject[] | undefined
  /** The role to which a binding refers. */
  readonly role?: JsonObject | undefined
}

/** Objects of one kind in one namespace. */
export type Place = Pick<Target, 'group' | 'version' | 'resource' | 'namespace'>

/** What is to be read to know what stands around a target. */
export type Looks = {
  readonly target: Target | undefined
  readonly role: Target | undefined
  readonly lists: { readonly [what in 'services' | 'budgets' | 'autoscalers']?: Place }
}

const workloads: ReadonlySet<string> = new Set([
  'daemonsets',
  'deployments',
  'pods',
  'replicasets',
  'replicationcontrollers',
  'statefulsets',
])

/** `document`: the object as it was printed for people. At most five reads, each by its name or of one namespace. */
export function looksOf(action: RequestedAction, document: Printed | undefined): Looks {
  return { target: targetIn(action), role: roleIn(action, document), lists: listsFor(action) }
}

function targetIn({ operation, resource, namespace = '', name }: RequestedAction): Target | undefined {
  const isNew = operation === 'Create' && resource.subresource === ''
  if (isNew || name === undefined || name === '') return undefined
  if (resource.group === '' && resource.resource === 'secrets') return undefined
  return {
    group: resource.group,
    version: resource.version,
    resource: resource.resource,
    namespace,
    name,
    subresource: '',
  }
}

const rbac = 'rbac.authorization.k8s.io'

function roleIn({ resource, namespace = '' }: RequestedAction, document: Printed | undefined): Target | undefined {
  if (resource.group !== rbac || !resource.resource.endsWith('rolebindings')) return undefined
  const ref = partAt(document, 'roleRef')
  const [kind, name] = [scalarAt(ref, 'kind'), scalarAt(ref, 'name')]
  if (name === undefined || (kind !== 'Role' && kind !== 'ClusterRole')) return undefined
  const common = { group: rbac, version: 'v1', name, subresource: '' }
  return kind === 'Role'
    ? { ...common, resource: 'roles', namespace }
    : { ...common, resource: 'clusterroles', namespace: '' }
}

function listsFor({ operation, resource, namespace }: RequestedAction): Looks['lists'] {
  if (namespace === undefined || operation === 'Connect' || !workloads.has(resource.resource)) return {}
  const autoscalers = { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers', namespace }
  if (operation === 'Create' && resource.subresource === '') return {}
  const services = { group: '', version: 'v1', resource: 'services', namespace }
  const budgets = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets', namespace }
  return { services, budgets, ...(resource.resource === 'pods' ? {} : { autoscalers }) }
}

/** Labels of the pods that a workload makes, or of the pod itself. */
export function podLabels(target: JsonObject | undefined): JsonObject | undefined {
  const labels = at(target, 'spec', 'template', 'metadata', 'labels') ?? at(target, 'metadata', 'labels')
  return isObject(labels) ? labels : undefined
}

/** Does a map of labels, as in a Service, pick them all? One without labels picks nothing. */
export function picks(selector: Json | undefined, labels: JsonObject): boolean {
  if (!isObject(selector)) return false
  const wanted = Object.entries(selector)
  return wanted.length > 0 && wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
}

/** The name, whatever the object is. */
export function nameIn(object: JsonObject): string {
  return textAt(object, 'metadata', 'name') ?? 'without a name'
}

/** The elements of a list at the end of a walk; none when there is no list. */
export function listAt(value: Json | undefined, ...keys: readonly string[]): readonly Json[] {
  const found = at(value, ...keys)
  return isList(found) ? found : []
}
