import type { Approvers } from '../domain/approvers.ts'
import type { Place } from '../domain/around.ts'
import type { HmacKey } from '../domain/digest.ts'
import type { OutcomeTimes } from '../domain/executed.ts'
import type { Instant } from '../domain/instant.ts'
import type {
  ApprovalRequest,
  ApprovalVote,
  ApprovalVoteSpec,
  ApproverGroup,
  Pause,
  SignedRecord,
} from '../domain/kinds.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Observation, Target } from '../domain/outcome.ts'
import type { Announcement } from './announce.ts'
import type { Measure } from './fact.ts'
import type { Log } from './log.ts'
import type { AskMemberships } from './memberships.ts'
import type { OperatorRequests } from './ports.ts'

/** A request and all its votes as the API server has them now, and its clock when it said so. */
type LiveSight = {
  readonly request: ApprovalRequest
  readonly votes: readonly ApprovalVote[]
  readonly date: Instant | undefined
}

/** What the operator's request loop works with. All may reject when there is no usable answer; the work is then done again. */
export type LoopPorts = {
  readonly requests: OperatorRequests
  /** Signs the text of a record; undefined while there is no key that everybody trusts: nothing is decided before that. */
  readonly sign: (payload: string) => Promise<SignedRecord> | undefined
  /**
   * Does the gateway's signature on a vote hold? For votes with evidence; of the others, the API server's admission policy
   * has seen to it that the voter casts them. Rejects while no keys are known.
   */
  readonly isTrustedVote: (vote: ApprovalVoteSpec) => Promise<boolean>
  /** The directory of all groups, by what they say themselves. */
  readonly approvers: () => Approvers
  readonly groups: () => Iterable<ApproverGroup>
  readonly askMemberships: AskMemberships
  readonly isAgent: (username: string, groups: readonly string[]) => boolean
  /** The request and its votes, read live; undefined when the request is gone. */
  readonly live: (request: ApprovalRequest) => Promise<LiveSight | undefined>
  /** One request by its name, read live. */
  readonly read: (name: string) => Promise<ApprovalRequest | undefined>
  readonly readTarget: (target: Target) => Promise<Observation>
  /** The same in less time, for what people wait for. */
  readonly readAround: (target: Target) => Promise<Observation>
  /** All objects of one kind in a namespace; undefined when they may not be read, are not served, or are too many. */
  readonly readList: (place: Place) => Promise<readonly JsonObject[] | undefined>
  /** The newest requests that bear this likeness. */
  readonly alike: (likeness: string) => Promise<readonly ApprovalRequest[]>
  /** A digest key by its id; undefined when it is gone. */
  readonly hmacKey: (id: string) => HmacKey | undefined
  /** Pauses the agent that one of these identities stands for, the first that exists, unless it is paused. */
  readonly pause: (identities: readonly string[], pause: Pause) => Promise<'Paused' | 'NoIdentity'>
  /** Publishes an Event. Returns at once, and fails in silence: nothing waits for it. */
  readonly announce: (announcement: Announcement) => void
  /** One line for each signed record, for whoever collects them. */
  readonly evidence: (line: string) => void
  readonly log: Log
  readonly measure: Measure
  readonly now: () => Instant
  /**
   * The earlier of our own clock and the API server's. Of two clocks, the one that is ahead would end a lease too soon, and
   * give a permission back while a call under it is still on its way.
   */
  readonly earliest: () => Instant
  readonly times: OutcomeTimes
  readonly graceMs: number
}
