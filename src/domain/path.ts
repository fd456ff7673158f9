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

const token =
  /\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\[([^\]"=]+=(?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]/y
const field = /([^,="]+)=("(?:[^"\\]|\\.)*"|-?\d+)(?:,|$)/y

/** The path that {@link formatPath} wrote; undefined for a text that it never writes. */
export function parsePath(text: string): Path | undefined {
  const path: Step[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const found = token.exec(text)
    const step = found === null ? undefined : stepOf(found)
    if (step === undefined) return undefined
    path.push(step)
  }
  return formatPath(path) === text ? path : undefined
}

function stepOf([, key, index, quoted, element]: RegExpExecArray): Step | undefined {
  if (key !== undefined) return key
  if (index !== undefined) return Number(index)
  if (quoted !== undefined) return textOf(quoted)
  return element === undefined ? undefined : elementKey(element)
}

function textOf(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(literal)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function elementKey(text: string): ElementKey | undefined {
  const fields: (readonly [string, string | number])[] = []
  field.lastIndex = 0
  while (field.lastIndex < text.length) {
    const found = field.exec(text)
    const [, name, literal] = found ?? []
    if (name === undefined || literal === undefined) return undefined
    const value = literal.startsWith('"') ? textOf(literal) : Number(literal)
    if (value === undefined) return undefined
    fields.push([name, value])
  }
  return fields
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
