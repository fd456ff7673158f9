import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalVote, DecisionBasis, DecisionWord, StageProgress } from './kinds.ts'
import { escalatedGroups, judge, stageGroups } from './vote.ts'
import type { CountedVote, Judging, VoteRefusal } from './vote.ts'

/** A vote after judgement. `refusal` undefined: it counted. */
export type JudgedVote = { readonly vote: ApprovalVote; readonly refusal: VoteRefusal | undefined }

/** What a request came to. `votes`: those on which it rests; none when the deadline decided. */
export type Decision = {
  readonly decision: DecisionWord
  readonly basis: DecisionBasis
  readonly votes: readonly ApprovalVote[]
}

/** Where a request stands: every vote judged, every stage counted, and the decision or when to look again. */
export type Standing = {
  readonly judged: readonly JudgedVote[]
  readonly stages: readonly StageProgress[]
  readonly outcome: Decision | { readonly wakeTime: Instant }
}

export type Settling = Pick<Judging, 'request' | 'approvers' | 'isAgent' | 'now'> & {
  /** Has the vote been proven to be from whom it names? */
  readonly isProven: (vote: ApprovalVote) => boolean
}

/**
 * Judges all votes in the order in which the API server took them, and settles. The first vote that decides wins; votes
 * after it are refused as late. One denial ends it. Nobody in time: expired, which is not a denial.
 */
export function settle(settling: Settling, votes: readonly ApprovalVote[]): Standing {
  const judged: JudgedVote[] = []
  const counted: CountedVote[] = []
  let decision: Decision | undefined
  for (const vote of votes.toSorted(byArrival)) {
    const late = decision !== undefined && decides(vote)
    const refusal = late ? 'AlreadyDecided' : judge({ ...settling, vote, counted, proven: settling.isProven(vote) })
    judged.push({ vote, refusal })
    if (refusal !== undefined) continue
    counted.push({ vote, verdict: vote.spec.verdict })
    decision ??= decisionBy(settling, counted)
  }
  const stages = progress(settling, counted)
  return { judged, stages, outcome: decision ?? byTime(settling) }
}

function byArrival(a: ApprovalVote, b: ApprovalVote): number {
  return castTime(a) - castTime(b) || (a.metadata.name < b.metadata.name ? -1 : 1)
}

function castTime({ metadata }: ApprovalVote): Instant {
  return parseInstant(metadata.creationTimestamp ?? '') ?? 0
}

function decides({ spec }: ApprovalVote): boolean {
  return spec.verdict === 'Approve' || spec.verdict === 'Deny' || spec.verdict === 'RequestChanges'
}

function decisionBy(settling: Settling, counted: readonly CountedVote[]): Decision | undefined {
  const last = counted.at(-1)
  if (settling.request.status?.decision !== undefined || last === undefined) return undefined
  if (last.verdict === 'Deny') return { decision: 'Denied', basis: 'Votes', votes: [last.vote] }
  if (last.verdict === 'RequestChanges') return { decision: 'ChangesRequested', basis: 'Votes', votes: [last.vote] }
  if (last.verdict !== 'Approve') return undefined
  const reached = progress(settling, counted).every(({ approvals, required }) => approvals >= required)
  return reached ? { decision: 'Approved', basis: 'Votes', votes: approvalsOf(counted) } : undefined
}

function approvalsOf(counted: readonly CountedVote[]): readonly ApprovalVote[] {
  return counted.filter(({ verdict }) => verdict === 'Approve').map(({ vote }) => vote)
}

/** How many approved of each stage. Whoever is in the groups of several stages counts in each; nobody counts twice in one. */
function progress({ request, approvers, now }: Settling, counted: readonly CountedVote[]): readonly StageProgress[] {
  const voters = approvalsOf(counted).map(({ spec }) => spec.voter)
  const escalated = escalatedGroups(request, now)
  return request.spec.requirements.stages.map((stage) => {
    const groups = [...stageGroups(stage), ...escalated]
    const approvals = voters.filter((voter) => groups.some((group) => approvers.isIn(voter, group))).length
    return { name: stage.name, approvals, required: stage.quorum }
  })
}

function byTime({ request, now }: Settling): Decision | { readonly wakeTime: Instant } {
  const deadline = parseInstant(request.spec.expirationTime) ?? now
  if (now > deadline) return { decision: 'Expired', basis: 'Deadline', votes: [] }
  const opened = parseInstant(request.metadata.creationTimestamp ?? '') ?? now
  const steps = (request.spec.requirements.escalation ?? []).map(({ afterSeconds }) => opened + afterSeconds * 1000)
  return { wakeTime: Math.min(deadline + 1, ...steps.filter((step) => step > now)) }
}
