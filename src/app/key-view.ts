import type { Instant } from '../domain/instant.ts'
import type { Trust, TrustedKey } from '../domain/trust.ts'
import type { Ring, RingKey, RingName } from './key-ring.ts'

/** Milliseconds. A key is to live longer than it takes to replace it: `rotateMs` > `publishMs`. */
export type KeySettings = {
  /** The age at which the current key of a ring is replaced. */
  readonly rotateMs: number
  /** How long a new key is known to the others, at least, before it is used: longer than a Lease takes to lapse. */
  readonly publishMs: number
  /** How long a key is kept, at least, after another one took its place. */
  readonly dropMs: number
  /** Ids of keys that somebody else may hold: replaced, and dropped as soon as that is done, whatever still rests on them. */
  readonly compromised: ReadonlySet<string>
}

/** What a running replica says it knows, in its Lease. */
export type KeyReport = {
  readonly component: 'webhook' | 'operator' | 'gateway'
  readonly keyIDs: ReadonlySet<string>
}

export type KeyFacts = {
  /** Of every replica whose Lease is fresh. */
  readonly reports: readonly KeyReport[]
  /**
   * Ids of keys on which something rests that is still looked up: a stored record or vote, the digest of an undecided
   * request or of a valid grant, the handle of a card that can be clicked.
   */
  readonly inUse: ReadonlySet<string>
}

/** What is stored. A ring that cannot be read is missing; `trust` is undefined when no published set can be begun with. */
export type KeysSeen = {
  readonly rings: ReadonlyMap<RingName, Ring>
  /** What this process trusts after its reading of the published set; empty when nothing was ever published. */
  readonly trust: Trust | undefined
  /** The published set is not what this process trusts. */
  readonly damaged: boolean
}

/** One ring, and all that its next step depends on. */
export type View = {
  readonly name: RingName
  readonly ring: Ring
  readonly seen: KeysSeen
  readonly facts: KeyFacts
  readonly settings: KeySettings
  readonly now: Instant
}

/** The keys that are used or will be. */
export function live({ ring, seen, settings }: View): readonly RingKey[] {
  return ring.keys.filter(({ id, retiredTime }) => {
    if (id === ring.current) return true
    return retiredTime === undefined && !settings.compromised.has(id) && trustedAs(seen, id)?.dismissal === undefined
  })
}

/** The key that is about to become the current one. */
export function nextOf(view: View): RingKey | undefined {
  return live(view).find(({ id }) => id !== view.ring.current)
}

/** A key that was replaced long enough ago, and on which nothing rests; or one that somebody else may hold. */
export function isOver({ facts, settings, now }: View, id: string, retiredTime: Instant | undefined): boolean {
  if (settings.compromised.has(id)) return true
  return retiredTime !== undefined && retiredTime + settings.dropMs <= now && !facts.inUse.has(id)
}

export function trustedAs(seen: KeysSeen, id: string): TrustedKey | undefined {
  return seen.trust?.find(({ kid }) => kid === id)
}

export function isAccepted(seen: KeysSeen, id: string): boolean {
  const key = trustedAs(seen, id)
  return key !== undefined && key.dismissal === undefined
}

/** The key that signs statements about keys: the current evidence key, once it is trusted itself. */
export function voucherOf(seen: KeysSeen): string | undefined {
  const id = seen.rings.get('evidence')?.current
  return id !== undefined && isAccepted(seen, id) ? id : undefined
}

/** The published set goes back to keys of which none is held. */
export function isKeyLost(seen: KeysSeen): boolean {
  return (seen.trust?.length ?? 0) > 0 && voucherOf(seen) === undefined
}
