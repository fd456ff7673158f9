import type { Release } from './hold-slots.ts'

/**
 * Requests that are being opened right now, by agent: memory learns of them only when the watch does, and a burst of
 * calls would otherwise all pass the limit before the first is seen.
 */
export type Openings = {
  /** Undefined when the agent has as many open as it may, those being opened included. */
  readonly begin: (agent: string, limits: { readonly open: number; readonly most: number }) => Release | undefined
}

export function makeOpenings(): Openings {
  const byAgent = new Map<string, number>()
  return {
    begin: (agent, { open, most }) => {
      const opening = byAgent.get(agent) ?? 0
      if (open + opening >= most) return undefined
      byAgent.set(agent, opening + 1)
      let going = true
      return () => {
        if (!going) return
        going = false
        const left = (byAgent.get(agent) ?? 1) - 1
        if (left > 0) byAgent.set(agent, left)
        else byAgent.delete(agent)
      }
    },
  }
}
