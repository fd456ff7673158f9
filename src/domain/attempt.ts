import type { Refusal } from './check.ts'
import {
  attemptsSpent,
  changesRequested,
  denied,
  deniedAgain,
  expired,
  madeAlready,
  revoked,
  usedJustNow,
} from './decided-message.ts'
import type { DecisionRecord } from './evidence.ts'
import { useOf } from './grant.ts'
import type { GrantUse, Use } from './grant.ts'
import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, PolicySnapshot } from './kinds.ts'
import { warnLapsed, warnOtherPolicies, warnUsed } from './warning.ts'
import type { CitedRequest, PersonsWord } from './wording.ts'

/** What the newest attempt of an action means for this call. */
export type NextStep =
  /** Ask people: there is no attempt, or the newest one answers this call no more. */
  | { readonly step: 'Open'; readonly warning: string | undefined }
  | { readonly step: 'Wait' }
  | { readonly step: 'Refuse'; readonly refusal: Refusal }
  /** Approved and not used: claim it. */
  | { readonly step: 'Claim' }
  /** Covered by a claim that was made before. */
  | { readonly step: 'Allow' }
  /** Somebody changed the target since the claim; the operator has to find out what became of it first. */
  | { readonly step: 'Unsettled' }
  /** The stored decision is not the one that was signed. */
  | { readonly step: 'Distrust' }

export type Judged = {
  readonly request: ApprovalRequest
  /** The signed record of its decision; undefined when the signature does not hold or it is for another request. */
  readonly record: DecisionRecord | undefined
  readonly use: Use
  /** The policies that ask for approval now. */
  readonly policies: readonly PolicySnapshot[]
  /** The request as messages cite it. Its digest is that of this call: no approval of another content is good for it. */
  readonly cited: CitedRequest
  /** The answer was there before this call: false only for a call that was waiting when it was given. */
  readonly repeated: boolean
  readonly groups: string
  readonly now: Instant
}

/** For how long a "no" answers the same action without asking again. */
export const cooldownMs = 10 * 60_000

const mostExpired = 3
const hourMs = 60 * 60_000

/** Judges the newest attempt. What was decided, and until when, is read from the signed record alone. */
export function nextStep(judged: Judged): NextStep {
  const { request, record } = judged
  if (request.status?.decision === undefined) return { step: 'Wait' }
  if (record === undefined || !isOf(judged, record)) return { step: 'Distrust' }
  switch (record.decision) {
    case 'Approved':
      return approved(judged, record)
    case 'Denied':
    case 'ChangesRequested':
      return refused(judged, record)
    case 'Expired':
      return unanswered(judged)
  }
}

/** Is it the record of this decision, on this request, for the action of this call? */
function isOf({ request, cited }: Judged, record: DecisionRecord): boolean {
  return (
    record.request.uid === request.metadata.uid &&
    record.digest === cited.digest &&
    record.decision === request.status?.decision
  )
}

function approved(judged: Judged, record: DecisionRecord): NextStep {
  const { request, use, now } = judged
  const stored = request.status?.grant
  if (stored === undefined || record.grantExpirationTime === undefined) return { step: 'Distrust' }
  const answer = useOf({ ...stored, expirationTime: record.grantExpirationTime }, use, now)
  if (answer === 'Claim' && !underSamePolicies(judged, record)) {
    return { step: 'Open', warning: warnOtherPolicies(request.metadata.name, byOf(record)) }
  }
  return stepOf(answer, judged, record)
}

function stepOf(use: GrantUse, judged: Judged, record: DecisionRecord): NextStep {
  const { request, now } = judged
  switch (use) {
    case 'Claim':
      return { step: 'Claim' }
    case 'Again':
      return { step: 'Allow' }
    case 'Made':
      return { step: 'Refuse', refusal: madeAlready(judged.cited, lastClaim(request) ?? now) }
    case 'Moved':
      return isSettled(request) ? usedUp(judged) : { step: 'Unsettled' }
    case 'Spent':
      return usedUp(judged)
    case 'Lapsed':
      return {
        step: 'Open',
        warning: warnLapsed(request.metadata.name, byOf(record), timeOf(record.grantExpirationTime) ?? now),
      }
    case 'Revoked':
      return afterRevocation(judged, record)
  }
}

/** For so long, the same Connect again is the same command: kubectl sends one that failed a second time, in another form. */
const twinMs = 5_000

function usedUp({ request, cited, now }: Judged): NextStep {
  const used = lastClaim(request) ?? now
  if (request.spec.actions[0]?.operation === 'Connect' && now - used < twinMs) {
    return { step: 'Refuse', refusal: usedJustNow(cited, used) }
  }
  return { step: 'Open', warning: warnUsed(request.metadata.name, used) }
}

/** The operator has looked since the last claim, and knows what became of it. */
function isSettled(request: ApprovalRequest): boolean {
  const executed = request.status?.conditions?.find(({ type }) => type === 'Executed')
  const seen = timeOf(executed?.lastTransitionTime) ?? 0
  return executed !== undefined && executed.reason !== 'Released' && seen >= (lastClaim(request) ?? seen)
}

function lastClaim(request: ApprovalRequest): Instant | undefined {
  return timeOf(request.status?.grant?.claims.at(-1)?.time)
}

function underSamePolicies({ policies }: Judged, record: DecisionRecord): boolean {
  return policies.every(({ name, hash }) => record.policies[name] === hash)
}

function afterRevocation(judged: Judged, record: DecisionRecord): NextStep {
  const taken = judged.request.status?.grant?.revoked
  const time = timeOf(taken?.time)
  if (taken === undefined || time === undefined) return { step: 'Distrust' }
  if (judged.now - time > cooldownMs) return { step: 'Open', warning: undefined }
  const word = { by: taken.by, time, comment: taken.comment }
  return { step: 'Refuse', refusal: revoked(judged.cited, word, wordOf(record, judged.now)) }
}

function refused(judged: Judged, record: DecisionRecord): NextStep {
  const word = wordOf(record, judged.now)
  const over = judged.now - word.time > cooldownMs || judged.request.status?.cooldownRevoked !== undefined
  if (over) return { step: 'Open', warning: undefined }
  if (record.decision === 'ChangesRequested') return { step: 'Refuse', refusal: changesRequested(judged.cited, word) }
  return { step: 'Refuse', refusal: (judged.repeated ? deniedAgain : denied)(judged.cited, word) }
}

/**
 * Nobody answered. The call that was waiting is told so; the next one asks again, unless three within the hour have found
 * nobody.
 */
function unanswered({ request, cited, groups, now, repeated }: Judged): NextStep {
  const times = [request.spec.expirationTime, ...(request.spec.attempt.expiredTimes ?? [])]
  const recent = times.flatMap((time) => timeOf(time) ?? []).filter((time) => now - time < hourMs)
  const third = recent.toSorted((a, b) => b - a)[mostExpired - 1]
  if (third !== undefined) {
    const spent = { times: recent.length, until: third + hourMs, groups }
    return { step: 'Refuse', refusal: attemptsSpent(cited, spent) }
  }
  if (repeated) return { step: 'Open', warning: undefined }
  const until = timeOf(request.spec.expirationTime) ?? now
  const from = timeOf(request.metadata.creationTimestamp) ?? until
  const attempts = { attempt: recent.length, mostAttempts: mostExpired }
  return { step: 'Refuse', refusal: expired(cited, { from, until, groups, ...attempts }) }
}

function wordOf(record: DecisionRecord, now: Instant): PersonsWord {
  return { by: byOf(record), time: timeOf(record.decisionTime) ?? now, comment: record.comment }
}

function byOf({ decidedBy }: DecisionRecord): string {
  return decidedBy ?? 'somebody'
}

function timeOf(text: string | undefined): Instant | undefined {
  return text === undefined ? undefined : parseInstant(text)
}
