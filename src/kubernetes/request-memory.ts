import { isClosed } from '../domain/executed.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, ApprovalVote } from '../domain/kinds.ts'
import { isTold } from '../domain/notified.ts'
import type { Change } from './change.ts'
import type { Live } from './live-object.ts'

/** What is remembered of a request: all of it while something is to be done about it, little afterwards. */
export type KnownRequest = {
  readonly name: string
  readonly uid: string
  /** Undefined once it is closed. */
  readonly request: ApprovalRequest | undefined
  /** Closed, and no card of it is still to be drawn anew. */
  readonly told: boolean
  /** Uids of the votes that its status shows. */
  readonly noted: readonly string[]
  readonly decidedTime: Instant | undefined
  readonly number: number
  /** The ConfigMap with its long diff. */
  readonly diff: string | undefined
}

/** Thousands of closed requests stay, each for a month: nothing of them is kept that nobody reads. */
export function knownRequest(request: Live<ApprovalRequest>): KnownRequest {
  const { metadata, spec, status } = request
  const decidedTime = status?.decisionTime
  return {
    name: metadata.name,
    uid: metadata.uid,
    request: isClosed(request) ? undefined : request,
    told: isTold(request),
    noted: (status?.votes ?? []).map(({ uid }) => uid),
    decidedTime: decidedTime === undefined ? undefined : parseInstant(decidedTime),
    number: spec.attempt.number,
    diff: spec.actions[0]?.diff.fullRef?.name,
  }
}

/** A vote, with what it is looked up by. */
export type KnownVote = {
  readonly name: string
  readonly uid: string
  readonly request: string
  readonly time: Instant
  readonly vote: ApprovalVote
}

export function knownVote(vote: Live<ApprovalVote>): KnownVote {
  const { name, uid, creationTimestamp = '' } = vote.metadata
  return { name, uid, request: vote.spec.requestRef.name, time: parseInstant(creationTimestamp) ?? 0, vote }
}

/** Votes by the request that they name. */
export type VoteIndex = {
  readonly changed: (change: Change<KnownVote>) => void
  readonly of: (request: string) => readonly KnownVote[]
}

export function makeVoteIndex(): VoteIndex {
  const byRequest = new Map<string, Map<string, KnownVote>>()
  return {
    of: (request) => [...(byRequest.get(request)?.values() ?? [])],
    changed: ({ type, object }) => {
      const votes = byRequest.get(object.request) ?? new Map<string, KnownVote>()
      if (type === 'Added' || type === 'Updated') votes.set(object.name, object)
      else if (votes.get(object.name)?.uid === object.uid) votes.delete(object.name)
      if (votes.size > 0) byRequest.set(object.request, votes)
      else byRequest.delete(object.request)
    },
  }
}
