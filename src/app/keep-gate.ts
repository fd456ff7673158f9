import { isDeepStrictEqual } from 'node:util'
import { webhookName } from '../domain/gate.ts'
import type { WebhookConfiguration } from './gate-objects.ts'
import type { Made } from './in-force.ts'

/** What the keeper of the webhook configuration sees at once. */
export type GateSight = {
  /** The configuration as the API server has it; undefined when there is none. */
  readonly live: WebhookConfiguration | undefined
  /** What is to stand in it; undefined while there is no certificate to be trusted. */
  readonly wanted: Wanted | undefined
  /** What stood in it rightly until now, as this process knows; undefined when it has never seen it so. */
  readonly stood: readonly unknown[] | undefined
  /** Some agent was gated before, as the identities say, which outlive the configuration. */
  readonly gatedBefore: boolean
  /** A webhook replica says that it is ready. */
  readonly answered: boolean
}

type Wanted = Pick<Made, 'webhooks' | 'stored'>

/**
 * `Missing`: only people can create it again. `Waiting`: the gate was never filled, and nobody would answer yet.
 * `InForce`: it stands as it should. `Fill`, `Change`, `Heal`: the object to put, and whether it was empty until now,
 * who is to be asked about has changed, or somebody else wrote it.
 */
export type GatePlan =
  | { readonly do: 'Nothing'; readonly because: 'Missing' | 'Waiting' | 'InForce' }
  | { readonly do: 'Put'; readonly because: 'Fill' | 'Change' | 'Heal'; readonly object: WebhookConfiguration }

/** Says that the gate was filled once: from then on it is kept filled, whether or not a webhook is there to answer. */
const filledAnnotation = 'countersign.dev/filled'

/**
 * What to write so that the API server asks us about all agents, and about nobody else. The whole list is ours: anything
 * in it that we did not write goes. Labels and annotations of others stay.
 */
export function planGate(sight: GateSight): GatePlan {
  const { live } = sight
  if (live === undefined) return { do: 'Nothing', because: 'Missing' }
  const mayFill = sight.answered || wasFilled(live, sight)
  const wanted = mayFill ? sight.wanted : nobody
  if (wanted === undefined) return { do: 'Nothing', because: 'Waiting' }
  if (stands(live, wanted)) return { do: 'Nothing', because: mayFill ? 'InForce' : 'Waiting' }
  return { do: 'Put', because: reasonToPut(live.webhooks ?? [], sight), object: filled(live, wanted.webhooks) }
}

/** Before the first webhook is ready nobody would answer, so nobody is asked: not even what somebody else put there. */
const nobody: Wanted = { webhooks: [], stored: [] }

/** Our own webhook in it is a sign, too: whoever takes the annotation away does not empty the gate by that. */
function wasFilled({ metadata, webhooks = [] }: WebhookConfiguration, { stood = [], gatedBefore }: GateSight): boolean {
  const isOurs = webhooks.some((webhook) => Object(webhook).name === webhookName)
  return gatedBefore || stood.length > 0 || isMarked({ metadata }) || isOurs
}

function isMarked({ metadata }: { readonly metadata: WebhookConfiguration['metadata'] }): boolean {
  return metadata?.annotations?.[filledAnnotation] === 'true'
}

function stands({ metadata, webhooks = [] }: WebhookConfiguration, { stored }: Wanted): boolean {
  return isDeepStrictEqual(webhooks, stored) && (webhooks.length === 0 || isMarked({ metadata }))
}

/** Of the first that a process sees, nobody knows who wrote it. */
function reasonToPut(webhooks: readonly unknown[], { stood, wanted }: GateSight): 'Fill' | 'Change' | 'Heal' {
  if (webhooks.length === 0 && (stood ?? []).length === 0) return 'Fill'
  if (stood === undefined) return 'Change'
  const isOurs = isDeepStrictEqual(webhooks, stood) || isDeepStrictEqual(webhooks, wanted?.stored)
  return isOurs ? 'Change' : 'Heal'
}

function filled(live: WebhookConfiguration, webhooks: readonly unknown[]): WebhookConfiguration {
  if (webhooks.length === 0) return { ...live, webhooks }
  const annotations = { ...live.metadata?.annotations, [filledAnnotation]: 'true' }
  return { ...live, metadata: { ...live.metadata, annotations }, webhooks }
}
