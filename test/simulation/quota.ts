import type { Stage } from './stage.ts'

/** A step of admission after the webhook. What it refuses was let through for nothing, and may be given back. */
export type Quota = { readonly refuses: (name: string) => boolean }

/** It refuses now and then; mostly it is full for a while, since one refusal alone is made good by the agent's next try. */
export function makeQuota(stage: Stage): Quota {
  const fullUntil = new Map<string, number>()
  return {
    refuses: (name) => {
      if (stage.calm()) return false
      const now = stage.clock.elapsed()
      if ((fullUntil.get(name) ?? 0) > now) return true
      if (!stage.is(0.12)) return false
      fullUntil.set(name, now + stage.pick([0, 90_000, 200_000]))
      return true
    },
  }
}
