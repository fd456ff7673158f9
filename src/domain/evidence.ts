import { canonical } from './canonical.ts'
import type { Json } from './json.ts'
import type { ApprovalRequest, ApprovalVote, DecisionBasis, DecisionWord } from './kinds.ts'
import { identityOf } from './person.ts'

/** Version of the record's form. */
const recordVersion = 1

/** What a decision rests on and what it allows: the part of the signed record that a release goes by. */
export type DecisionRecord = {
  readonly request: { readonly name: string; readonly uid: string }
  readonly digest: string
  readonly decision: DecisionWord
  readonly decisionTime: string
  readonly decidedBy: string | undefined
  readonly comment: string | undefined
  /** Until when the approval may be used; undefined for every other decision. */
  readonly grantExpirationTime: string | undefined
  /** Hash of each policy that asked for it, by name. */
  readonly policies: Readonly<Record<string, string>>
}

/** What is decided, for the record. `votes`: those on which the decision rests. */
export type Decided = {
  readonly request: ApprovalRequest
  readonly decision: DecisionWord
  readonly basis: DecisionBasis
  readonly decisionTime: string
  readonly decidedBy: string | undefined
  readonly comment: string | undefined
  readonly grantExpirationTime: string | undefined
  readonly votes: readonly ApprovalVote[]
}

/** The canonical text of a decision's record: who asked, what for, who decided what, when and why. Masked as the request is. */
export function decisionRecord(decided: Decided): string {
  const { request, votes } = decided
  const { spec, metadata } = request
  const record: Json = {
    v: recordVersion,
    type: 'Decision',
    cluster: spec.cluster.uid,
    request: { name: metadata.name, uid: metadata.uid ?? '', creationTime: metadata.creationTimestamp ?? '' },
    requester: { username: spec.requester.username, uid: spec.requester.uid },
    digest: spec.actions[0]?.digest ?? '',
    summary: spec.summary,
    risk: spec.risk.level,
    policies: Object.fromEntries(spec.policies.map(({ name, hash }) => [name, hash])),
    decision: decided.decision,
    basis: decided.basis,
    decisionTime: decided.decisionTime,
    decidedBy: decided.decidedBy ?? null,
    comment: decided.comment ?? null,
    grantExpirationTime: decided.grantExpirationTime ?? null,
    votes: votes.map(voteRecord),
  }
  return canonical(record)
}

function voteRecord({ metadata, spec }: ApprovalVote): Json {
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    time: metadata.creationTimestamp ?? '',
    person: identityOf(spec.voter) ?? '',
    verdict: spec.verdict,
    comment: spec.comment ?? null,
  }
}
