import type { ApprovalRequest, Grant } from '../../src/domain/kinds.ts'

/** The transition rules of the schema of ApprovalRequest, as far as somebody in a run could break them. */
export function breaksRule(before: ApprovalRequest, after: ApprovalRequest): string | undefined {
  return rules.find(({ holds }) => !holds(before, after))?.says
}

type Rule = {
  readonly says: string
  readonly holds: (before: ApprovalRequest, after: ApprovalRequest) => boolean
}

const rules: readonly Rule[] = [
  {
    says: 'a decision is set once, with its record',
    holds: ({ status: before }, { status: after }) =>
      before?.decision === undefined || same(decisionOf(before), decisionOf(after ?? {})),
  },
  {
    says: 'a grant exists exactly when the decision is Approved, and begins unused',
    holds: ({ status: before }, { status: after }) =>
      (after?.grant !== undefined) === (after?.decision === 'Approved') &&
      (before?.grant !== undefined || after?.grant === undefined || after.grant.claims.length === 0),
  },
  { says: 'claims are append-only', holds: grants((before, after) => isPrefix(before.claims, after.claims)) },
  { says: 'at most 16 claims', holds: (_before, { status }) => (status?.grant?.claims ?? []).length <= 16 },
  {
    says: 'the expirationTime never changes',
    holds: grants((before, after) => before.expirationTime === after.expirationTime),
  },
  {
    says: 'a grant is revoked only while it is unclaimed, and never claimed afterwards',
    holds: (_before, { status }) => status?.grant?.revoked === undefined || status.grant.claims.length === 0,
  },
  {
    says: 'what was revoked stays so',
    holds: grants((before, after) => before.revoked === undefined || same(before.revoked, after.revoked)),
  },
  {
    says: 'a grant is re-armed at most once',
    holds: grants((before, after) => after.rearmed >= before.rearmed && after.rearmed <= 1),
  },
  {
    says: 'votes are append-only, no name comes twice',
    holds: ({ status: before }, { status: after }) => {
      const names = (after?.votes ?? []).map(({ name }) => name)
      return isPrefix(before?.votes ?? [], after?.votes ?? []) && new Set(names).size === names.length
    },
  },
]

function grants(holds: (before: Grant, after: Grant) => boolean): Rule['holds'] {
  return ({ status: before }, { status: after }) =>
    before?.grant === undefined || (after?.grant !== undefined && holds(before.grant, after.grant))
}

/** What must never change. */
export function decisionOf({ decision, basis, decisionTime, record }: NonNullable<ApprovalRequest['status']>): object {
  return { decision, basis, decisionTime, record }
}

export function isPrefix(before: readonly object[], after: readonly object[]): boolean {
  return same(after.slice(0, before.length), before)
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
