import type { Action } from '../domain/action.ts'
import type { Approvers } from '../domain/approvers.ts'
import type { Digest, DigestContext } from '../domain/digest.ts'
import type { DecisionRecord } from '../domain/evidence.ts'
import type { Instant } from '../domain/instant.ts'
import type { JsonObject } from '../domain/json.ts'
import type { ApprovalRequest, ClusterIdentity, Justification, ObjectRef, WaitRule } from '../domain/kinds.ts'
import type { Masked, View } from '../domain/mask.ts'
import type { MaskedDiff } from '../domain/kinds.ts'
import type { PolicyIndex, Circumstances } from '../domain/policy.ts'
import type { PauseWord } from '../domain/wording.ts'
import type { TargetCheck } from './check-target.ts'
import type { Measure } from './fact.ts'
import type { HoldSlots } from './hold-slots.ts'
import type { Openings } from './openings.ts'
import type { Ref, WebhookRequests } from './ports.ts'

/** What is known of the agent that asks, from its service account, its namespace and its AgentIdentity. */
export type KnownAgent = {
  /** `agents/bot` for a service account, else the username. */
  readonly name: string
  /** Value of the label countersign.dev/agent. */
  readonly label: string
  readonly identity: ObjectRef | undefined
  readonly paused: PauseWord | undefined
  readonly owner: string | undefined
  readonly onBehalfOf: string | undefined
  readonly wait: WaitRule
  readonly justification: Justification | undefined
}

/** Who made the call, beyond the agent's name: what the API server says of the token. */
export type CallerFacts = {
  readonly groups: readonly string[]
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string | undefined } | undefined
  readonly credentialID: string | undefined
}

/** What the webhook holds in memory. It may be seconds old; nothing is released on its word alone. */
export type Memory = {
  readonly policies: () => PolicyIndex
  /** Another one whenever policies, groups or an identity of the agent change: what was judged under another one is judged again. */
  readonly epoch: (username: string, caller: CallerFacts) => string
  /** Whoever memory does not know is an agent of whom nothing more is known. */
  readonly agent: (username: string, caller: CallerFacts) => KnownAgent
  readonly circumstances: (action: Action) => Circumstances
  readonly approvers: () => Approvers
  readonly newest: (digest: Digest) => ApprovalRequest | undefined
  readonly undecidedOf: (agentLabel: string) => readonly ApprovalRequest[]
  /** The request once it is decided; undefined when `until` ends first. */
  readonly decided: (request: Ref, until: AbortSignal) => Promise<ApprovalRequest | undefined>
  /** How long ago policies and identities were heard of last, in milliseconds. */
  readonly staleMs: () => number
}

/** Live reads of what an action works on. */
export type Targets = {
  /**
   * The uid of the live object of the action's name: what a Connect or a Create on a subresource works on, or what an
   * earlier Create or Delete of that name has left. Undefined where there is none, or it may not be read.
   */
  readonly liveUID: (action: Action, until: AbortSignal) => Promise<string | undefined>
  /** The live target of an Update or Delete; `NotAllowed` where the webhook may not read it. */
  readonly live: (action: Action, until: AbortSignal) => Promise<JsonObject | 'NotFound' | 'NotAllowed'>
}

type Records = {
  /** The signed record of the request's decision; undefined when its signature does not hold, or it is for another request. */
  readonly verified: (request: ApprovalRequest) => Promise<DecisionRecord | undefined>
}

/** More lines, or more bytes, than a person can be shown. */
export type TooLarge = { readonly tooLarge: { readonly lines: number; readonly most: number } }

type Diffs = {
  /** The diff as it goes into a request; where it is longer, the whole of it is stored first. */
  readonly store: (view: Masked<View>) => Promise<Masked<MaskedDiff> | TooLarge>
}

type AdmitSettings = {
  readonly namespace: string
  readonly cluster: ClusterIdentity
  readonly holdMs: number
  readonly patienceMs: number
  readonly marginMs: number
  readonly staleMs: number
  readonly mostPending: number
  /** For how long a claim covers repeats. */
  readonly leaseMs: number
}

export type AdmitPorts = {
  readonly memory: Memory
  readonly requests: WebhookRequests
  readonly targets: Targets
  readonly records: Records
  readonly checkTarget: TargetCheck
  readonly diffs: Diffs
  readonly slots: HoldSlots
  readonly openings: Openings
  /** May the agent make one more gated call now? */
  readonly mayCall: (agent: string) => boolean
  /** By which digests are made: the current key first, then those under which requests may still be known. */
  readonly digestContexts: () => readonly [DigestContext, ...DigestContext[]]
  readonly now: () => Instant
  /** Milliseconds on a clock that nobody sets, for the time that a call has left. */
  readonly elapsed: () => number
  /** A signal that is aborted after so long. */
  readonly timeout: (milliseconds: number) => AbortSignal
  /** A signal that is aborted after so long, or when the caller has gone: what is asked for this call ends with it. */
  readonly within: (milliseconds: number, gone: AbortSignal) => AbortSignal
  /** This replica is about to end: whoever still waits is sent to another one. */
  readonly draining: () => boolean
  readonly measure: Measure
  /** Somebody has to look at this request: what is stored of it is not what was signed. */
  readonly alarm: (alarm: 'DecisionNotSigned', request: string) => void
  readonly settings: AdmitSettings
}
