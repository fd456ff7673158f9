import { pendingCondition } from '../domain/decision-status.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, Condition } from '../domain/kinds.ts'
import { livingCards } from '../domain/notified.ts'

type NoteSight = {
  readonly request: ApprovalRequest
  /** Could people be asked through any channel? */
  readonly hasChannel: boolean
  /** How long a channel may take before it is said that none has taken it, in milliseconds. */
  readonly undeliveredMs: number
  readonly now: Instant
}

/** What is to be noted now, and when to look again if not before. */
export type DeliveryNote = { readonly condition: Condition | undefined; readonly lookTime: Instant | undefined }

/**
 * Whether people know of an undecided request: Pending when a card is out, or may soon be; Undelivered when no channel has
 * taken it in time; NoChannel when there is none.
 */
export function noteOfDelivery(sight: NoteSight): DeliveryNote {
  const said = pendingSaid(sight.request)
  if (said === undefined) return { condition: undefined, lookTime: undefined }
  const lateTime = lateTimeOf(sight)
  const lookTime = sight.now < lateTime ? lateTime : undefined
  const reason = reasonOf(sight, lateTime)
  if (said.reason === reason) return { condition: undefined, lookTime }
  const { lastTransitionTime } = said
  return { condition: { ...pendingCondition(reason, sight.now), lastTransitionTime }, lookTime }
}

/** What is said of a request that is not decided. */
function pendingSaid({ status }: ApprovalRequest): Condition | undefined {
  return status?.decision === undefined ? status?.conditions?.find(({ type }) => type === 'Decided') : undefined
}

function lateTimeOf({ request, undeliveredMs, now }: NoteSight): Instant {
  return (parseInstant(request.metadata.creationTimestamp ?? '') ?? now) + undeliveredMs
}

function reasonOf({ request, hasChannel, now }: NoteSight, lateTime: Instant): 'Pending' | 'Undelivered' | 'NoChannel' {
  if (now < lateTime || livingCards(request.status?.messages ?? []).length > 0) return 'Pending'
  return hasChannel ? 'Undelivered' : 'NoChannel'
}
