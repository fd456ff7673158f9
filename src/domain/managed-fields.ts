import { canonical } from './canonical.ts'
import type { Change } from './change.ts'
import { fieldFinder } from './field-values.ts'
import type { FieldStep } from './field-values.ts'
import { at, isList, isObject, mapEntries, replaceAt, same, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import type { ElementKey } from './path.ts'

/**
 * Create: managedFields without the times, which the server stamps, and in an order that does not come from them.
 * Foreign entries stay: they claim someone's fields.
 */
export function dropManagedTimes(object: JsonObject): JsonObject {
  return replaceAt(object, ['metadata', 'managedFields'], (entries) =>
    isList(entries) ? entries.map(dropTime).toSorted(byText) : entries,
  )
}

function byText(a: Json, b: Json): number {
  return canonical(a) < canonical(b) ? -1 : 1
}

function dropTime(entry: Json): Json {
  return isObject(entry) ? mapEntries(entry, (key, value) => (key === 'time' ? undefined : value)) : entry
}

/**
 * Update: which fields each manager gains and loses, times aside. Told by field and not by entry, so that what others
 * do to managedFields meanwhile does not show; told even when no value changes, because a manager that holds a field,
 * or no longer does, decides what the next apply by somebody else removes. Not told is the loss of a field whose value
 * changes: the server takes it from all others, and who those are may differ between two sendings.
 */
export function ownershipChanges(before: JsonObject, after: JsonObject): readonly Change[] {
  const changed = fieldComparer({ before, after })
  const old = ownedByManager(before)
  const now = ownedByManager(after)
  const changes: Change[] = []
  for (const [text, { key }] of [...new Map([...old, ...now])].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const lost = missingFrom(old.get(text), now.get(text)).filter((field) => !changed(field))
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
    collectFields(at(entry, 'fieldsV1') ?? null, [], owned.fields)
    managers.set(text, owned)
  }
  return managers
}

/** The leaves of a fieldsV1 tree; "." marks that the place itself is owned, beside what lies below it. */
function collectFields(tree: Json, steps: readonly FieldStep[], fields: Set<string>): void {
  if (!isObject(tree) || Object.keys(tree).length === 0) {
    fields.add(JSON.stringify(steps))
    return
  }
  for (const step of Object.keys(tree)) collectFields(tree[step] ?? null, [...steps, step], fields)
}

/**
 * The ownership changes that the changed values do not explain: a manager that gains or loses a field whose value stays.
 * Those are for people to see; the others follow from what they see anyway.
 */
export function unexplained(ownership: readonly Change[], sides: Sides): readonly Change[] {
  const changed = fieldComparer(sides)
  return ownership.flatMap((change) => {
    const before = fieldsLeft(change.before, changed)
    const after = fieldsLeft(change.after, changed)
    return before.length > 0 || after.length > 0 ? [{ ...change, before, after }] : []
  })
}

export type Sides = { readonly before: Json; readonly after: Json }

/** Has the value of a field changed? Managers often own the same fields, so each answer is kept. */
function fieldComparer({ before, after }: Sides): (field: string) => boolean {
  const answers = new Map<string, boolean>()
  const [inBefore, inAfter] = [fieldFinder(before), fieldFinder(after)]
  return (field) => {
    const steps = fieldSteps(field)
    const answer = answers.get(field) ?? !same(inBefore(steps), inAfter(steps))
    answers.set(field, answer)
    return answer
  }
}

function fieldsLeft(fields: Json | undefined, changed: (field: string) => boolean): readonly Json[] {
  return isList(fields) ? fields.filter((field) => typeof field !== 'string' || !changed(field)) : []
}

/** The steps of a field as {@link ownershipChanges} write it down: a JSON list of texts. */
export function fieldSteps(field: string): readonly FieldStep[] {
  const steps: unknown = JSON.parse(field)
  return Array.isArray(steps) ? steps.map(String) : []
}
