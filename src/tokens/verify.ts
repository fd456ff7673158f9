import { errors, flattenedVerify } from 'jose'
import type { KeyObject } from 'node:crypto'
import type { SignedRecord } from '../domain/kinds.ts'
import { acceptedKeys } from '../domain/trust.ts'
import type { KeyUse, Trust } from '../domain/trust.ts'
import { base64urlBytes, readHeader } from './header.ts'
import type { Header } from './header.ts'
import { algorithm, purposes } from './purpose.ts'
import type { Purpose } from './purpose.ts'
import { publicKeyOf } from './signing-key.ts'

/**
 * Why a signature does not count: it is not in the form that we write; no key of that name is trusted; the key or the
 * signature is for something else; it is not that key's signature of that text.
 */
export type SignatureFault = 'Malformed' | 'UnknownKey' | 'WrongUse' | 'BadSignature'

export type Verified = { readonly payload: string; readonly kid: string } | { readonly fault: SignatureFault }

/** Keys whose signatures count, ready for use, by kid. */
export type VerifyingKeys = ReadonlyMap<string, { readonly use: KeyUse; readonly key: KeyObject }>

/** The keys of a trust set that were not dismissed. */
export function verifyingKeys(trust: Trust): VerifyingKeys {
  const keys = acceptedKeys(trust).flatMap(({ kid, use, x }) => {
    const key = publicKeyOf(x)
    return key === undefined ? [] : [[kid, { use, key }] as const]
  })
  return new Map(keys)
}

/** The text of a record, when an evidence key that is trusted signed it as a record. Never rejects, whatever it is given. */
export async function verifyRecord(keys: VerifyingKeys, record: SignedRecord): Promise<Verified> {
  if (!isText(record.keyID) || !isText(record.payload)) return { fault: 'Malformed' }
  const header = isText(record.protected) ? readHeader(record.protected) : undefined
  if (header?.unencoded !== true || header.kid !== record.keyID) return { fault: 'Malformed' }
  return verified(keys, { ...record, header, purpose: 'Record' })
}

/** The payload of a compact JWS, when a trusted key signed it for this purpose. Never rejects. */
export async function verifyCompact(keys: VerifyingKeys, purpose: Purpose, compact: string): Promise<Verified> {
  const parts = compact.split('.')
  const [head = '', encoded = ''] = parts
  const payload = textOf(encoded)
  const header = readHeader(head)
  if (parts.length !== 3 || payload === undefined || header?.unencoded !== false) return { fault: 'Malformed' }
  return verified(keys, { protected: head, header, payload, signature: parts[2] ?? '', purpose })
}

/** The same for a compact JWS without its payload, which is given instead. Never rejects. */
export async function verifyDetached(
  keys: VerifyingKeys,
  purpose: Purpose,
  { signature, payload }: { readonly signature: string; readonly payload: string },
): Promise<Verified> {
  const parts = isText(signature) ? signature.split('.') : []
  if (parts.length !== 3 || parts[1] !== '' || !isText(payload)) return { fault: 'Malformed' }
  const encoded = Buffer.from(payload, 'utf8').toString('base64url')
  return verifyCompact(keys, purpose, `${parts[0]}.${encoded}.${parts[2]}`)
}

type Signed = {
  readonly header: Header
  readonly protected: string
  readonly payload: string
  readonly signature: string
  readonly purpose: Purpose
}

async function verified(keys: VerifyingKeys, signed: Signed): Promise<Verified> {
  const { header, payload, signature } = signed
  if (!isSignature(signature) || !payload.isWellFormed()) return { fault: 'Malformed' }
  const known = keys.get(header.kid)
  if (known === undefined) return { fault: 'UnknownKey' }
  const { typ, use } = purposes[signed.purpose]
  if (header.typ !== typ || known.use !== use) return { fault: 'WrongUse' }
  const fault = await signatureFault(signed, known.key)
  return fault === undefined ? { payload, kid: header.kid } : { fault }
}

async function signatureFault(signed: Signed, key: KeyObject): Promise<SignatureFault | undefined> {
  const bytes = new TextEncoder().encode(signed.payload)
  const payload = signed.header.unencoded ? bytes : Buffer.from(bytes).toString('base64url')
  try {
    const jws = { protected: signed.protected, payload, signature: signed.signature }
    await flattenedVerify(jws, key, { algorithms: [algorithm] })
    return undefined
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return 'BadSignature'
    if (error instanceof errors.JOSEError) return 'Malformed'
    throw error
  }
}

/** 64 bytes (RFC 8032 section 5.1.6). */
function isSignature(text: string): boolean {
  return isText(text) && base64urlBytes(text)?.length === 64
}

function textOf(encoded: string): string | undefined {
  const bytes = base64urlBytes(encoded)
  if (bytes === undefined) return undefined
  const text = Buffer.from(bytes).toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined
}

/** What is stored may be anything, whatever its type promises. */
function isText(value: unknown): value is string {
  return typeof value === 'string'
}
