import { isList, isObject } from './json.ts'
import type { Json } from './json.ts'

/** The fields, with their values, that single out one element of a list: `{name: "web"}`. Sorted by field. */
export type ElementKey = readonly (readonly [field: string, value: string | number])[]

/** One step into a document: an object's key, a list's index, or an element found by its key. */
export type Step = string | number | ElementKey

export type Path = readonly Step[]

const plain = /^[A-Za-z_][A-Za-z0-9_-]*$/

/**
 * One text for one path, and another for every other: `spec.template.spec.containers[name="web"].image`,
 * `metadata.labels["app.kubernetes.io/name"]`, `spec.args[0]`. Ends in the field's own name where that is plain.
 */
export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) text += formatStep(step, text === '')
  return text
}

function formatStep(step: Step, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`
  if (typeof step !== 'string')
    return `[${step.map(([field, value]) => `${field}=${JSON.stringify(value)}`).join(',')}]`
  if (!plain.test(step)) return `[${JSON.stringify(step)}]`
  return first ? step : `.${step}`
}

/** The path that {@link formatPath} wrote; undefined for a text that it never writes. */
export function parsePath(text: string): Path | undefined {
  const path: Step[] = []
  let offset = 0
  while (offset < text.length) {
    const read = text[offset] === '[' ? bracketed(text, offset + 1) : plainStep(text, offset)
    if (read === undefined) return undefined
    path.push(read.step)
    offset = read.end
  }
  return formatPath(path) === text ? path : undefined
}

type Read<T> = { readonly step: T; readonly end: number }

const plainKey = /\.?([A-Za-z_][A-Za-z0-9_-]*)/y
const listIndex = /(\d+)\]/y

function plainStep(text: string, offset: number): Read<string> | undefined {
  plainKey.lastIndex = offset
  const key = plainKey.exec(text)?.[1]
  return key === undefined ? undefined : { step: key, end: plainKey.lastIndex }
}

function bracketed(text: string, offset: number): Read<Step> | undefined {
  listIndex.lastIndex = offset
  const index = listIndex.exec(text)?.[1]
  if (index !== undefined) return { step: Number(index), end: listIndex.lastIndex }
  const read = text[offset] === '"' ? literal(text, offset) : elementKey(text, offset)
  return read !== undefined && text[read.end] === ']' ? { step: read.step, end: read.end + 1 } : undefined
}

/** A JSON string at `offset`. Read by hand: a regular expression would run out of stack on a long one. */
function literal(text: string, offset: number): Read<string> | undefined {
  let end = offset + 1
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  try {
    const value: unknown = JSON.parse(text.slice(offset, end + 1))
    return typeof value === 'string' ? { step: value, end: end + 1 } : undefined
  } catch {
    return undefined
  }
}

const fieldName = /([^\]"=,]+)=/y
const wholeNumber = /-?\d+/y

/** `name="web",port=80`, up to the closing bracket. */
function elementKey(text: string, start: number): Read<ElementKey> | undefined {
  const fields: (readonly [string, string | number])[] = []
  let offset = start
  do {
    if (fields.length > 0) offset += 1
    fieldName.lastIndex = offset
    const name = fieldName.exec(text)?.[1]
    const value = name === undefined ? undefined : elementValue(text, fieldName.lastIndex)
    if (name === undefined || value === undefined) return undefined
    fields.push([name, value.step])
    offset = value.end
  } while (text[offset] === ',')
  return { step: fields, end: offset }
}

function elementValue(text: string, offset: number): Read<string | number> | undefined {
  if (text[offset] === '"') return literal(text, offset)
  wholeNumber.lastIndex = offset
  const source = wholeNumber.exec(text)?.[0]
  return source === undefined ? undefined : { step: Number(source), end: wholeNumber.lastIndex }
}

/** What lies at a path; undefined when nothing does, or when a key fits no element or more than one. */
export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  let here = value
  for (const step of path) here = stepInto(here, step)
  return here
}

function stepInto(here: Json | undefined, step: Step): Json | undefined {
  if (typeof step === 'string') return isObject(here) ? here[step] : undefined
  if (!isList(here)) return undefined
  if (typeof step === 'number') return here[step]
  const fitting = here.filter((element) => hasKey(element, step))
  return fitting.length === 1 ? fitting[0] : undefined
}

function hasKey(element: Json, key: ElementKey): boolean {
  return isObject(element) && key.every(([name, value]) => element[name] === value)
}
