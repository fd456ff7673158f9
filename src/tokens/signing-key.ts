import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Ring } from '../app/key-ring.ts'
import { keyOf } from '../app/key-ring.ts'

/** A private Ed25519 key with the name under which its public half is published. */
export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject }

/** A new key. */
export function newSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { kid: thumbprint(publicX(privateKey)), privateKey }
}

/** The key in use of a signing ring; undefined while the ring is empty. */
export function signingKey(ring: Ring): SigningKey | undefined {
  const secret = keyOf(ring, ring.current)?.secret
  return secret === undefined ? undefined : { kid: thumbprint(publicX(secret)), privateKey: secret }
}

/** The RFC 7638 thumbprint of a public Ed25519 key (members of RFC 8037 section 2), base64url. */
export function thumbprint(x: string): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
}

/** `x` of the JWK of an Ed25519 key, private or public. Throws TypeError on any other key. */
export function publicX(key: KeyObject): string {
  const { crv, x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  if (crv !== 'Ed25519' || x === undefined) throw new TypeError('not an Ed25519 key')
  return x
}

/** The public key of a JWK's `x`; undefined when it is none. */
export function publicKeyOf(x: string): KeyObject | undefined {
  if (!/^[\w-]{43}$/.test(x)) return undefined
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return publicX(key) === x ? key : undefined
  } catch {
    return undefined
  }
}
