import type { EntraMemberships, EntraPresence } from '../domain/approvers.ts'
import type { ApprovalRequest, ApprovalVote, Verdict, Voter } from '../domain/kinds.ts'
import { identityOf } from '../domain/person.ts'
import type { Effect } from './reconcile.ts'
import type { MembershipAnswer, MembershipQuestion } from './memberships.ts'
import type { Judged } from './memberships-needed.ts'

/** What is known of the voters' groups. */
export type KnownMemberships = {
  readonly entra: EntraMemberships
  readonly present: EntraPresence
  /** Nobody could say just now in which groups he is. */
  readonly isOpen: (voter: Voter) => boolean
  /** When to ask again where nobody could say, in milliseconds. */
  readonly againMs: number
}

export type Asked = { readonly question: MembershipQuestion; readonly answer: MembershipAnswer }

/** Guests and disabled accounts are in no group as approvers, but are kept apart by one; of the others both is the same. */
export function knownMemberships(asked: readonly Asked[]): KnownMemberships {
  const byVoter = new Map(asked.map((one) => [keyOf(one.question), one]))
  const groupsOf = (voter: Voter, isWanted: (answer: Said) => boolean): ReadonlySet<string> | undefined => {
    const found = byVoter.get(identityOf(voter) ?? '')
    // Who was not asked about is in none of those groups that are not his own tenant's.
    if (found === undefined) return new Set()
    const { question, answer } = found
    if (answer === 'NoTenant' || 'unknown' in answer) return undefined
    return new Set(isWanted(answer) ? [...answer.groupIDs].map((id) => `${question.tenantID}/${id}`) : [])
  }
  return {
    entra: (voter) => groupsOf(voter, ({ counts }) => counts) ?? new Set(),
    present: (voter) => groupsOf(voter, () => true),
    isOpen: (voter) => waitOf(byVoter.get(identityOf(voter) ?? '')?.answer) > 0,
    againMs: Math.max(...asked.map(({ answer }) => waitOf(answer))),
  }
}

/** A service that says nothing about it is asked again soon: somebody waits. */
const soonMs = 3_000
const longestMs = 60_000

/** How long until it is asked again; nothing for an answer that says something. */
function waitOf(answer: MembershipAnswer | undefined): number {
  if (typeof answer !== 'object' || !('unknown' in answer)) return 0
  return Math.min(longestMs, Math.max(soonMs, answer.againMs ?? 0))
}

type Said = Extract<MembershipAnswer, { readonly counts: boolean }>

function keyOf({ tenantID, objectID }: MembershipQuestion): string | undefined {
  return identityOf({ kind: 'EntraUser', tenantID, objectID })
}

const saysNo: ReadonlySet<Verdict> = new Set(['Deny', 'RequestChanges', 'Pause'])

/**
 * The votes that can be judged although it is open in which groups some voters are. Those votes wait. When one of them
 * says no, new approvals wait with it: else an outage would let an action through that somebody has refused.
 */
export function judgeable(
  { request, votes }: Judged,
  isOpen: (vote: ApprovalVote) => boolean,
): readonly ApprovalVote[] {
  const open = new Set(votes.filter(isOpen))
  const known = votes.filter((vote) => !open.has(vote))
  const isRefused = [...open].some(({ spec }) => saysNo.has(spec.verdict))
  if (!isRefused || request.status?.decision !== undefined) return known
  return known.filter((vote) => vote.spec.verdict !== 'Approve' || hasCounted(request, vote))
}

function hasCounted({ status }: ApprovalRequest, { metadata }: ApprovalVote): boolean {
  return (status?.votes ?? []).some(({ uid, counted }) => uid === metadata.uid && counted)
}

/** What people were told of the progress stays while a vote that counted in it waits to be judged again. */
export function withProgressKept(
  request: ApprovalRequest,
  waiting: readonly ApprovalVote[],
  effects: readonly Effect[],
): readonly Effect[] {
  if (!waiting.some((vote) => hasCounted(request, vote))) return effects
  return effects.flatMap((effect): readonly Effect[] => {
    if (effect.do !== 'note') return [effect]
    const { stages: _stages, progress: _progress, ...note } = effect.note
    const says = (note.votes ?? []).length + (note.conditions ?? []).length > 0
    return says ? [{ do: 'note', note }] : []
  })
}
