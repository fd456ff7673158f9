import { isList, JsonNumber } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * One text for all documents that mean the same: no white space, keys sorted by UTF-16 code units and strings escaped as
 * in RFC 8785; numbers, other than there, by their source text, because JavaScript cannot hold every int64.
 * Recursive: give it only what a depth limit has passed.
 */
export function canonical(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof JsonNumber) return value.source
  if (isList(value)) return `[${value.map(canonical).join(',')}]`
  return canonicalObject(value)
}

function canonicalObject(object: JsonObject): string {
  let text = ''
  for (const key of Object.keys(object).toSorted()) {
    const value = object[key]
    if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonical(value)}`
  }
  return `{${text}}`
}
