import type { Instant } from '../domain/instant.ts'
import { keyRules } from './key-rules.ts'
import type { KeyStep } from './key-rules.ts'
import { isKeyLost } from './key-view.ts'
import type { KeyFacts, KeysSeen, KeySettings, View } from './key-view.ts'

export type KeyPlan = {
  /** Undefined when all is as it should be for now. */
  readonly step: KeyStep | undefined
  /** No key is held that the published set goes back to: nothing can be vouched for until people begin anew. */
  readonly keyLost: boolean
  /** When to look again even if nothing else happens; undefined when time alone changes nothing. */
  readonly wakeTime: Instant | undefined
}

/**
 * The next write that brings the keys to where they should be. Every step is safe to die after: a private half is stored
 * before its public half is published, published before it is used, and forgotten only after it was dismissed.
 */
export function planKeys(
  seen: KeysSeen,
  facts: KeyFacts,
  { settings, now }: { readonly settings: KeySettings; readonly now: Instant },
): KeyPlan {
  const views = [...seen.rings].map(([name, ring]): View => ({ name, ring, seen, facts, settings, now }))
  const moments = views.flatMap(momentsOf).filter((moment) => moment > now)
  return {
    step: seen.damaged ? { do: 'Heal' } : firstStep(views),
    keyLost: isKeyLost(seen),
    wakeTime: moments.length === 0 ? undefined : Math.min(...moments),
  }
}

function firstStep(views: readonly View[]): KeyStep | undefined {
  for (const view of views) {
    for (const rule of keyRules) {
      const step = rule(view)
      if (step !== undefined) return step
    }
  }
  return undefined
}

function momentsOf({ ring, settings }: View): readonly Instant[] {
  return ring.keys.map(({ id, createdTime, retiredTime }) => {
    if (retiredTime !== undefined) return retiredTime + settings.dropMs
    return createdTime + (id === ring.current ? settings.rotateMs : settings.publishMs)
  })
}
