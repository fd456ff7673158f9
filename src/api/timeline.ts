import type { TabEvent, TabVote } from '../app/tab-wire.ts'
import type { Instant } from '../domain/instant.ts'
import { parseInstant } from '../domain/instant.ts'
import type { ApprovalRequest, Condition, Grant, NotedVote, Verdict } from '../domain/kinds.ts'
import { refusalTold } from '../domain/refusal-cures.ts'
import { isSaid, safe } from '../domain/safe-text.ts'
import { executedOf, standOf } from '../domain/stand.ts'

/** What happened to a request, and what will if nobody does anything: the earliest first. */
export function timelineOf(request: ApprovalRequest, now: Instant): readonly TabEvent[] {
  const { metadata, spec, status = {} } = request
  const opened = happened(metadata.creationTimestamp, `${safe(spec.requester.agent)} asked`)
  const votes = (status.votes ?? []).map((vote) => happened(vote.time, votePhrase(vote), vote.comment))
  return [...opened, ...notified(status.conditions), ...votes.flat(), ...decided(request), ...used(request, now)]
    .map((event, index) => ({ event, index }))
    .toSorted((a, b) => instantOf(a.event) - instantOf(b.event) || a.index - b.index)
    .map(({ event }) => event)
}

function instantOf({ time }: TabEvent): Instant {
  return parseInstant(time) ?? 0
}

function happened(time: string | undefined, text: string, words = ''): readonly TabEvent[] {
  return time === undefined ? [] : [{ time, text, words: safe(words), due: false }]
}

function due(time: string, text: string): TabEvent {
  return { time, text, words: '', due: true }
}

function notified(conditions: readonly Condition[] = []): readonly TabEvent[] {
  const found = conditions.find(({ type }) => type === 'Notified')
  if (found === undefined) return []
  const text = found.status === 'True' ? 'People were asked' : 'Nobody could be asked through a channel'
  const where = found.message === '' ? '' : `: ${safe(found.message)}`
  return happened(found.lastTransitionTime, `${text}${where}`)
}

const deeds: Readonly<Record<Verdict, string>> = {
  Approve: 'approved',
  Deny: 'denied',
  RequestChanges: 'asked for changes',
  Comment: 'commented',
  Revoke: 'took it back',
  Pause: 'denied, and paused the agent',
}

function votePhrase({ person, verdict, counted }: NotedVote): string {
  const phrase = `${safe(person)} ${deeds[verdict]}`
  return counted ? phrase : `${phrase}; this did not count`
}

const decisions = {
  Approved: 'Approved',
  Denied: 'Denied',
  ChangesRequested: 'Sent back for changes',
  Expired: 'Expired: nobody answered, which is not a denial',
} as const

function decided({ spec, status = {} }: ApprovalRequest): readonly TabEvent[] {
  if (status.decision === undefined) return [due(spec.expirationTime, 'Expires if nobody has answered')]
  const by = isSaid(status.decidedBy) ? ` by ${safe(status.decidedBy)}` : ''
  return happened(status.decisionTime, `${decisions[status.decision]}${by}`)
}

/** What became of the decision. */
function used(request: ApprovalRequest, now: Instant): readonly TabEvent[] {
  const { grant, cooldownRevoked } = request.status ?? {}
  const revoked = grant?.revoked ?? cooldownRevoked
  if (revoked !== undefined) return happened(revoked.time, `Taken back by ${safe(revoked.by)}`, revoked.comment)
  return grant === undefined ? [] : useOf(request, grant, now)
}

function useOf(request: ApprovalRequest, { expirationTime, claims }: Grant, now: Instant): readonly TabEvent[] {
  const stand = standOf(request, now)
  if (stand === 'AwaitingAgent') return [due(expirationTime, 'Ends unused if the agent does not come back')]
  if (stand === 'NeverUsed') return happened(expirationTime, 'Ended unused: the agent did not come back')
  const released = claims.flatMap(({ time }) => happened(time, 'The command was let through'))
  return [...released, ...outcome(executedOf(request.status?.conditions))]
}

const outcomes: Readonly<Record<string, string>> = {
  Executed: 'Done',
  NotObserved: 'Its effect was not seen',
  Unobservable: 'What it did cannot be seen',
}

function outcome(seen: Condition | undefined): readonly TabEvent[] {
  if (seen === undefined) return []
  const what = outcomes[seen.reason] ?? safe(seen.reason)
  return happened(seen.lastTransitionTime, seen.message === '' ? what : `${what}: ${safe(seen.message)}`)
}

/** Every vote as it was judged, in the order of judging. */
export function votesOf({ status = {} }: ApprovalRequest): readonly TabVote[] {
  return (status.votes ?? []).map(({ person, verdict, time, comment = '', counted, refusal }) => ({
    person: safe(person),
    verdict,
    time,
    words: safe(comment),
    uncounted: counted ? '' : refusalTold(refusal ?? 'unknown', 'Card'),
  }))
}
