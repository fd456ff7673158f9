import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, ApprovalVote, ApprovalVoteSpec, Verdict, VoteEvidence, Voter } from '../domain/kinds.ts'
import type { Masked } from '../domain/mask.ts'

/** A vote as the gateway composes it. */
export type UnsignedVote = Omit<ApprovalVoteSpec, 'evidence'> & { readonly evidence: Omit<VoteEvidence, 'signature'> }

/** What a verified person says about a request, through any channel. */
export type Ballot = {
  readonly requestUID: string
  readonly verdict: Verdict
  /** Whole, as it was typed; empty when nothing was. */
  readonly comment: string
  readonly voter: Voter
  readonly evidence: Omit<VoteEvidence, 'signature' | 'verifiedTime'>
  /** Digest of what the person was shown; undefined where he was shown the request itself, whose content never changes. */
  readonly seenDigest?: string | undefined
  /** The same for every sending of one click, wherever it arrives, and for no other one: it names the vote. */
  readonly clickID: string
}

/** The requests as the gateway knows them. */
export type KnownRequests = {
  /** As it is known now; a closed one is read. Undefined when there is none. May reject when that fails. */
  readonly find: (uid: string) => Promise<ApprovalRequest | undefined>
  /** The request as soon as it is so; undefined when `until` ends before, or the request leaves. May reject as `find`. */
  readonly once: (
    uid: string,
    isSo: (request: ApprovalRequest) => boolean,
    until: AbortSignal,
  ) => Promise<ApprovalRequest | undefined>
}

/**
 * `AlreadyExists`: a vote of this name was cast before. `Refused`: by the schema or a policy. Rejects when nobody can say
 * whether it was stored.
 */
export type Cast = (vote: Masked<ApprovalVote>) => Promise<'Stored' | 'AlreadyExists' | 'Refused'>

export type CastVotePorts = {
  readonly requests: KnownRequests
  /** Undefined while there is no key that others trust. */
  readonly sign: (vote: UnsignedVote) => Promise<ApprovalVoteSpec> | undefined
  readonly cast: Cast
  /** Whether this person may say something about this request now: nobody fills a request with votes. */
  readonly mayVote: (who: string) => boolean
  /** A signal that is aborted after so many milliseconds. */
  readonly timeout: (milliseconds: number) => AbortSignal
  /** For how long the effect of a vote is waited for, from the click on. */
  readonly answerMs: number
  readonly now: () => Instant
}
