import { shortened } from '../domain/inert.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalChannel, Condition } from '../domain/kinds.ts'
import type { Announcement } from './announce.ts'

/** The Event of a channel that does otherwise now. Events on what has no namespace live in `default`. */
export function announceChannel(
  { apiVersion, kind, metadata }: ApprovalChannel,
  { status, reason, message }: Pick<Condition, 'status' | 'reason' | 'message'>,
  now: Instant,
): Announcement {
  const { name, uid } = metadata
  return {
    name: `${name}.${reason.toLowerCase()}.${Math.floor(now / 1000).toString(16)}`,
    namespace: 'default',
    regarding: { apiVersion, kind, name, ...(uid === undefined ? {} : { uid }) },
    type: status === 'True' ? 'Normal' : 'Warning',
    action: 'Check',
    reason,
    note: shortened(message, 900),
  }
}
