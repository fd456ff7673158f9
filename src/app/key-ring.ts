import type { KeyObject } from 'node:crypto'
import type { Instant } from '../domain/instant.ts'
import { keyUses } from '../domain/trust.ts'
import type { KeyUse } from '../domain/trust.ts'

/** The rings of keys: `evidence` and `gateway` sign, `digest` hides values in digests, `handle` makes the handles of cards. */
export const ringNames = [...keyUses, 'digest', 'handle'] as const

export type RingName = (typeof ringNames)[number]

/** The Secret in which each ring lies. */
export const ringSecrets: Readonly<Record<RingName, string>> = {
  evidence: 'countersign-evidence',
  gateway: 'countersign-gateway-key',
  digest: 'countersign-digest',
  handle: 'countersign-handle',
}

/** The Secret with the public halves of all signing keys. */
export const trustSecret = 'countersign-trust'

/** A signing ring is one whose public halves are published. */
export function signs(name: RingName): name is KeyUse {
  return name === 'evidence' || name === 'gateway'
}

/** One key of a ring. Its secret is a KeyObject, which shows nothing of itself when it is printed. */
export type RingKey = {
  /** The kid of a signing key; else a name without meaning. */
  readonly id: string
  readonly createdTime: Instant
  /** Since when another key is the current one. */
  readonly retiredTime: Instant | undefined
  /** A private Ed25519 key or an HMAC key; undefined once a retired signing key is destroyed. */
  readonly secret: KeyObject | undefined
}

/** `current` is the id of the key in use; undefined in a ring that has no key yet. */
export type Ring = { readonly current: string | undefined; readonly keys: readonly RingKey[] }

export const emptyRing: Ring = { current: undefined, keys: [] }

export function keyOf(ring: Ring | undefined, id: string | undefined): RingKey | undefined {
  return ring?.keys.find((key) => key.id === id)
}
