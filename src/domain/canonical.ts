import { isList, JsonNumber } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * One text for all documents that mean the same: no white space, keys sorted by UTF-16 code units and strings escaped as
 * in RFC 8785; numbers, other than there, by their source text, because JavaScript cannot hold every int64.
 * Recursive: give it only what a depth limit has passed.
 */
export function canonical(value: Json): string {
  return written(value, new Map())
}

/** What a key comes out as: `"name":`. A document has the same few keys again and again. */
type Labels = Map<string, string>

function written(value: Json, labels: Labels): string {
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof JsonNumber) return value.source
  return isList(value) ? writtenList(value, labels) : writtenObject(value, labels)
}

function writtenList(list: readonly Json[], labels: Labels): string {
  let text = ''
  for (const element of list) text += `${text === '' ? '' : ','}${written(element, labels)}`
  return `[${text}]`
}

function writtenObject(object: JsonObject, labels: Labels): string {
  let text = ''
  for (const key of sorted(Object.keys(object))) {
    const value = object[key]
    if (value !== undefined) text += `${text === '' ? '' : ','}${label(key, labels)}${written(value, labels)}`
  }
  return `{${text}}`
}

function label(key: string, labels: Labels): string {
  const known = labels.get(key)
  if (known !== undefined) return known
  const made = `${quoted(key)}:`
  labels.set(key, made)
  return made
}

/** What JSON.stringify may write otherwise than it is: asking is cheaper than calling it. */
const escaped = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

function quoted(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`
}

const few = 32

/** Mostly there are few keys, nearly in order: an insertion sort, in place, is then much faster than the built-in one. */
function sorted(keys: string[]): readonly string[] {
  if (keys.length > few) return keys.toSorted()
  for (let from = 1; from < keys.length; from += 1) {
    const key = keys[from] ?? ''
    let to = from
    for (let before = keys[to - 1]; before !== undefined && before > key; before = keys[to - 1]) {
      keys[to] = before
      to -= 1
    }
    keys[to] = key
  }
  return keys
}
