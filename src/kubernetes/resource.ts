/** What every Kubernetes object says about itself, as far as this folder needs it. */
export type ObjectMeta = {
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export type KubernetesObject = {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: ObjectMeta
}

declare const shape: unique symbol

/** A kind of object as data: where it is served, and (for the compiler alone) what shape it has. */
export type Resource<T extends KubernetesObject> = {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  /** The plural in the path, lower case. */
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /**
   * Whether the server adds nothing of its own outside metadata (no defaults, no allocated fields). Then a field that
   * comes back although it was not sent is somebody else's hand.
   */
  readonly exact: boolean
  readonly [shape]?: T
}

/** One object of a resource. `namespace` exactly when the resource is namespaced. */
export type ObjectRef = { readonly namespace?: string; readonly name: string }

/** `apps/v1`, or `v1` in the core group. */
export function apiVersionOf(resource: Resource<KubernetesObject>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}

/** The path of all objects, of one namespace when one is given. */
export function collectionPath(resource: Resource<KubernetesObject>, namespace?: string): string {
  const root = resource.group === '' ? '/api' : '/apis'
  const base = `${root}/${apiVersionOf(resource)}`
  if (namespace === undefined) return `${base}/${resource.plural}`
  if (!resource.namespaced) throw new TypeError(`${resource.plural} have no namespace`)
  return `${base}/namespaces/${segment(namespace)}/${resource.plural}`
}

/**
 * The path of one object or of its subresource. Throws on a name that would make the path another one: without its
 * name a delete is a deletecollection, and `..` is its parent.
 */
export function objectPath(resource: Resource<KubernetesObject>, ref: ObjectRef, subresource?: string): string {
  if (resource.namespaced && ref.namespace === undefined) throw new TypeError(`${resource.plural} need a namespace`)
  const path = `${collectionPath(resource, ref.namespace)}/${segment(ref.name)}`
  return subresource === undefined ? path : `${path}/${segment(subresource)}`
}

/** The rule for names that are path segments: ValidatePathSegmentName in k8s.io/apimachinery. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) {
    throw new TypeError(`not a path segment: ${JSON.stringify(name.slice(0, 80))}`)
  }
  return encodeURIComponent(name)
}
