import { isObject } from './json.ts'
import type { Json } from './json.ts'
import { formatPath } from './path.ts'
import type { ElementKey, Path } from './path.ts'

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

/** Names are up to 253 characters long; a longer text, or a place already named at length, would only bloat every path below. */
const longestValue = 253
const longestPath = 512

export type SidesOfList = { readonly before: readonly Json[]; readonly after: readonly Json[] }

/** The elements' keys on both sides of the list at `path` when some key is there, and unique, on both; undefined: go by index. */
export function elementKeys(
  path: Path,
  { before, after }: SidesOfList,
): { readonly before: readonly ElementKey[]; readonly after: readonly ElementKey[] } | undefined {
  if (formatPath(path).length > longestPath) return undefined
  const listName = String(path.at(-1))
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
    if (!singlesOut(value)) return undefined
    key.push([field, value])
  }
  return key
}

function singlesOut(value: Json | undefined): value is string | number {
  return typeof value === 'string' ? value.length <= longestValue : Number.isSafeInteger(value)
}
