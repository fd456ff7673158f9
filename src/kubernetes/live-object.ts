import { isFields } from './fields.ts'
import type { KubernetesObject, ObjectMeta } from './resource.ts'

type Given = { readonly name: string; readonly uid: string; readonly resourceVersion: string }

/** An object as a list or a watch brings it: stored, so the server has given it what `Given` says. */
export type Live<T extends KubernetesObject> = T & { readonly metadata: ObjectMeta & Given }

/** Whether something that the server sent can be told from other objects. Its kind is missing in lists of built-ins. */
export function isLive<T extends KubernetesObject>(value: unknown, kind: string): value is Live<T> {
  if (!isFields(value) || !isFields(value['metadata'])) return false
  const { name, uid, resourceVersion } = value['metadata']
  const given = [name, uid, resourceVersion].every((text) => typeof text === 'string' && text !== '')
  return given && (value['kind'] === undefined || value['kind'] === kind)
}

/** `namespace/name`, or the name alone where there is no namespace: unique at one time, not over time. */
export function keyOf(object: Live<KubernetesObject>): string {
  const { namespace, name } = object.metadata
  return namespace === undefined ? name : `${namespace}/${name}`
}
