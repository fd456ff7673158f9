import type { ApprovalRequest, NotedVote } from './kinds.ts'

/** Whether what follows from a noted vote has happened too: the two may be stored in two writes. */
export function hasFollowed(request: ApprovalRequest, { verdict, counted }: NotedVote): boolean {
  if (!counted || verdict === 'Comment') return true
  if (verdict === 'Revoke') return isTakenBack(request)
  return request.status?.decision !== undefined || (verdict === 'Approve' && !isComplete(request))
}

function isTakenBack({ status = {} }: ApprovalRequest): boolean {
  return (status.grant?.revoked ?? status.cooldownRevoked) !== undefined
}

function isComplete({ status }: ApprovalRequest): boolean {
  const { stages = [] } = status ?? {}
  return stages.length > 0 && stages.every(({ approvals, required }) => approvals >= required)
}
