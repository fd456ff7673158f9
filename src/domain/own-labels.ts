import { generatedNameBase } from './generated-name.ts'
import { isObject, mapEntries, replaceAt, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** Stand for the object's own uid and generated name. Lists, since labels are texts: nobody can write them. */
const uidMark: Json = ['(own uid)']
const nameMark: Json = ['(own name)']

const uidLabels = new Set(['controller-uid', 'batch.kubernetes.io/controller-uid'])
const nameLabels = new Set(['job-name', 'batch.kubernetes.io/job-name', 'kubernetes.io/metadata.name'])

/**
 * Where the server writes labels made of an object's fresh uid and name. For a Job (batch/job generateSelector) its own
 * labels are among them, because without any they are the very map of its template's; for a Namespace only its own.
 */
const places = [
  ['metadata', 'labels'],
  ['spec', 'selector', 'matchLabels'],
  ['spec', 'template', 'metadata', 'labels'],
]

/**
 * Create of a Job or a Namespace: puts a mark for a label that equals the object's own uid, or its own generated name.
 * Any other value is the agent's and stays.
 */
export function settleOwnLabels(object: JsonObject): JsonObject {
  const uid = textAt(object, 'metadata', 'uid')
  const name = generatedNameBase(object) === undefined ? undefined : textAt(object, 'metadata', 'name')
  const settle = (label: string, value: Json): Json => {
    if (uidLabels.has(label) && uid !== undefined && value === uid) return uidMark
    if (nameLabels.has(label) && name !== undefined && value === name) return nameMark
    return value
  }
  return places.reduce<JsonObject>(
    (settled, place) => replaceAt(settled, place, (found) => (isObject(found) ? mapEntries(found, settle) : found)),
    object,
  )
}
