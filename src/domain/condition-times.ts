import type { Instant } from './instant.ts'
import { at, isList, isObject, mapEntries, replaceAt, same } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { isTimeOfRequest, requestTimeMark } from './recent-time.ts'

const times = new Set(['lastTransitionTime', 'lastUpdateTime'])

/**
 * Approval, denial or status of a CertificateSigningRequest: puts a mark for the times of conditions that are new, which
 * the server stamps (certificates strategy, populateConditionTimestamps). Conditions that were there before stay.
 */
export function settleConditionTimes(object: JsonObject, before: JsonObject, now: Instant): JsonObject {
  const old = at(before, 'status', 'conditions')
  const known = isList(old) ? old : []
  return replaceAt(object, ['status', 'conditions'], (conditions) =>
    isList(conditions) ? conditions.map((condition) => settled(condition, known, now)) : conditions,
  )
}

function settled(condition: Json, known: readonly Json[], now: Instant): Json {
  if (!isObject(condition) || known.some((old) => same(old, condition))) return condition
  return mapEntries(condition, (key, value) =>
    times.has(key) && isTimeOfRequest(value, now) ? requestTimeMark : value,
  )
}
