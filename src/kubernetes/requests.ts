import type { DecidedStatus, LiveRequest, NoteOutcome, OperatorRequests, Ref, StatusNote } from '../app/ports.ts'
import type { WebhookRequests } from '../app/ports.ts'
import type { ApprovalRequest, Revocation } from '../domain/kinds.ts'
import { latestAttempt } from './attempts.ts'
import { claimGrant } from './claim.ts'
import type { CallOptions } from './objects.ts'
import { openRequest } from './open-request.ts'
import { sameJson } from './same-json.ts'
import {
  decisionOperations,
  noteOperations,
  pendingNoteOperations,
  rearmOperations,
  revokeOperations,
} from './status-patch.ts'
import { swap } from './swap.ts'
import type { Next, RequestPorts, Swapped } from './swap.ts'

/** The requests as the webhook writes them. */
export function makeWebhookRequests(ports: RequestPorts): WebhookRequests {
  return {
    open: (draft, until) => openRequest(ports, draft, during(until)),
    latest: (chain, until) => latestAttempt(ports, chain, during(until)),
    claim: (grant, claim, until) => claimGrant(ports, { grant, claim, options: during(until) }),
  }
}

/** The requests as the operator writes them. */
export function makeOperatorRequests(ports: RequestPorts): OperatorRequests {
  return {
    decide: (seen, decided) => decide(ports, seen, decided),
    note: (seen, note) => writeNote(ports, seen, note),
    revoke: (seen, revoked, note) => revoke(ports, seen, { revoked, note }),
    rearm: (seen, note) => rearm(ports, seen, note),
  }
}

function during(until: AbortSignal | undefined): CallOptions {
  return until === undefined ? {} : { signal: until }
}

async function decide(
  ports: RequestPorts,
  seen: ApprovalRequest,
  decided: DecidedStatus,
): Promise<NoteOutcome | 'AlreadyDecided' | 'Changed'> {
  const judge = ({ request }: LiveRequest): Next<'Stored' | 'AlreadyDecided' | 'Changed'> => {
    if (request.status?.decision === undefined) {
      return judgedAlike(request, decided) ? { operations: decisionOperations(request, decided) } : { done: 'Changed' }
    }
    return { done: sameJson(request.status.record, decided.record) ? 'Stored' : 'AlreadyDecided' }
  }
  const begin = judge({ request: seen, date: undefined })
  if ('done' in begin) return begin.done
  return outcomeOf(await swap(ports, { ref: refOf(seen), first: begin.operations, judge }))
}

/** A decision may not rest on a vote that the status shows as refused, or leave one out that it shows as counted. */
function judgedAlike({ status }: ApprovalRequest, { votes = [] }: DecidedStatus): boolean {
  const counted = new Map((status?.votes ?? []).map((vote) => [vote.uid, vote.counted]))
  return votes.every((vote) => (counted.get(vote.uid) ?? vote.counted) === vote.counted)
}

/** What was judged as undecided is written while that is so. */
async function writeNote(
  ports: RequestPorts,
  seen: ApprovalRequest,
  note: StatusNote,
): Promise<NoteOutcome | 'AlreadyDecided'> {
  const pending = seen.status?.decision === undefined && restsOnJudgement(note)
  const operationsFor = pending ? pendingNoteOperations : noteOperations
  const judge = ({ request }: LiveRequest): Next<'Stored' | 'AlreadyDecided'> => {
    if (pending && request.status?.decision !== undefined) return { done: 'AlreadyDecided' }
    const operations = operationsFor(request, note)
    return operations.length === 0 ? { done: 'Stored' } : { operations }
  }
  const begin = judge({ request: seen, date: undefined })
  if ('done' in begin) return begin.done
  return outcomeOf(await swap(ports, { ref: refOf(seen), first: begin.operations, judge }))
}

/** Where the votes stand is true until the decision; that a card was sent stays true. */
function restsOnJudgement({ votes, stages, progress, conditions = [] }: StatusNote): boolean {
  return [votes, stages, progress].some((one) => one !== undefined) || conditions.some(({ type }) => type === 'Decided')
}

async function revoke(
  ports: RequestPorts,
  seen: ApprovalRequest,
  { revoked, note }: { readonly revoked: Revocation; readonly note: StatusNote },
): Promise<NoteOutcome | 'Changed'> {
  const judge = ({ request }: LiveRequest): Next<'Stored' | 'Changed'> => {
    const { grant } = request.status ?? {}
    if (grant?.revoked !== undefined) return { done: sameJson(grant.revoked, revoked) ? 'Stored' : 'Changed' }
    if (grant === undefined || grant.claims.length > 0) return { done: 'Changed' }
    return { operations: revokeOperations(request, revoked, note) }
  }
  const begin = judge({ request: seen, date: undefined })
  if ('done' in begin) return begin.done
  return outcomeOf(await swap(ports, { ref: refOf(seen), first: begin.operations, judge }))
}

async function rearm(ports: RequestPorts, seen: ApprovalRequest, note: StatusNote): Promise<NoteOutcome | 'Changed'> {
  const claims = seen.status?.grant?.claims ?? []
  const judge = ({ request }: LiveRequest): Next<'Stored' | 'Changed'> => {
    const { grant } = request.status ?? {}
    if (grant === undefined || !sameJson(grant.claims, claims)) return { done: 'Changed' }
    if (grant.rearmed > 0) return { done: 'Stored' }
    return { operations: rearmOperations(request, claims, note) }
  }
  const begin = judge({ request: seen, date: undefined })
  if ('done' in begin) return begin.done
  return outcomeOf(await swap(ports, { ref: refOf(seen), first: begin.operations, judge }))
}

function outcomeOf<Done>(swapped: Swapped<Done>): Done | NoteOutcome {
  return swapped.outcome === 'Done' ? swapped.done : swapped.outcome
}

function refOf({ metadata }: ApprovalRequest): Ref {
  if (metadata.uid === undefined) throw new TypeError('a request as stored has a uid')
  return { name: metadata.name, uid: metadata.uid }
}
