import { generatedNameBase } from './generated-name.ts'
import { isObject, mapEntries, replaceAt, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'

const uidLabels = new Set(['controller-uid', 'batch.kubernetes.io/controller-uid'])
const nameLabels = new Set(['job-name', 'batch.kubernetes.io/job-name'])

/** Where the Job strategy writes labels made of the object's fresh uid and name (batch/job generateSelector). */
const places = [
  ['spec', 'selector', 'matchLabels'],
  ['spec', 'template', 'metadata', 'labels'],
]

/**
 * Create of a Job: puts a mark for a generated label that equals the object's own uid, or its own generated name.
 * The marks are no legal label values, so nobody can write one; any other value is the agent's and stays.
 */
export function settleJobLabels(job: JsonObject): JsonObject {
  const uid = textAt(job, 'metadata', 'uid')
  const name = generatedNameBase(job) === undefined ? undefined : textAt(job, 'metadata', 'name')
  const settle = (label: string, value: Json): Json => {
    if (uidLabels.has(label) && uid !== undefined && value === uid) return '(own uid)'
    if (nameLabels.has(label) && name !== undefined && value === name) return '(own name)'
    return value
  }
  return places.reduce<JsonObject>(
    (settled, place) => replaceAt(settled, place, (found) => (isObject(found) ? mapEntries(found, settle) : found)),
    job,
  )
}
