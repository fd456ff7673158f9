import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, Condition, Grant, RequestedAction } from './kinds.ts'
import type { Repeatability } from './grant.ts'
import { effectOf, targetOf } from './outcome.ts'
import type { Sighting } from './outcome.ts'
import { timestamp } from './request.ts'

/**
 * How long to wait. `leaseMs`: a claim covers repeats of the same call. `callMs`: the longest time from the moment when
 * the API server is told yes until the write is stored or given up.
 */
export type OutcomeTimes = { readonly leaseMs: number; readonly callMs: number }

/** The API server gives one write 34 s. */
export const longestCallMs = 34_000

/** Most writes are stored a moment after they were let through. */
const firstLookMs = 1_000

/** Clocks differ: a claim that was made in time may come in later. */
const lateClaimMs = 5_000

/** What is said about an approval's use. */
export type Executed = Pick<Condition, 'status' | 'reason' | 'message'>

/** What to do next to learn what became of an approval. */
export type OutcomeStep =
  | { readonly step: 'Rest' }
  | { readonly step: 'Wait'; readonly until: Instant }
  | { readonly step: 'Say'; readonly executed: Executed }
  | { readonly step: 'Look' }

const rest: OutcomeStep = { step: 'Rest' }

type Use = {
  readonly grant: Grant
  readonly said: Condition | undefined
  readonly times: OutcomeTimes
  readonly now: Instant
}

/** Decides from the request alone whether it is time to read the target, or enough is known without. */
export function outcomeStep(request: ApprovalRequest, times: OutcomeTimes, now: Instant): OutcomeStep {
  const grant = request.status?.grant
  const action = request.spec.actions[0]
  if (grant === undefined || action === undefined || isAnswered(request)) return rest
  if (grant.revoked !== undefined) return { step: 'Say', executed: states.revoked }
  const said = executedOf(request)
  const claimed = lastClaim(grant)
  const use = { grant, said, times, now }
  return claimed === undefined ? unused(use) : used(action, claimed, use)
}

function used(action: RequestedAction, claimed: Instant, use: Use): OutcomeStep {
  const { said, times, now } = use
  if (targetOf(action) === undefined) return { step: 'Say', executed: states.unobservable }
  if (said?.reason === 'Released') return look(claimed, times, now)
  if (said?.reason !== 'NotObserved' || !isAbout(said, claimed)) return sayReleased
  return lookAgain(action, { ...use, said })
}

function look(claimed: Instant, { leaseMs }: OutcomeTimes, now: Instant): OutcomeStep {
  const first = claimed + Math.min(firstLookMs, leaseMs)
  return now < first ? { step: 'Wait', until: first } : { step: 'Look' }
}

/** What the sighting means now: something to say, perhaps with the permission given back, or a time to look again. */
export type Meaning = { readonly executed: Executed; readonly rearm: boolean } | { readonly lookTime: Instant }

/** Judges what was seen of a request that is claimed and not answered. */
export function meaningOf(
  request: ApprovalRequest,
  seen: Sighting,
  { times, now }: { readonly times: OutcomeTimes; readonly now: Instant },
): Meaning {
  switch (seen) {
    case 'Executed':
      return { executed: states.executed, rearm: false }
    case 'Unobservable':
      return { executed: states.unobservable, rearm: false }
    case 'Moved':
      return { executed: states.moved, rearm: false }
    case 'Absent':
      return absent(effectOfRequest(request), { grant: request.status?.grant ?? noGrant, times, now })
  }
}

/** The condition as it is stored. */
export function executedCondition(executed: Executed, now: Instant): Condition {
  return { type: 'Executed', ...executed, lastTransitionTime: timestamp(now) }
}

const states = {
  executed: { status: 'True', reason: 'Executed', message: 'what was approved is seen in the target' },
  released: {
    status: 'Unknown',
    reason: 'Released',
    message: 'the command was let through; what it did is not seen yet',
  },
  unobservable: {
    status: 'Unknown',
    reason: 'Unobservable',
    message: 'the command was let through; Countersign cannot see what it did',
  },
  moved: {
    status: 'False',
    reason: 'NotObserved',
    message: 'the target was changed meanwhile, and what was approved is not seen in it; the approval is used up',
  },
  absent: {
    status: 'False',
    reason: 'NotObserved',
    message: 'the command was let through, and its effect is not seen; the approval is used up',
  },
  givenBack: {
    status: 'False',
    reason: 'NotObserved',
    message: 'the command was let through, and the target was not changed; the approval can be used once more',
  },
  neverUsed: { status: 'False', reason: 'NeverUsed', message: 'the approval ended before it was used' },
  revoked: { status: 'False', reason: 'Revoked', message: 'the approval was taken back before it was used' },
} as const satisfies Readonly<Record<string, Executed>>

const sayReleased: OutcomeStep = { step: 'Say', executed: states.released }

/** The words for an approval that was taken back, which are written together with it. */
export const revokedState: Executed = states.revoked

const lastWords: ReadonlySet<string> = new Set(['Executed', 'Unobservable', 'Revoked'])

/** Is the last word about its use said? Then nothing is looked at any more. */
function isAnswered(request: ApprovalRequest): boolean {
  return lastWords.has(executedOf(request)?.reason ?? '')
}

/** Decided, and nothing is left to find out about it. */
export function isClosed(request: ApprovalRequest): boolean {
  const { decision, grant } = request.status ?? {}
  if (decision !== 'Approved') return decision !== undefined
  const neverUsed = grant?.claims.length === 0 && executedOf(request)?.reason === 'NeverUsed'
  return neverUsed || isAnswered(request)
}

function executedOf({ status }: ApprovalRequest): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Executed')
}

function lastClaim({ claims }: Grant): Instant | undefined {
  return parseInstant(claims.at(-1)?.time ?? '')
}

/** A second claim, after the permission was given back, is a new question. */
function isAbout({ lastTransitionTime }: Condition, claimed: Instant): boolean {
  return (parseInstant(lastTransitionTime) ?? 0) > claimed
}

function endOf({ expirationTime }: Grant): Instant {
  return parseInstant(expirationTime) ?? 0
}

function unused({ grant, said, now }: Use): OutcomeStep {
  if (said?.reason === 'NeverUsed') return rest
  const end = endOf(grant) + lateClaimMs
  return now > end ? { step: 'Say', executed: states.neverUsed } : { step: 'Wait', until: end + 1 }
}

type Again = Use & { readonly said: Condition }

/** A delete may take effect as long as the grant lives: an eviction that a disruption budget blocks goes on for minutes. */
function lookAgain(action: RequestedAction, { grant, said, times, now }: Again): OutcomeStep {
  const end = endOf(grant) + times.callMs
  if (effectOf(action) !== 'Delete' || (parseInstant(said.lastTransitionTime) ?? 0) > end) return rest
  return now > end ? { step: 'Look' } : { step: 'Wait', until: end + 1000 }
}

type Unseen = { readonly grant: Grant; readonly times: OutcomeTimes; readonly now: Instant }

const noGrant: Grant = { expirationTime: '', claims: [], rearmed: 0 }

/**
 * Looked at again after twice the time, so that what happens early is told early. An update is given up only when no call
 * that was let through can still be stored: a repeat is let through until the end of the lease, and has its own time
 * after that. Else one approval could be used twice.
 */
function absent(effect: Repeatability | undefined, { grant, times, now }: Unseen): Meaning {
  const update = effect === 'Update'
  const claimed = lastClaim(grant) ?? 0
  const end = claimed + times.leaseMs + (update ? times.callMs : 0)
  if (now <= end) return { lookTime: Math.min(end + 1, now + Math.max(firstLookMs, now - claimed)) }
  const rearm = update && grant.rearmed === 0 && now < endOf(grant)
  return { executed: rearm ? states.givenBack : states.absent, rearm }
}

function effectOfRequest({ spec }: ApprovalRequest): Repeatability | undefined {
  return spec.actions[0] && effectOf(spec.actions[0])
}
