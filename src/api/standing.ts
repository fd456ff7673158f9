import type { Approvers } from '../domain/approvers.ts'
import type { Briefing } from '../domain/briefing.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, Verdict, Voter } from '../domain/kinds.ts'
import { groupsAsked } from '../domain/vote.ts'
import { asksForWords } from '../domain/vote-comment.ts'
import { voteRefusals } from '../domain/vote-refusals.ts'
import type { VoteRefusal } from '../domain/vote-refusals.ts'

/** A request, and who looks at it. */
export type Looking = {
  readonly request: ApprovalRequest
  readonly voter: Voter
  readonly approvers: Approvers
  readonly now: Instant
}

/**
 * Whether the person is one of those who are asked: listed in one of the groups, or perhaps, where Entra or Kubernetes
 * says who else is in it. Who may not approve for the sake of separation is not.
 */
export function isAsked(looking: Looking): boolean {
  return barOf(looking) === undefined
}

/** What is known against an approval by this person beforehand. The vote alone is judged; this only saves him a click. */
function barOf({ request, voter, approvers, now }: Looking): VoteRefusal | undefined {
  const { requester, requirements } = request.spec
  const apart = requirements.separation ?? []
  const is = (name: string | undefined): boolean => name !== undefined && approvers.isNamed(voter, name) === true
  const groups = groupsAsked(request, now)
  if (!groups.some((group) => approvers.isIn(voter, group) || approvers.listed(group) === undefined))
    return 'NotInGroup'
  if (apart.includes('Owner') && is(requester.owner)) return 'OwnerMayNotVote'
  return apart.includes('OnBehalfOf') && is(requester.onBehalfOf) ? 'OnBehalfOfMayNotVote' : undefined
}

/** What the person may say, and why it is not more. */
export type Say = {
  readonly verdicts: readonly Verdict[]
  readonly needWords: readonly Verdict[]
  readonly barred: string
}

/** What may be said of a request as it stands, by this person. A denial is never harder than an approval. */
export function sayOf(looking: Looking, briefing: Briefing): Say {
  const bar = barOf(looking)
  const verdicts = sayable(briefing, bar)
  const needWords = verdicts.filter((verdict) => asksForWords(verdict, briefing.comment))
  const isOpen = briefing.outcome.length === 0
  return { verdicts, needWords, barred: isOpen && bar !== undefined ? voteRefusals[bar] : '' }
}

function sayable(briefing: Briefing, bar: VoteRefusal | undefined): readonly Verdict[] {
  if (bar === 'NotInGroup') return []
  if (briefing.outcome.length > 0) return isRevocable(briefing) ? ['Revoke'] : []
  const approve: readonly Verdict[] = bar === undefined && isApprovable(briefing) ? ['Approve'] : []
  const pause: readonly Verdict[] = briefing.risk === 'High' || briefing.risk === 'Critical' ? ['Pause'] : []
  return [...approve, 'Deny', 'RequestChanges', 'Comment', ...pause]
}

/** What cannot be shown in full is not approved. */
function isApprovable({ change, operation }: Briefing): boolean {
  return operation !== undefined && change.missing === undefined
}

function isRevocable({ stand }: Briefing): boolean {
  return stand === 'AwaitingAgent'
}
