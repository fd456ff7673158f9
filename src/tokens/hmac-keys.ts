import { keyOf } from '../app/key-ring.ts'
import type { Ring, RingKey } from '../app/key-ring.ts'
import type { HmacKey } from '../domain/digest.ts'

/** The HMAC keys of a ring: `current` for what is made now, `all` for what is looked up; the current one comes first. */
export type HmacKeys = { readonly current: HmacKey; readonly all: readonly HmacKey[] }

/** Undefined while the ring is empty. */
export function hmacKeys(ring: Ring): HmacKeys | undefined {
  const current = hmacKeyOf(keyOf(ring, ring.current))
  if (current === undefined) return undefined
  const others = ring.keys.flatMap((key) => (key.id === current.id ? [] : (hmacKeyOf(key) ?? [])))
  return { current, all: [current, ...others] }
}

function hmacKeyOf(key: RingKey | undefined): HmacKey | undefined {
  return key?.secret === undefined ? undefined : { id: key.id, secret: key.secret.export() }
}
