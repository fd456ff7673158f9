import { isDeepStrictEqual } from 'node:util'
import type { Webhook } from '../domain/gate.ts'
import type { Instant } from '../domain/instant.ts'
import type { WebhookConfiguration } from './gate-objects.ts'

/** Webhooks as we make them. */
export type Made = {
  readonly webhooks: readonly Webhook[]
  /** The same as the API server stores them: a later version of it may add fields of its own. */
  readonly stored: readonly unknown[]
  /** Names of the identities that they are made from. */
  readonly identities: readonly string[]
}

/** Which identities are in the configuration that was read back, and since when. */
export type InForce = {
  /** What stood in it when it last stood rightly; undefined before it did. */
  readonly webhooks: readonly unknown[] | undefined
  readonly since: ReadonlyMap<string, Instant>
}

export const nothingInForce: InForce = { webhooks: undefined, since: new Map() }

export type InForceSight = {
  readonly live: WebhookConfiguration | undefined
  /** What would stand in it rightly now: what is wanted, and what was put there last. */
  readonly made: readonly Made[]
  /** Identities that were found gated before this process looked: for them nobody has to wait again. */
  readonly gatedBefore: ReadonlySet<string>
  readonly now: Instant
}

/** While our own change is under way, the configuration before it still holds; what others wrote holds for nobody. */
export function nowInForce(before: InForce, { live, made, gatedBefore, now }: InForceSight): InForce {
  const webhooks = live?.webhooks ?? []
  const right = live === undefined ? undefined : made.find((one) => isDeepStrictEqual(webhooks, one.stored))
  if (right !== undefined) {
    const isFirst = before.webhooks === undefined
    const since = (name: string): Instant => before.since.get(name) ?? (isFirst && gatedBefore.has(name) ? 0 : now)
    return { webhooks: right.stored, since: new Map(right.identities.map((name) => [name, since(name)])) }
  }
  if (live !== undefined && isDeepStrictEqual(webhooks, before.webhooks)) return before
  return { webhooks: before.webhooks, since: new Map() }
}

/**
 * What the API server made of webhooks that were put there: what it returned, when all that we said is in it as we said
 * it, and nothing more than fields of which we know nothing.
 */
export function storedAs(webhooks: readonly Webhook[], returned: readonly unknown[]): readonly unknown[] {
  const known = returned.map((one, place) => {
    const said = Object.keys(webhooks[place] ?? {})
    return Object.fromEntries(Object.entries(Object(one)).filter(([key]) => said.includes(key)))
  })
  return isDeepStrictEqual(known, webhooks) ? returned : webhooks
}
