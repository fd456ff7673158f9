import type { ApprovalRequestStatus } from './kinds.ts'

const verdicts = { Approved: ['Approve'], Denied: ['Deny', 'Pause'], ChangesRequested: ['RequestChanges'], Expired: [] }

/** What the person who decided wrote with his vote; undefined when nothing is decided, or nothing was written. */
export function decidingWords({ decision, votes = [] }: ApprovalRequestStatus): string | undefined {
  const deciding: readonly string[] = decision === undefined ? [] : verdicts[decision]
  return votes.findLast(({ verdict, counted }) => counted && deciding.includes(verdict))?.comment
}
