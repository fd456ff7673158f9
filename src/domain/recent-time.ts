import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { Json } from './json.ts'

const toleranceMs = 10 * 60 * 1000

/** Stands for the time of the request. A list, since times and annotations are texts: nobody can write it. */
export const requestTimeMark: readonly [string] = ['(time of this request)']

/**
 * Is it a time that this very request may have been stamped with: RFC 3339, within ten minutes of now? Anything else is
 * content: it could be read by somebody.
 */
export function isTimeOfRequest(value: Json | undefined, now: Instant): boolean {
  const instant = typeof value === 'string' ? parseInstant(value) : undefined
  return instant !== undefined && Math.abs(instant - now) <= toleranceMs
}
