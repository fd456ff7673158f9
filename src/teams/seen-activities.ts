import type { Instant } from '../domain/instant.ts'

/**
 * Which activities were dealt with, for as long as one can come again. It is this process' own memory: what must not
 * happen twice in spite of restarts and replicas is kept from it by the names of what is written.
 */
export type SeenActivities = {
  /** False when it is there already. */
  readonly add: (key: string, now: Instant) => boolean
  /** It was not dealt with after all, and may come again. */
  readonly forget: (key: string) => void
}

/** `keepMs`: longer than an activity counts as fresh. At `most` entries the oldest goes. */
export function makeSeenActivities({
  keepMs,
  most,
}: {
  readonly keepMs: number
  readonly most: number
}): SeenActivities {
  /** In the order of their coming, which is that of a Map. */
  const seen = new Map<string, Instant>()

  function dropOld(now: Instant): void {
    for (const [key, at] of seen) {
      if (now - at < keepMs && seen.size < most) return
      seen.delete(key)
    }
  }

  return {
    add: (key, now) => {
      if (seen.has(key)) return false
      dropOld(now)
      seen.set(key, now)
      return true
    },
    forget: (key) => void seen.delete(key),
  }
}
