import { isObject } from './json.ts'
import type { Json } from './json.ts'
import type { ElementKey } from './path.ts'

/**
 * Which fields single out an element of a list, by the list's own field name: the `x-kubernetes-list-map-keys` and
 * patch merge keys of the built-in kinds. The first set that singles out every element on both sides is taken.
 * It decides only how a change is written down: any unique key tells the whole of it.
 */
const keysByList: Readonly<Record<string, readonly (readonly string[])[]>> = {
  conditions: [['type']],
  hostAliases: [['ip']],
  items: [['key']],
  ownerReferences: [['uid']],
  ports: [['containerPort', 'protocol'], ['port', 'protocol'], ['name']],
  taints: [['key', 'effect']],
  topologySpreadConstraints: [['topologyKey', 'whenUnsatisfiable']],
  volumeDevices: [['devicePath']],
  volumeMounts: [['mountPath']],
}

const byName: readonly (readonly string[])[] = [['name']]

/** The elements' keys on both sides when some key is there, and unique, on both; undefined: go by index. */
export function elementKeys(
  listName: string,
  before: readonly Json[],
  after: readonly Json[],
): { readonly before: readonly ElementKey[]; readonly after: readonly ElementKey[] } | undefined {
  const known = Object.hasOwn(keysByList, listName) ? keysByList[listName] : undefined
  for (const fields of known ?? byName) {
    const keys = { before: uniqueKeys(before, fields), after: uniqueKeys(after, fields) }
    if (keys.before && keys.after) return { before: keys.before, after: keys.after }
  }
  return undefined
}

function uniqueKeys(list: readonly Json[], fields: readonly string[]): readonly ElementKey[] | undefined {
  const keys: ElementKey[] = []
  const seen = new Set<string>()
  for (const element of list) {
    const key = keyOf(element, fields)
    if (key === undefined) return undefined
    keys.push(key)
    seen.add(JSON.stringify(key))
  }
  return seen.size === list.length ? keys : undefined
}

function keyOf(element: Json, fields: readonly string[]): ElementKey | undefined {
  if (!isObject(element)) return undefined
  const key: (readonly [string, string | number])[] = []
  for (const field of fields) {
    const value = element[field]
    const singlesOut = typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))
    if (!singlesOut) return undefined
    key.push([field, value])
  }
  return key
}
