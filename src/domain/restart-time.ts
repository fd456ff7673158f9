import type { Instant } from './instant.ts'
import { at, replaceAt } from './json.ts'
import type { JsonObject } from './json.ts'
import { isTimeOfRequest, requestTimeMark } from './recent-time.ts'

const place = ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']

/**
 * Update of a workload: puts a mark for a *new* time of `kubectl rollout restart`, which differs at each run of the same
 * command. That it changed always counts.
 */
export function settleRestartTime(object: JsonObject, before: JsonObject, now: Instant): JsonObject {
  const time = at(object, ...place)
  const isNew = time !== at(before, ...place) && isTimeOfRequest(time, now)
  return isNew ? replaceAt(object, place, () => requestTimeMark) : object
}
