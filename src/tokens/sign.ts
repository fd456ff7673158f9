import { CompactSign, FlattenedSign } from 'jose'
import type { SignedRecord } from '../domain/kinds.ts'
import { algorithm, purposes } from './purpose.ts'
import type { Purpose } from './purpose.ts'
import type { SigningKey } from './signing-key.ts'

/**
 * A record with its signature: a flattened JWS (RFC 7515 section 7.2.2) whose payload stands there as it is (RFC 7797).
 * Throws TypeError when the payload has no UTF-8 form, since another text would share its signature.
 */
export async function signRecord({ kid, privateKey }: SigningKey, payload: string): Promise<SignedRecord> {
  const { typ } = purposes.Record
  const signed = await new FlattenedSign(utf8(payload))
    .setProtectedHeader({ alg: algorithm, b64: false, crit: ['b64'], kid, typ })
    .sign(privateKey)
  if (signed.protected === undefined) throw new TypeError('signed without a protected header')
  return { keyID: kid, protected: signed.protected, payload, signature: signed.signature }
}

/** A compact JWS that carries its payload (RFC 7515 section 7.1). */
export function signCompact({ kid, privateKey }: SigningKey, purpose: Purpose, payload: string): Promise<string> {
  const { typ } = purposes[purpose]
  return new CompactSign(utf8(payload)).setProtectedHeader({ alg: algorithm, kid, typ }).sign(privateKey)
}

/** A compact JWS without its payload (RFC 7515 appendix F): whoever verifies it has the payload already. */
export async function signDetached(key: SigningKey, purpose: Purpose, payload: string): Promise<string> {
  const [header = '', , signature = ''] = (await signCompact(key, purpose, payload)).split('.')
  return `${header}..${signature}`
}

function utf8(payload: string): Uint8Array {
  if (!payload.isWellFormed()) throw new TypeError('the text to sign is not well-formed Unicode')
  return new TextEncoder().encode(payload)
}
