import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, ApprovalVote, DecisionBasis, DecisionWord, StageProgress, Verdict } from './kinds.ts'
import { escalatedGroups, isLate, judge, stageGroups } from './vote.ts'
import type { CountedVote, Judging } from './vote.ts'
import { refusalWords } from './vote-refusals.ts'
import type { VoteRefusal } from './vote-refusals.ts'

/** A vote after judgement. `refusal` undefined: it counted. */
export type JudgedVote = { readonly vote: ApprovalVote; readonly refusal: VoteRefusal | undefined }

/** What a request came to. `votes`: those on which it rests; none when the deadline decided. */
export type Decision = {
  readonly decision: DecisionWord
  readonly basis: DecisionBasis
  readonly votes: readonly ApprovalVote[]
}

/** Where a request stands: the votes judged, every stage counted, and the decision or when to look again. */
export type Standing = {
  readonly judged: readonly JudgedVote[]
  readonly stages: readonly StageProgress[]
  /** `wakeTime` undefined: it is decided, and time changes nothing any more. */
  readonly outcome: Decision | { readonly wakeTime: Instant | undefined }
}

export type Settling = Pick<Judging, 'request' | 'approvers' | 'isAgent' | 'now'> & {
  /** Has the vote been proven to be from whom it names? */
  readonly isProven: (vote: ApprovalVote) => boolean
}

/**
 * Judges votes in the order in which the API server took them, and settles. The first vote that decides wins; votes after
 * it are refused as late. One denial ends it. Nobody in time: expired, which is not a denial. Once the decision is stored,
 * only votes that were not noted before are judged; so note all that were judged together with the decision.
 */
export function settle(settling: Settling, votes: readonly ApprovalVote[]): Standing {
  const inOrder = votes.toSorted(byArrival)
  return settling.request.status?.decision === undefined ? undecided(settling, inOrder) : decided(settling, inOrder)
}

function undecided(settling: Settling, votes: readonly ApprovalVote[]): Standing {
  const judged: JudgedVote[] = []
  const counted: CountedVote[] = []
  let decision: Decision | undefined
  const refused = notedRefusals(settling.request)
  for (const vote of votes) {
    // It takes back what is about to be stored, and is judged when it is.
    if (decision !== undefined && vote.spec.verdict === 'Revoke') continue
    const refusal = refused(vote) ?? refusalOf(settling, vote, { counted, decided: decision !== undefined })
    judged.push({ vote, refusal })
    if (refusal !== undefined) continue
    counted.push({ vote, verdict: vote.spec.verdict })
    decision ??= decisionBy(settling, counted)
  }
  return { judged, stages: progress(settling, counted), outcome: decision ?? byTime(settling) }
}

/** Whoever was told that his vote does not count has to vote again, also when it would count now. */
function notedRefusals({ status }: ApprovalRequest): (vote: ApprovalVote) => VoteRefusal | undefined {
  const noted = new Map((status?.votes ?? []).map(({ uid, refusal }) => [uid, refusal]))
  return ({ metadata }) => {
    const told = noted.get(metadata.uid ?? '')
    return refusalWords.find((word) => word === told)
  }
}

function decided(settling: Settling, votes: readonly ApprovalVote[]): Standing {
  const { votes: noted = [], stages = [] } = settling.request.status ?? {}
  const known = new Set(noted.map(({ uid }) => uid))
  const judged: JudgedVote[] = []
  const counted: CountedVote[] = []
  for (const vote of votes.filter(({ metadata }) => !known.has(metadata.uid ?? ''))) {
    const refusal = refusalOf(settling, vote, { counted, decided: true })
    judged.push({ vote, refusal })
    if (refusal === undefined) counted.push({ vote, verdict: vote.spec.verdict })
  }
  return { judged, stages, outcome: { wakeTime: undefined } }
}

type SoFar = Pick<Judging, 'counted' | 'decided'>

function refusalOf(settling: Settling, vote: ApprovalVote, soFar: SoFar): VoteRefusal | undefined {
  return judge({ ...settling, ...soFar, vote, proven: settling.isProven(vote) })
}

/** The API server's stamp has whole seconds: within one, who says no goes before who says yes, and a taking back goes last. */
const ranks: Readonly<Record<Verdict, number>> = {
  Deny: 0,
  Pause: 0,
  RequestChanges: 1,
  Approve: 2,
  Comment: 3,
  Revoke: 4,
}

function byArrival(a: ApprovalVote, b: ApprovalVote): number {
  const order = castTime(a) - castTime(b) || ranks[a.spec.verdict] - ranks[b.spec.verdict]
  return order || (a.metadata.name < b.metadata.name ? -1 : 1)
}

function castTime({ metadata }: ApprovalVote): Instant {
  return parseInstant(metadata.creationTimestamp ?? '') ?? 0
}

function decisionBy(settling: Settling, counted: readonly CountedVote[]): Decision | undefined {
  const last = counted.at(-1)
  switch (last?.verdict) {
    case 'Deny':
      return { decision: 'Denied', basis: 'Votes', votes: [last.vote] }
    case 'Pause':
      return isLate(last.vote, settling.request, settling.now)
        ? undefined
        : { decision: 'Denied', basis: 'Votes', votes: [last.vote] }
    case 'RequestChanges':
      return { decision: 'ChangesRequested', basis: 'Votes', votes: [last.vote] }
    case 'Approve':
      return approvedBy(settling, counted)
    case 'Comment':
    case 'Revoke':
    case undefined:
      return undefined
  }
}

function approvedBy(settling: Settling, counted: readonly CountedVote[]): Decision | undefined {
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
  const deadline = parseInstant(request.spec.expirationTime)
  if (deadline === undefined || now > deadline) return { decision: 'Expired', basis: 'Deadline', votes: [] }
  const opened = parseInstant(request.metadata.creationTimestamp ?? '') ?? now
  const steps = (request.spec.requirements.escalation ?? []).map(({ afterSeconds }) => opened + afterSeconds * 1000)
  return { wakeTime: Math.min(deadline + 1, ...steps.filter((step) => step > now)) }
}
