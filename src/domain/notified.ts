import { isClosed } from './executed.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, Condition, PostedMessage } from './kinds.ts'
import { timestamp } from './request.ts'

/**
 * Reasons of the condition Notified, which is True from the first card on. `Concluded`, `TakenBack`: every card shows how
 * it ended, the latter also that a "no" was taken back afterwards.
 */
type NotifiedReason = 'Delivered' | 'Concluded' | 'TakenBack'

const words: Readonly<Record<NotifiedReason, string>> = {
  Delivered: 'people were asked',
  Concluded: 'people were asked, and every card shows how it ended',
  TakenBack: 'people were asked, and every card shows how it ended and that this was taken back',
}

/** The condition as it is stored, with the time at which people were first asked. */
export function notifiedCondition({ status }: ApprovalRequest, reason: NotifiedReason, now: Instant): Condition {
  const before = notified(status?.conditions)
  const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : timestamp(now)
  return { type: 'Notified', status: 'True', reason, message: words[reason], lastTransitionTime }
}

/** What is to be said of a closed request once all its cards show it. */
export function conclusionOf({ status }: ApprovalRequest): 'Concluded' | 'TakenBack' {
  return status?.cooldownRevoked === undefined ? 'Concluded' : 'TakenBack'
}

/** Does a closed request have no card that is still to be drawn anew? False for every request that is not closed. */
export function isTold(request: ApprovalRequest): boolean {
  const { messages = [], conditions } = request.status ?? {}
  return isClosed(request) && (messages.length === 0 || notified(conditions)?.reason === conclusionOf(request))
}

function notified(conditions: readonly Condition[] = []): Condition | undefined {
  return conditions.find(({ type }) => type === 'Notified')
}

/** What stands in place of the hash of a card that somebody has deleted, or that can never be drawn anew. */
export const goneCard = 'gone'

/** The cards that are still there. */
export function livingCards(messages: readonly PostedMessage[]): readonly PostedMessage[] {
  return messages.filter(({ rendered }) => rendered !== goneCard)
}

/** Is it said that no channel has taken the request yet? */
export function isUndelivered({ status }: ApprovalRequest): boolean {
  return status?.conditions?.some(({ type, reason }) => type === 'Decided' && reason === 'Undelivered') === true
}
