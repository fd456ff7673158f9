import type { Action } from './action.ts'
import { replaceAt, textAt } from './json.ts'
import type { JsonObject } from './json.ts'

/**
 * What the API server draws random suffixes from: five of these (k8s.io/apimachinery util/rand), after at most 58
 * characters of the base (k8s.io/apiserver storage/names).
 */
export const generatedSuffix = /^[bcdfghjklmnpqrstvwxz2456789]{5}$/
const longestBase = 58

/**
 * The base when the object's name is one that the server may have made from `generateName`. An agent that sends such a
 * name itself is not told apart: whoever approves "app-?????" leaves the five characters to the agent.
 */
export function generatedNameBase(object: JsonObject): string | undefined {
  const base = textAt(object, 'metadata', 'generateName')
  const name = textAt(object, 'metadata', 'name')
  if (base === undefined || base === '' || name === undefined) return undefined
  const stem = base.slice(0, longestBase)
  return name.startsWith(stem) && generatedSuffix.test(name.slice(stem.length)) ? base : undefined
}

/** The base of the name that a Create leaves to the server; undefined for every action with a name of its own. */
export function openNameBase({ operation, resource, object }: Action): string | undefined {
  const named = operation !== 'Create' || resource.subresource !== '' || object === undefined
  return named ? undefined : generatedNameBase(object)
}

/** Create: drops a name that the server made; `generateName` stays and tells the rest. */
export function dropGeneratedName(object: JsonObject): JsonObject {
  return generatedNameBase(object) === undefined ? object : replaceAt(object, ['metadata', 'name'], () => undefined)
}
