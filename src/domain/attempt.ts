import type { Refusal } from './check.ts'
import { attemptsSpent, changesRequested, denied, deniedAgain, revoked } from './decided-message.ts'
import type { DecisionRecord } from './evidence.ts'
import { useOf } from './grant.ts'
import type { GrantUse, Use } from './grant.ts'
import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, PolicySnapshot } from './kinds.ts'
import { warnLapsed, warnUsed } from './warning.ts'
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
  readonly cited: CitedRequest
  /** Has this very answer been given before (not the call that was waiting for it)? */
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
  if (record === undefined || record.decision !== request.status.decision) return { step: 'Distrust' }
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

function approved(judged: Judged, record: DecisionRecord): NextStep {
  const { request, use, now } = judged
  const stored = request.status?.grant
  if (stored === undefined || record.grantExpirationTime === undefined) return { step: 'Distrust' }
  const answer = useOf({ ...stored, expirationTime: record.grantExpirationTime }, use, now)
  if (answer === 'Claim' && !underSamePolicies(judged, record)) return { step: 'Open', warning: undefined }
  return stepOf(answer, judged, record)
}

function stepOf(use: GrantUse, judged: Judged, record: DecisionRecord): NextStep {
  const { request, now } = judged
  const by = record.decidedBy ?? 'somebody'
  switch (use) {
    case 'Claim':
      return { step: 'Claim' }
    case 'Again':
      return { step: 'Allow' }
    case 'Moved':
      return { step: 'Unsettled' }
    case 'Spent':
      return { step: 'Open', warning: warnUsed(request.metadata.name, lastClaim(request) ?? now) }
    case 'Lapsed':
      return { step: 'Open', warning: warnLapsed(request.metadata.name, by, timeOf(record.grantExpirationTime) ?? now) }
    case 'Revoked':
      return afterRevocation(judged, record)
  }
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

/** Nobody answered: the next attempt asks again, unless three within the hour have found nobody. */
function unanswered({ request, cited, groups, now }: Judged): NextStep {
  const times = [request.spec.expirationTime, ...(request.spec.attempt.expiredTimes ?? [])]
  const recent = times.flatMap((time) => timeOf(time) ?? []).filter((time) => now - time < hourMs)
  const first = recent.toSorted((a, b) => a - b)[0]
  if (recent.length < mostExpired || first === undefined) return { step: 'Open', warning: undefined }
  const until = first + hourMs
  return { step: 'Refuse', refusal: attemptsSpent(cited, { times: recent.length, until, groups }) }
}

function wordOf(record: DecisionRecord, now: Instant): PersonsWord {
  return { by: record.decidedBy ?? 'somebody', time: timeOf(record.decisionTime) ?? now, comment: record.comment }
}

function timeOf(text: string | undefined): Instant | undefined {
  return text === undefined ? undefined : parseInstant(text)
}
