import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, ApprovalRequestSpec, ApprovalRequestStatus, Claim, Revocation } from '../domain/kinds.ts'
import type { Digest } from '../domain/digest.ts'
import type { Masked } from '../domain/mask.ts'

/** One object of the records namespace. The uid tells it from a later one of the same name. */
export type Ref = { readonly name: string; readonly uid: string }

/** What a request is opened with. The name is that of its attempt, so that identical calls meet in one request. */
export type RequestDraft = {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly spec: ApprovalRequestSpec
}

/** A request as the API server has it now. */
export type LiveRequest = {
  readonly request: ApprovalRequest
  /** The API server's clock when it said so. */
  readonly date: Instant | undefined
}

/** What the webhook saw of an approved request when it decided to claim. */
export type GrantRef = Ref & { readonly claims: readonly Claim[]; readonly rearmed: number }

/**
 * `Claimed` alone lets the command through. `Lost`: the grant is no longer as it was seen; judge again by what is live
 * now (undefined: the request is gone). `RecordUnavailable`: refused although nothing about the grant has changed,
 * which is an alarm. `tries`: how often the patch was sent.
 */
export type ClaimOutcome =
  | (LiveRequest & { readonly outcome: 'Claimed'; readonly tries: number })
  | { readonly outcome: 'Lost'; readonly live: LiveRequest | undefined }
  | { readonly outcome: 'RecordUnavailable' }

/** What only the webhook writes. Every call may reject when the API server gives no usable answer. */
export type WebhookRequests = {
  /** Creates the request, or finds the one already there. */
  readonly open: (draft: Masked<RequestDraft>, until?: AbortSignal) => Promise<LiveRequest>
  /** The newest attempt, read live. `known`: the number of an attempt that was seen before, from which the walk begins. */
  readonly latest: (chain: Chain, until?: AbortSignal) => Promise<LiveRequest | undefined>
  /** Appends `claim` by compare-and-swap on decision, re-arming and the claims seen. Other changes do not disturb it. */
  readonly claim: (grant: GrantRef, claim: Claim, until?: AbortSignal) => Promise<ClaimOutcome>
}

/** All attempts of one action. */
export type Chain = { readonly digest: Digest; readonly known?: number | undefined }

/** The status of a decision. All of it is stored in one write, or none. */
export type DecidedStatus = Required<
  Pick<ApprovalRequestStatus, 'decision' | 'basis' | 'decisionTime' | 'record' | 'conditions'>
> &
  Pick<ApprovalRequestStatus, 'decidedBy' | 'grant' | 'stages' | 'progress' | 'votes'>

/**
 * What the operator has seen or done. Entries of lists are added, or take the place of the entry with the same key
 * (condition type, stage name, channel and ref of a message); a vote that is noted stays as it is; nothing is removed.
 */
export type StatusNote = Pick<
  ApprovalRequestStatus,
  'conditions' | 'stages' | 'progress' | 'votes' | 'messages' | 'context' | 'latestAttempt' | 'cooldownRevoked'
>

/** `Invalid`: the API server refuses it for good, by a rule of the schema or a policy. `Busy`: too many wrote at once. */
export type NoteOutcome = 'Stored' | 'NotFound' | 'Invalid' | 'Busy'

/** What only the operator writes. `seen` saves a read: it may be old, the write is checked against what is stored. */
export type OperatorRequests = {
  /**
   * Decision and signed record in one compare-and-swap. Nothing is written when somebody else has decided
   * (`AlreadyDecided`), or has noted one of the votes as it is not judged here (`Changed`).
   */
  readonly decide: (
    seen: ApprovalRequest,
    decided: Masked<DecidedStatus>,
  ) => Promise<NoteOutcome | 'AlreadyDecided' | 'Changed'>
  /** `AlreadyDecided`: it was judged as undecided, and is decided; nothing was written. */
  readonly note: (seen: ApprovalRequest, note: Masked<StatusNote>) => Promise<NoteOutcome | 'AlreadyDecided'>
  /** Takes the approval back while it is unclaimed. `Changed`: it was claimed or taken back meanwhile; judge again. */
  readonly revoke: (
    seen: ApprovalRequest,
    revoked: Revocation,
    note: Masked<StatusNote>,
  ) => Promise<NoteOutcome | 'Changed'>
  /** Gives the permission back once. `Changed`: its claims are no longer those that were seen. */
  readonly rearm: (seen: ApprovalRequest, note: Masked<StatusNote>) => Promise<NoteOutcome | 'Changed'>
}
