import { at, isList, isObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** Everything that every manager owns of an object, by managedFields; undefined when nobody kept track. */
export function ownedSets(object: JsonObject): readonly JsonObject[] | undefined {
  const entries = at(object, 'metadata', 'managedFields')
  if (!isList(entries)) return undefined
  const sets = entries.map((entry) => at(entry, 'fieldsV1')).filter(isObject)
  return sets.length > 0 ? sets : undefined
}

/** Does a set own the field, or something above it as a whole? A set that stops above the field (`{}`) owns all below. */
export function owns(set: JsonObject, ...path: readonly string[]): boolean {
  let here: Json | undefined = set
  for (const step of path) {
    if (!isObject(here)) return false
    if (here !== set && Object.keys(here).length === 0) return true
    here = here[step]
  }
  return here !== undefined
}
