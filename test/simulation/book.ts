import type { ApprovalRequest } from '../../src/domain/kinds.ts'

/** One request, as it is stored now, and what came of it. */
export type Approval = {
  request: ApprovalRequest
  /** Calls that were let through by it. */
  readonly allowed: Set<string>
  /** Calls by which something was changed. */
  readonly effects: string[]
}

export type Book = {
  /** By the uid of the request. */
  readonly approvals: Map<string, Approval>
  /** By the uid of the call that was let through. */
  readonly allowed: Map<string, Approval>
  /** The uids of calls whose claim was stored too late. */
  readonly late: Set<string>
  /** By the uid of the call that made the claim. */
  readonly claims: Map<string, Approval>
}

export function emptyBook(): Book {
  return { approvals: new Map(), allowed: new Map(), claims: new Map(), late: new Set() }
}

export function foundAmong({ approvals }: Book, request: ApprovalRequest): Approval {
  const uid = request.metadata.uid ?? ''
  const there = approvals.get(uid) ?? { request, allowed: new Set(), effects: [] }
  approvals.set(uid, there)
  return there
}
