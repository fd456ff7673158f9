import type { Instant } from '../domain/instant.ts'

/**
 * Which activities were dealt with, for as long as one can come again. It is this process' own memory: what must not
 * happen twice in spite of restarts and replicas is kept from it by the names of what is written.
 */
export type SeenActivities = {
  /** What it says is kept with it. `Again`: it is there, and says the same; `Used`: it is there, and says another thing. */
  readonly add: (key: string, says: string, now: Instant) => 'New' | 'Again' | 'Used'
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
  const seen = new Map<string, { readonly says: string; readonly at: Instant }>()

  function dropOld(now: Instant): void {
    for (const [key, { at }] of seen) {
      if (now - at < keepMs && seen.size < most) return
      seen.delete(key)
    }
  }

  return {
    add: (key, says, now) => {
      const before = seen.get(key)
      if (before !== undefined) return before.says === says ? 'Again' : 'Used'
      dropOld(now)
      seen.set(key, { says, at: now })
      return 'New'
    },
    forget: (key) => void seen.delete(key),
  }
}
