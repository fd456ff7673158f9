import { inert, shortened } from './inert.ts'
import { timestamp } from './request.ts'
import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, ApprovalVote, Condition, Grant, NotedVote } from './kinds.ts'
import { present } from './present.ts'
import type { Decision, JudgedVote, Standing } from './settle.ts'

const longestName = 128
const longestNames = 512
const longestComment = 1024

/** Everything of a decision but its signed record, as the status of the request shows it. */
export type DecisionStatus = {
  readonly decision: Decision['decision']
  readonly basis: Decision['basis']
  readonly decisionTime: string
  readonly decidedBy: string | undefined
  readonly conditions: readonly Condition[]
  readonly stages: Standing['stages']
  readonly progress: string
  readonly votes: readonly NotedVote[]
  readonly grant: Grant | undefined
  /** The words of the vote that decided. */
  readonly comment: string | undefined
}

/** The status of a decision that was just reached. */
export function decisionStatus(
  request: ApprovalRequest,
  standing: Standing,
  at: { decision: Decision; now: Instant },
): DecisionStatus {
  const { decision, now } = at
  const decisionTime = timestamp(now)
  const last = decision.votes.at(-1)
  return {
    decision: decision.decision,
    basis: decision.basis,
    decisionTime,
    decidedBy: last === undefined ? undefined : shortened(decision.votes.map(voterName).join(', '), longestNames),
    conditions: conditionsOf(decision, decisionTime),
    stages: standing.stages,
    progress: progressText(standing.stages),
    votes: standing.judged.map(notedVote),
    grant: decision.decision === 'Approved' ? grantOf(request, decision, now) : undefined,
    comment: last?.spec.comment,
  }
}

/** Good from the moment when the last person said yes, by the API server's stamp: a decision that comes late adds nothing. */
function grantOf({ spec }: ApprovalRequest, { votes }: Decision, now: Instant): Grant {
  const said = votes.map(({ metadata }) => parseInstant(metadata.creationTimestamp ?? '') ?? now)
  const expirationTime = timestamp(Math.min(now, Math.max(...said)) + spec.grantSeconds * 1000)
  return { expirationTime, claims: [], rearmed: 0 }
}

/** Decided=False, as the operator writes it first; absence means the same. */
export function pendingCondition(reason: 'Pending' | 'Undelivered' | 'NoChannel', now: Instant): Condition {
  return condition('Decided', { status: 'False', reason, message: 'nobody has decided yet', time: timestamp(now) })
}

/** `1/2`: approvals and how many are needed, over all stages. */
export function progressText(stages: Standing['stages']): string {
  const approvals = stages.reduce((sum, stage) => sum + Math.min(stage.approvals, stage.required), 0)
  return `${approvals}/${stages.reduce((sum, { required }) => sum + required, 0)}`
}

/** A judged vote as the request notes it: also those that did not count, with why. */
export function notedVote({ vote, refusal }: JudgedVote): NotedVote {
  const { metadata, spec } = vote
  return present({
    name: metadata.name,
    uid: metadata.uid ?? '',
    person: voterName(vote),
    verdict: spec.verdict,
    comment: spec.comment === undefined ? undefined : shortened(inert(spec.comment).text, longestComment),
    time: metadata.creationTimestamp ?? '',
    counted: refusal === undefined,
    refusal,
  })
}

/** For people to read; who he is, the identity says. */
function voterName({ spec }: ApprovalVote): string {
  const { displayName, username, objectID, userID } = spec.voter
  return shortened(inert(displayName ?? username ?? objectID ?? userID ?? 'unknown').text, longestName)
}

function conditionsOf({ decision, votes }: Decision, time: string): readonly Condition[] {
  const last = votes.at(-1)
  const words = last?.spec.comment === undefined ? '' : `: "${shortened(inert(last.spec.comment).text, 500)}"`
  const message = last === undefined ? 'nobody answered in time; this is not a denial' : `by ${voterName(last)}${words}`
  const said = { status: 'True', reason: decision, message, time } as const
  const decided = condition('Decided', said)
  if (decision === 'Approved') return [decided, condition('Approved', said)]
  return decision === 'Denied' ? [decided, condition('Denied', said)] : [decided]
}

function condition(
  type: string,
  { status, reason, message, time }: Pick<Condition, 'status' | 'reason' | 'message'> & { readonly time: string },
): Condition {
  return { type, status, reason, message, lastTransitionTime: time }
}
