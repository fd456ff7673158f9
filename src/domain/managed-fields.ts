import type { Change } from './change.ts'
import { at, isList, isObject, mapEntries, replaceAt, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import type { ElementKey } from './path.ts'

/** Create: managedFields without the times, which the server stamps. Foreign entries stay: they claim someone's fields. */
export function dropManagedTimes(object: JsonObject): JsonObject {
  return replaceAt(object, ['metadata', 'managedFields'], (entries) =>
    isList(entries) ? entries.map(dropTime) : entries,
  )
}

function dropTime(entry: Json): Json {
  return isObject(entry) ? mapEntries(entry, (key, value) => (key === 'time' ? undefined : value)) : entry
}

/**
 * Update: which fields each manager gains and loses, times aside. Told by field and not by entry, so that what others
 * do to managedFields meanwhile does not show; told even when no value changes, because a manager that holds a field,
 * or no longer does, decides what the next apply by somebody else removes.
 */
export function ownershipChanges(before: JsonObject, after: JsonObject): readonly Change[] {
  const old = ownedByManager(before)
  const now = ownedByManager(after)
  const changes: Change[] = []
  for (const [text, { key }] of [...new Map([...old, ...now])].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const lost = missingFrom(old.get(text), now.get(text))
    const gained = missingFrom(now.get(text), old.get(text))
    const moved = lost.length > 0 || gained.length > 0
    if (moved) changes.push({ path: ['metadata', 'managedFields', key], before: lost, after: gained })
  }
  return changes
}

type Owned = { readonly key: ElementKey; readonly fields: ReadonlySet<string> }

function missingFrom(owned: Owned | undefined, other: Owned | undefined): readonly string[] {
  return [...(owned?.fields ?? [])].filter((field) => !other?.fields.has(field)).toSorted()
}

const identifying = ['apiVersion', 'manager', 'operation', 'subresource']

function ownedByManager(object: JsonObject): ReadonlyMap<string, Owned> {
  const managers = new Map<string, Owned & { readonly fields: Set<string> }>()
  const entries = at(object, 'metadata', 'managedFields')
  for (const entry of isList(entries) ? entries : []) {
    const key = identifying.map((name) => [name, textAt(entry, name) ?? ''] as const)
    const text = JSON.stringify(key)
    const owned = managers.get(text) ?? { key, fields: new Set<string>() }
    collectFields(at(entry, 'fieldsV1') ?? null, '', owned.fields)
    managers.set(text, owned)
  }
  return managers
}

/** The leaves of a fieldsV1 tree; "." marks that the place itself is owned, beside what lies below it. */
function collectFields(tree: Json, path: string, fields: Set<string>): void {
  if (!isObject(tree) || Object.keys(tree).length === 0) {
    fields.add(path)
    return
  }
  for (const step of Object.keys(tree)) collectFields(tree[step] ?? null, `${path}/${JSON.stringify(step)}`, fields)
}
