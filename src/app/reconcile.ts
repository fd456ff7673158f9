import { decisionStatus, notedVote, pendingCondition, progressText } from '../domain/decision-status.ts'
import type { DecisionStatus } from '../domain/decision-status.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, ApprovalRequestStatus, ApprovalVote } from '../domain/kinds.ts'
import { settle } from '../domain/settle.ts'
import type { Settling, Standing } from '../domain/settle.ts'

/** What the operator's request loop sees of one request. */
export type Seen = Omit<Settling, 'now'> & { readonly votes: readonly ApprovalVote[] }

/** What is to be done about it. Values: the shell carries them out, in this order. */
export type Effect =
  | { readonly do: 'decide'; readonly decided: DecisionStatus; readonly votes: readonly ApprovalVote[] }
  | { readonly do: 'note'; readonly note: Pick<ApprovalRequestStatus, 'conditions' | 'stages' | 'progress' | 'votes'> }
  | { readonly do: 'wake'; readonly time: Instant }

/** Decides what to do about one request as it is now. Pure: the same sight gives the same effects. */
export function reconcile(seen: Seen, now: Instant): readonly Effect[] {
  const standing = settle({ ...seen, now }, seen.votes)
  const { outcome } = standing
  if (seen.request.status?.decision !== undefined) return noteLate(standing)
  if ('decision' in outcome) {
    const decided = decisionStatus(seen.request, standing, { decision: outcome, now })
    return [{ do: 'decide', decided, votes: outcome.votes }]
  }
  const wake: readonly Effect[] = outcome.wakeTime === undefined ? [] : [{ do: 'wake', time: outcome.wakeTime }]
  return [...noteProgress(seen.request, standing, now), ...wake]
}

/** Votes after the decision are noted, with why they did not count. */
function noteLate({ judged }: Standing): readonly Effect[] {
  return judged.length === 0 ? [] : [{ do: 'note', note: { votes: judged.map(notedVote) } }]
}

function noteProgress(request: ApprovalRequest, standing: Standing, now: Instant): readonly Effect[] {
  const { status = {} } = request
  const known = new Set((status.votes ?? []).map(({ name }) => name))
  const votes = standing.judged.filter(({ vote }) => !known.has(vote.metadata.name)).map(notedVote)
  const progress = progressText(standing.stages)
  const begun = (status.conditions ?? []).some(({ type }) => type === 'Decided')
  if (begun && votes.length === 0 && status.progress === progress) return []
  const conditions = begun ? [] : [pendingCondition('Pending', now)]
  return [{ do: 'note', note: { conditions, stages: standing.stages, progress, votes } }]
}
