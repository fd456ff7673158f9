import type { Change } from './change.ts'
import { at, isList, isObject, mapEntries, replaceAt, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import type { ElementKey, Path } from './path.ts'

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

/**
 * The ownership changes that the changed values do not explain: a manager that gains or loses a field whose value stays.
 * Those are for people to see; the others follow from what they see anyway.
 */
export function unexplained(ownership: readonly Change[], changes: readonly Change[]): readonly Change[] {
  const changed = changes.map(({ path }) => path)
  return ownership.flatMap((change) => {
    const before = fieldsLeft(change.before, changed)
    const after = fieldsLeft(change.after, changed)
    return before.length > 0 || after.length > 0 ? [{ ...change, before, after }] : []
  })
}

function fieldsLeft(fields: Json | undefined, changed: readonly Path[]): readonly Json[] {
  if (!isList(fields)) return []
  return fields.filter((field) => typeof field !== 'string' || !changed.some((path) => touches(field, path)))
}

/** Is one at, above or below the other? Where a list's elements are named in two ways, the list decides. */
function touches(field: string, path: Path): boolean {
  const steps = fieldSteps(field)
  for (const [index, step] of path.entries()) {
    const owned = steps[index]
    if (owned === undefined || typeof step !== 'string' || !owned.startsWith('f:')) return true
    if (owned.slice(2) !== step) return false
  }
  return true
}

function fieldSteps(field: string): readonly string[] {
  const steps: unknown = JSON.parse(`[${field.slice(1).replaceAll('"/"', '","')}]`)
  return Array.isArray(steps) ? steps.filter((step) => typeof step === 'string') : []
}
