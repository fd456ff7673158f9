import { isList, isObject, same } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { elementKeys } from './list-keys.ts'
import type { ElementKey, Path, Step } from './path.ts'

/**
 * One difference between two documents. `before` is undefined for what was added, `after` for what was removed.
 * `order` says that the elements at `path` stand in another order; both sides then list their keys.
 */
export type Change = {
  readonly path: Path
  readonly before: Json | undefined
  readonly after: Json | undefined
  readonly order?: true
}

/**
 * All differences, in the order of the document, each at the deepest place that tells it whole. Together with `before`
 * they give `after` back. Lists are matched by their elements' keys where these are unique on both sides; lists of
 * plain values change as a whole; other lists are matched by index.
 */
export function changesBetween(before: Json | undefined, after: Json | undefined): readonly Change[] {
  const changes: Change[] = []
  compare({ before, after, path: [] }, changes)
  return changes
}

type Pair = { readonly before: Json | undefined; readonly after: Json | undefined; readonly path: Path }

function compare(pair: Pair, changes: Change[]): void {
  const { before, after, path } = pair
  if (isObject(before) && isObject(after)) return compareObjects(before, after, { path, changes })
  if (isList(before) && isList(after)) return compareLists(before, after, { path, changes })
  if (!same(before, after)) changes.push({ path, before, after })
}

type Found = { readonly path: Path; readonly changes: Change[] }

function compareObjects(before: JsonObject, after: JsonObject, found: Found): void {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  for (const key of [...keys].toSorted()) {
    compare({ before: before[key], after: after[key], path: [...found.path, key] }, found.changes)
  }
}

function compareLists(before: readonly Json[], after: readonly Json[], found: Found): void {
  if (same(before, after)) return
  const plain = [...before, ...after].every((element) => !isObject(element) && !isList(element))
  if (plain || before.length === 0 || after.length === 0) {
    found.changes.push({ path: found.path, before, after })
    return
  }
  const keys = elementKeys(found.path, { before, after })
  if (keys === undefined) compareByIndex(before, after, found)
  else compareByKey({ list: before, keys: keys.before }, { list: after, keys: keys.after }, found)
}

function compareByIndex(before: readonly Json[], after: readonly Json[], found: Found): void {
  for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
    compare({ before: before[index], after: after[index], path: [...found.path, index] }, found.changes)
  }
}

type KeyedList = { readonly list: readonly Json[]; readonly keys: readonly ElementKey[] }

function compareByKey(before: KeyedList, after: KeyedList, found: Found): void {
  const old = byKey(before)
  const now = byKey(after)
  for (const [text, { element, key }] of new Map([...old, ...now])) {
    const sides = { before: old.get(text)?.element, after: now.has(text) ? element : undefined }
    compare({ ...sides, path: [...found.path, key] satisfies Step[] }, found.changes)
  }
  const expected = [...old.keys()].filter((text) => now.has(text))
  const appended = [...now.keys()].filter((text) => !old.has(text))
  if (same([...expected, ...appended], [...now.keys()])) return
  found.changes.push({ path: found.path, before: [...old.keys()], after: [...now.keys()], order: true })
}

function byKey({ list, keys }: KeyedList): ReadonlyMap<string, { readonly element: Json; readonly key: ElementKey }> {
  const elements = new Map<string, { readonly element: Json; readonly key: ElementKey }>()
  list.forEach((element, index) => {
    const key = keys[index]
    if (key !== undefined) elements.set(JSON.stringify(key), { element, key })
  })
  return elements
}
