import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, Condition, Grant } from './kinds.ts'

/**
 * Where a request stands, for whoever draws it. `AwaitingAgent`: approved, and not used yet. `Released`: the command was
 * let through, and what it did is not seen yet. `TakenBack`: an approval that ended before it was used.
 */
export type Stand =
  | 'Pending'
  | 'PartlyApproved'
  | 'AwaitingAgent'
  | 'Released'
  | 'Executed'
  | 'NotObserved'
  | 'Unobservable'
  | 'NeverUsed'
  | 'TakenBack'
  | 'Denied'
  | 'ChangesRequested'
  | 'Expired'

export function standOf({ status = {} }: ApprovalRequest, now: Instant): Stand {
  const { decision, grant, stages = [] } = status
  if (decision === undefined) return stages.some(({ approvals }) => approvals > 0) ? 'PartlyApproved' : 'Pending'
  if (decision !== 'Approved') return decision
  return grant === undefined ? 'AwaitingAgent' : useOf(grant, executedOf(status.conditions), now)
}

/** What is said of the use of an approval; nothing, while that is only that the command was let through. */
export function executedOf(conditions: readonly Condition[] = []): Condition | undefined {
  return conditions.find(({ type, reason }) => type === 'Executed' && reason !== 'Released')
}

const seen: Readonly<Record<string, Stand>> = {
  Executed: 'Executed',
  NotObserved: 'NotObserved',
  Unobservable: 'Unobservable',
}

function useOf({ revoked, claims, expirationTime }: Grant, said: Condition | undefined, now: Instant): Stand {
  if (revoked !== undefined) return 'TakenBack'
  if (claims.length > 0) return seen[said?.reason ?? ''] ?? 'Released'
  return (parseInstant(expirationTime) ?? 0) <= now ? 'NeverUsed' : 'AwaitingAgent'
}
