import type { CastOutcome } from '../app/cast-vote.ts'
import type { Ballot } from '../app/cast-vote-ports.ts'
import type { RawRequest } from '../app/raw.ts'
import type { Approvers } from '../domain/approvers.ts'
import type { ShownDiff } from '../domain/effects.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import type { Caller, TabChannel } from './caller.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { TabRefusal } from './tab-refusals.ts'

export type TabPorts = {
  /** Whether this person, by object id, may ask anything now: most questions make the gateway read. */
  readonly mayAsk: (person: string) => boolean
  /** The Teams channels, as they are now. */
  readonly channels: () => readonly TabChannel[]
  /** Those that are known in full: all undecided ones, and those that may still change. */
  readonly requests: () => Iterable<ApprovalRequest>
  /** Any request, by its name; a closed one is read. Rejects when that fails. */
  readonly request: (name: string) => Promise<ApprovalRequest | undefined>
  /** The whole masked change, or its beginning and why there is no more. Rejects when it cannot be read. */
  readonly diffOf: (request: ApprovalRequest) => Promise<ShownDiff>
  readonly approvers: () => Approvers
  /** The use case. Rejects when the API server gives no usable answer: then the same click may come again. */
  readonly castVote: (ballot: Ballot) => Promise<CastOutcome>
  /** Told of every change of requests and groups. */
  readonly feed: ChangeFeed
  readonly now: () => Instant
  /** Resolves after `ms`, or as soon as `until` is aborted. Never rejects. */
  readonly sleep: (ms: number, until: AbortSignal) => Promise<void>
  /** For the log and the counters: what was not done, by its name. `error`: what another port rejected with. */
  readonly refused: (
    refusal: TabRefusal,
    why: { readonly words?: string | undefined; readonly error?: unknown },
  ) => void
}

/** A request of a known person. `name`: of the ApprovalRequest in the path; empty where it names none. */
export type Asked = {
  readonly ports: TabPorts
  readonly caller: Caller
  readonly raw: RawRequest
  readonly name: string
}
