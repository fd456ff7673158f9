import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import { at, replaceAt } from './json.ts'
import type { JsonObject } from './json.ts'

const place = ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']
const clockTolerance = 10 * 60 * 1000

/**
 * Update of a workload: puts a mark for a *new* time of `kubectl rollout restart`, which differs at each run of the same
 * command. Only for a time within ten minutes of now: anything else could be read by a container, and stays.
 */
export function settleRestartTime(object: JsonObject, before: JsonObject, now: Instant): JsonObject {
  const time = at(object, ...place)
  if (typeof time !== 'string' || time === at(before, ...place)) return object
  const instant = parseInstant(time)
  const recent = instant !== undefined && Math.abs(instant - now) <= clockTolerance
  return recent ? replaceAt(object, place, () => '(time of this request)') : object
}
