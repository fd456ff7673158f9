/**
 * How one call waits. A caller that sends again by itself after 429 can be asked to; an eviction or the first call of a
 * Connect can be held and then must be given a final answer; any other Connect, and an agent that wants no waiting, gets
 * its answer at once.
 */
export type Caller = 'HoldsAndRetries' | 'Holds' | 'Neither'

export type Presentation = {
  readonly caller: Caller
  /** What the API server still allows this call, less the margin for our answer to reach it. */
  readonly callMs: number
  /** The longest hold of one call. */
  readonly holdMs: number
  /** The time that the agent's run may wait in all. */
  readonly wholePatienceMs: number
  /** What is left of it, counted from the run's oldest undecided request. */
  readonly patienceMs: number
  /** Another request of this agent waits too. */
  readonly othersPending: boolean
  /** A hold slot is to be had. */
  readonly slotFree: boolean
}

/** Hold for so long, then either ask the caller to send again, or tell it how to come back later. */
export type WaitPlan =
  | { readonly holdMs: number; readonly afterwards: 'AskAgain'; readonly afterSeconds: number }
  | { readonly holdMs: number; readonly afterwards: 'GiveUp' }

const afterHoldSeconds = 1
const withoutSlotSeconds = 5

/** How often client-go sends again before it shows the last 429 to its user (maxRetries in rest/request.go). */
const mostRetries = 10

/** The schedule. It depends on nothing but its input, so replicas agree without talking. */
export function planWait(presentation: Presentation): WaitPlan {
  const { caller, callMs, holdMs, patienceMs, othersPending, slotFree } = presentation
  if (caller === 'Neither') return { holdMs: 0, afterwards: 'GiveUp' }
  const room = slotFree ? Math.max(0, Math.min(callMs, holdMs)) : 0
  if (patienceMs <= 0) return { holdMs: othersPending ? 0 : room, afterwards: 'GiveUp' }
  const hold = Math.min(room, patienceMs)
  if (caller === 'Holds') return { holdMs: hold, afterwards: 'GiveUp' }
  return { holdMs: hold, afterwards: 'AskAgain', afterSeconds: secondsBetween(room, presentation) }
}

/** Long enough for the retries of the caller to last as long as its patience, whatever each of them can hold. */
function secondsBetween(room: number, { slotFree, wholePatienceMs }: Presentation): number {
  const share = Math.ceil((wholePatienceMs / mostRetries - room) / 1000)
  return Math.max(slotFree ? afterHoldSeconds : withoutSlotSeconds, share)
}
