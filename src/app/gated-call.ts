import type { Action } from '../domain/action.ts'
import type { Content } from '../domain/content.ts'
import { digestOf, requestName } from '../domain/digest.ts'
import type { Digest, DigestContext } from '../domain/digest.ts'
import type { ApprovalRequest, PolicySnapshot } from '../domain/kinds.ts'
import type { Demand } from '../domain/requirements.ts'
import { summaryOf } from '../domain/summary.ts'
import type { Caller } from '../domain/wait.ts'
import type { CitedRequest, Deed } from '../domain/wording.ts'
import type { CallerFacts, KnownAgent } from './admit-ports.ts'
import type { Annotations } from './answer.ts'

/** One call as the webhook got it. */
export type Call = {
  /** Names the call; the API server sends it again under the same uid after a 503. */
  readonly uid: string
  readonly action: Action
  readonly caller: CallerFacts
  readonly dryRun: boolean
  /** When the API server stops listening, in milliseconds on a clock that nobody sets. */
  readonly deadline: number
  /** Aborted when the caller has gone away. */
  readonly gone: AbortSignal
}

/** A call that policies want a person to approve. */
export type GatedCall = {
  readonly call: Call
  readonly agent: KnownAgent
  /** What memory was at when it was judged. */
  readonly epoch: string
  readonly demand: Demand
  readonly policies: readonly PolicySnapshot[]
  readonly content: Content
  readonly deed: Deed
}

/** A gated call whose identity is known. */
export type IdentifiedCall = GatedCall & {
  readonly digest: Digest
  readonly context: DigestContext
  readonly annotations: Annotations
  /** Ends what is asked of others for this call. */
  readonly until: AbortSignal
}

/** What the call would do, in words. The digest is not known yet: for some actions it needs a live read. */
export function deedOf(action: Action, content: Content, policies: readonly PolicySnapshot[]): Deed {
  return { action: summaryOf(action, content), policy: policies[0]?.name ?? '', digest: '' }
}

type Identity = Pick<IdentifiedCall, 'context' | 'until'> & { readonly parentUID: string | undefined }

/** Gives the call its digest, and the annotations that go with it. */
export function identified(gated: GatedCall, { parentUID, context, until }: Identity): IdentifiedCall {
  const call = { ...gated.call, action: { ...gated.call.action, parentUID } }
  const digest = digestOf(call.action, gated.content, context)
  const annotations = { decision: 'Gated', digest, 'approval-request': requestName(digest) }
  return { ...gated, call, digest, context, until, annotations, deed: { ...gated.deed, digest } }
}

/** How messages cite a request of this call. */
export function cite({ deed }: GatedCall, request: ApprovalRequest, namespace: string): CitedRequest {
  return { ...deed, namespace, name: request.metadata.name }
}

/** The groups asked, as one text for people. */
export function groupsText({ demand }: GatedCall): string {
  const groups = demand.requirements.stages.flatMap(({ approverGroupRefs }) =>
    approverGroupRefs.map(({ name }) => name),
  )
  return [...new Set(groups)].join(' and ')
}

/** How the caller behaves: what never sends again is held once, and then only by the call that opened the request. */
export function callerOf({ call, agent, demand }: GatedCall, opened: boolean): Caller {
  const { operation, resource } = call.action
  if (agent.wait.mode === 'Immediate' || demand.wait.mode === 'Immediate') return 'Neither'
  if (operation === 'Connect') return opened ? 'Holds' : 'Neither'
  return resource.subresource === 'eviction' ? 'Holds' : 'HoldsAndRetries'
}
