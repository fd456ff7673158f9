import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, ApprovalRequestStatus } from './kinds.ts'

/**
 * The moment of the newest fact of a request. Drawn as of then, a card changes only when its request does, so a hash of
 * it tells whether it must be drawn again; what passes by time alone (an approval that nobody used) the operator writes
 * into the request.
 */
export function newestFactTime({ metadata, spec, status = {} }: ApprovalRequest): Instant {
  const times = [
    metadata.creationTimestamp,
    spec.justification?.time,
    status.decisionTime,
    status.cooldownRevoked?.time,
    status.context?.observedTime,
    ...timesOfUse(status),
    ...(status.votes ?? []).map(({ time }) => time),
  ]
  return Math.max(0, ...times.flatMap((time) => parseInstant(time ?? '') ?? []))
}

function timesOfUse({ grant, conditions = [] }: ApprovalRequestStatus): readonly (string | undefined)[] {
  if (grant === undefined) return []
  const executed = conditions.find(({ type }) => type === 'Executed')
  const ended = executed?.reason === 'NeverUsed' ? [grant.expirationTime] : []
  return [grant.revoked?.time, ...ended, executed?.lastTransitionTime, ...grant.claims.map(({ time }) => time)]
}
