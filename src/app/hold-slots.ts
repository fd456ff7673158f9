/** Gives a slot back. Calling it twice is harmless. */
export type Release = () => void

/**
 * How many calls may be held at once, in all and for one agent: a held call occupies a connection and a seat of the API
 * server's own queue, so holding is what an agent could starve others with.
 */
export type HoldSlots = {
  /** Is there a slot for this agent? Takes none. */
  readonly isFree: (agent: string) => boolean
  /** Undefined when none is free. */
  readonly take: (agent: string) => Release | undefined
  readonly taken: () => number
}

export function makeHoldSlots(limits: { readonly total: number; readonly perAgent: number }): HoldSlots {
  const byAgent = new Map<string, number>()
  let total = 0

  const isFree = (agent: string): boolean => total < limits.total && (byAgent.get(agent) ?? 0) < limits.perAgent

  function take(agent: string): Release | undefined {
    if (!isFree(agent)) return undefined
    total += 1
    byAgent.set(agent, (byAgent.get(agent) ?? 0) + 1)
    let held = true
    return () => {
      if (!held) return
      held = false
      total -= 1
      const left = (byAgent.get(agent) ?? 1) - 1
      if (left > 0) byAgent.set(agent, left)
      else byAgent.delete(agent)
    }
  }

  return { isFree, take, taken: () => total }
}
