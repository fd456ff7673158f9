import { canonical } from './canonical.ts'
import { isList, isObject } from './json.ts'
import type { Json } from './json.ts'

/**
 * A step that managedFields take into a document: `f:spec` a key, `k:{"name":"web"}` the element with these fields,
 * `v:"a"` the element that is this value, `i:0` an index, `.` the place itself (structured-merge-diff, fieldpath).
 */
export type FieldStep = string

/** What the steps lead to in one document; undefined when nothing is there. For `.` it tells only that something is. */
export type FieldFinder = (steps: readonly FieldStep[]) => Json | undefined

/** Finds fields in a document. Each list is looked through once for all of them, so that many fields stay cheap. */
export function fieldFinder(document: Json): FieldFinder {
  const indexes = new Map<readonly Json[], ListIndex>()
  const indexOf = (list: readonly Json[]): ListIndex => {
    const index = indexes.get(list) ?? new Map<string, ReadonlyMap<string, Json>>()
    indexes.set(list, index)
    return index
  }
  return (steps) => {
    let here: Json | undefined = document
    for (const step of steps) {
      if (here === undefined) return undefined
      here = stepInto(here, step, indexOf)
    }
    return here
  }
}

/** For one set of key fields: the elements by the text of their keys. */
type ListIndex = Map<string, ReadonlyMap<string, Json>>

function stepInto(here: Json, step: FieldStep, indexOf: (list: readonly Json[]) => ListIndex): Json | undefined {
  if (step === '.') return true
  const named = step.slice(2)
  if (step.startsWith('f:')) return isObject(here) ? here[named] : undefined
  if (!isList(here)) return undefined
  if (step.startsWith('i:')) return here[Number(named)]
  return elementOf(here, step, indexOf(here))
}

/** A list is looked at by this many sets of key fields; real ones have one. */
const mostIndexes = 4

function elementOf(list: readonly Json[], step: FieldStep, indexes: ListIndex): Json | undefined {
  const fields = keyFields(step)
  if (fields === undefined) return undefined
  const name = JSON.stringify(fields.map(([field]) => field))
  const index = indexes.get(name) ?? (indexes.size < mostIndexes ? indexed(list, fields) : undefined)
  if (index !== undefined) indexes.set(name, index)
  return index?.get(JSON.stringify(fields.map(([, value]) => value)))
}

type KeyField = readonly [field: string, value: string]

/** The fields of a key in order, each with its value's canonical text; of a plain value, one field without a name. */
function keyFields(step: FieldStep): readonly KeyField[] | undefined {
  const read = parsed(step.slice(2))
  if (step.startsWith('v:')) return isPlain(read) ? [['', canonical(read)]] : undefined
  if (!step.startsWith('k:') || !isObject(read)) return undefined
  const fields: KeyField[] = []
  for (const [field, value] of Object.entries(read).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isPlain(value)) return undefined
    fields.push([field, canonical(value)])
  }
  return fields.length > 0 ? fields : undefined
}

/** The elements by the values of these fields. Where two have the same, the one that is told is the list of both. */
function indexed(list: readonly Json[], fields: readonly KeyField[]): ReadonlyMap<string, Json> {
  const index = new Map<string, Json[]>()
  for (const element of list) {
    const values = fields.map(([field]) => plainText(field === '' ? element : keyed(element, field)))
    const text = JSON.stringify(values)
    const alike = index.get(text)
    if (alike) alike.push(element)
    else index.set(text, [element])
  }
  return new Map([...index].map(([text, alike]) => [text, alike.length === 1 ? (alike[0] ?? null) : alike]))
}

function keyed(element: Json, field: string): Json | undefined {
  return isObject(element) ? element[field] : undefined
}

function plainText(value: Json | undefined): string | null {
  return isPlain(value) ? canonical(value) : null
}

type Plain = string | number | boolean | null

function isPlain(value: Json | undefined): value is Plain {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
