import { decisionStatus, notedVote, pendingCondition, progressText } from '../domain/decision-status.ts'
import type { DecisionStatus } from '../domain/decision-status.ts'
import { executedCondition, outcomeStep, revokedState } from '../domain/executed.ts'
import type { OutcomeTimes } from '../domain/executed.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, ApprovalVote, NotedVote, Pause, Revocation } from '../domain/kinds.ts'
import { present } from '../domain/present.ts'
import { timestamp } from '../domain/request.ts'
import { settle } from '../domain/settle.ts'
import type { JudgedVote, Settling, Standing } from '../domain/settle.ts'
import type { StatusNote } from './ports.ts'

/** What the operator's request loop sees of one request. */
export type Seen = Omit<Settling, 'now'> & {
  readonly votes: readonly ApprovalVote[]
  readonly times: OutcomeTimes
  /** How long after the deadline votes that were cast in time may still come in. */
  readonly graceMs: number
}

/** What is to be done about it. Values: the shell carries them out, in this order. */
export type Effect =
  /** Stops the agent of the request. Before all else: should we end in between, it is done again, not forgotten. */
  | { readonly do: 'pause'; readonly pause: Pause }
  | { readonly do: 'decide'; readonly decided: DecisionStatus; readonly votes: readonly ApprovalVote[] }
  /** Takes an unused approval back, together with the note of the vote that did. */
  | { readonly do: 'revoke'; readonly revoked: Revocation; readonly note: StatusNote }
  | { readonly do: 'note'; readonly note: StatusNote }
  /** Looks at what stands around the target, once, for those who are asked. */
  | { readonly do: 'survey' }
  /** Reads the target, to see what became of an approval. */
  | { readonly do: 'look' }
  | { readonly do: 'wake'; readonly time: Instant }

/** Decides what to do about one request as it is now. Pure: the same sight gives the same effects. */
export function reconcile(seen: Seen, now: Instant): readonly Effect[] {
  const standing = settle({ ...seen, now }, seen.votes)
  const effects = seen.request.status?.decision === undefined ? undecided : decided
  return [...pauses(seen.request, standing), ...effects(seen, standing, now)]
}

/** As many votes as a status holds, and as many of them as may be noted before the decision, which needs some for itself. */
const mostNoted = 64
const mostNotedBefore = 48

function undecided(seen: Seen, standing: Standing, now: Instant): readonly Effect[] {
  const { request } = seen
  const { outcome } = standing
  if (!('decision' in outcome)) {
    const wake: readonly Effect[] = outcome.wakeTime === undefined ? [] : [{ do: 'wake', time: outcome.wakeTime }]
    return [...noteProgress(request, standing, now), ...surveys(request), ...wake]
  }
  const graceEnd = (parseInstant(request.spec.expirationTime) ?? 0) + seen.graceMs
  if (outcome.basis === 'Deadline' && now <= graceEnd) {
    return [...noteProgress(request, standing, now), { do: 'wake', time: graceEnd + 1 }]
  }
  const decidedNow = decisionStatus(request, standing, { decision: outcome, now })
  const votes = fitting(request, unnoted(request, standing.judged), mostNoted)
  return [{ do: 'decide', decided: { ...decidedNow, votes }, votes: outcome.votes }]
}

function surveys({ status = {} }: ApprovalRequest): readonly Effect[] {
  return status.context === undefined ? [{ do: 'survey' }] : []
}

function noteProgress(request: ApprovalRequest, standing: Standing, now: Instant): readonly Effect[] {
  const { status = {} } = request
  const votes = fitting(request, unnoted(request, standing.judged), mostNotedBefore)
  const progress = progressText(standing.stages)
  const begun = (status.conditions ?? []).some(({ type }) => type === 'Decided')
  if (begun && votes.length === 0 && status.progress === progress) return []
  const conditions = begun ? [] : [pendingCondition('Pending', now)]
  return [{ do: 'note', note: { conditions, stages: standing.stages, progress, votes } }]
}

/** Votes after the decision are noted, with why they did not count; what a Revoke takes back is taken back with it. */
function decided(seen: Seen, { judged }: Standing, now: Instant): readonly Effect[] {
  const { request } = seen
  const votes = fitting(request, unnoted(request, judged), mostNoted)
  const taking = judged.find(({ vote, refusal }) => vote.spec.verdict === 'Revoke' && refusal === undefined)
  if (taking === undefined) return [...noteVotes(votes), ...followUp(seen, now)]
  const revoked = revocationBy(taking, now)
  if (request.status?.decision !== 'Approved') return [{ do: 'note', note: { cooldownRevoked: revoked, votes } }]
  return [{ do: 'revoke', revoked, note: { votes, conditions: [executedCondition(revokedState, now)] } }]
}

function noteVotes(votes: readonly NotedVote[]): readonly Effect[] {
  return votes.length === 0 ? [] : [{ do: 'note', note: { votes } }]
}

function followUp({ request, times }: Seen, now: Instant): readonly Effect[] {
  const next = outcomeStep(request, times, now)
  switch (next.step) {
    case 'Rest':
      return []
    case 'Wait':
      return [{ do: 'wake', time: next.until }]
    case 'Say':
      return [{ do: 'note', note: { conditions: [executedCondition(next.executed, now)] } }]
    case 'Look':
      return [{ do: 'look' }]
  }
}

/** Those that the status does not show yet: what was judged once is not judged again. */
function unnoted({ status }: ApprovalRequest, judged: readonly JudgedVote[]): readonly JudgedVote[] {
  const known = new Set((status?.votes ?? []).map(({ name }) => name))
  return judged.filter(({ vote }) => !known.has(vote.metadata.name))
}

/** Where there is no room for all, those that count for something, then words, then what was refused. */
function fitting({ status }: ApprovalRequest, judged: readonly JudgedVote[], most: number): readonly NotedVote[] {
  const room = Math.max(0, most - (status?.votes ?? []).length)
  const chosen = judged.length <= room ? judged : judged.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, room)
  return chosen.map(notedVote)
}

function rankOf({ vote, refusal }: JudgedVote): number {
  if (refusal !== undefined) return 2
  return vote.spec.verdict === 'Comment' ? 1 : 0
}

function revocationBy(judged: JudgedVote, now: Instant): Revocation {
  const { person, comment, name, uid } = notedVote(judged)
  return present({ by: person, time: timestamp(now), comment, voteRef: { name, uid } })
}

function pauses(request: ApprovalRequest, { judged }: Standing): readonly Effect[] {
  const asked = unnoted(request, judged).filter(
    ({ vote, refusal }) => vote.spec.verdict === 'Pause' && refusal === undefined,
  )
  return asked.slice(0, 1).map((one): Effect => {
    const { person, comment, time } = notedVote(one)
    return { do: 'pause', pause: present({ by: person, reason: comment, time }) }
  })
}
