/**
 * A number whose source text JavaScript cannot give back: 9007199254740993, 1.0, 1e3, -0.
 * Two numbers are the same exactly when their source texts are.
 */
export class JsonNumber {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

export type JsonObject = { readonly [key: string]: Json | undefined }

/**
 * JSON that loses nothing. A JavaScript number stands only for a source text that it prints again to the letter;
 * every other number is a {@link JsonNumber}. Objects have no prototype.
 */
export type Json = null | boolean | number | string | JsonNumber | readonly Json[] | JsonObject

/** Narrows to an object: not null, not a list, not an exact number. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
}

/** Narrows to a list. `Array.isArray` alone does not narrow a readonly array out of the union. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** The exact value of a number's source text. */
export function exactNumber(source: string): number | JsonNumber {
  const value = Number(source)
  return String(value) === source ? value : new JsonNumber(source)
}

/** An object without a prototype, to be filled by its maker: no key can then name something inherited. */
export function emptyObject(): Record<string, Json> {
  const made: Record<string, Json> = Object.create(null)
  return made
}

/** A copy of `entries` as an object. */
export function objectOf(entries: Iterable<readonly [string, Json]>): JsonObject {
  const made = emptyObject()
  for (const [key, value] of entries) made[key] = value
  return made
}

/** What lies at the end of a walk over object keys; undefined as soon as a step leaves the objects. */
export function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let here = value
  for (const key of keys) {
    if (!isObject(here)) return undefined
    here = here[key]
  }
  return here
}

/** Like {@link at}, for a string; undefined when there is something else. */
export function textAt(value: Json | undefined, ...keys: readonly string[]): string | undefined {
  const found = at(value, ...keys)
  return typeof found === 'string' ? found : undefined
}

/** The object with its keys replaced by what `replace` makes of them; undefined drops the key. */
export function mapEntries(object: JsonObject, replace: (key: string, value: Json) => Json | undefined): JsonObject {
  const made = emptyObject()
  for (const key in object) {
    const value = object[key]
    const replaced = value === undefined ? undefined : replace(key, value)
    if (replaced !== undefined) made[key] = replaced
  }
  return made
}

/** The object with one key set where it stands, or dropped when `value` is undefined. */
export function withKey(object: JsonObject, key: string, value: Json | undefined): JsonObject {
  const made = emptyObject()
  for (const existing in object) {
    const kept = existing === key ? value : object[existing]
    if (kept !== undefined) made[existing] = kept
  }
  if (value !== undefined) made[key] = value
  return made
}

/** Replaces what lies at the end of a walk over object keys, or drops it; a walk that leaves the objects changes nothing. */
export function replaceAt(
  object: JsonObject,
  keys: readonly string[],
  replace: (found: Json | undefined) => Json | undefined,
): JsonObject {
  const [key, ...rest] = keys
  if (key === undefined) return object
  const found = object[key]
  if (rest.length === 0) return withKey(object, key, replace(found))
  return isObject(found) ? withKey(object, key, replaceAt(found, rest, replace)) : object
}

/** Are two documents the same? Numbers by their source text, lists in order, keys in any order. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (isList(a)) return isList(b) && sameElements(a, b)
  if (a instanceof JsonNumber) return b instanceof JsonNumber && a.source === b.source
  return isObject(a) && isObject(b) && sameEntries(a, b)
}

function sameElements(a: readonly Json[], b: readonly Json[]): boolean {
  return a.length === b.length && a.every((element, index) => same(element, b[index]))
}

function sameEntries(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
}
