import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { at, isList, isObject, textAt } from '../domain/json.ts'
import type { Json, JsonObject } from '../domain/json.ts'

/** A public key of somebody else. */
export type WebKey = {
  readonly key: KeyObject
  /** Bot Framework channels whose messages it may vouch for; undefined when the key says nothing about that. */
  readonly endorsements: readonly string[] | undefined
}

/** What an issuer's metadata say (OpenID Connect Discovery 1.0 section 3). */
export type IssuerMetadata = { readonly jwksURL: string; readonly algorithms: readonly string[] }

/** Undefined when a part that we need is missing or of another form. */
export function readMetadata(document: Json): IssuerMetadata | undefined {
  const jwksURL = textAt(document, 'jwks_uri')
  const algorithms = texts(at(document, 'id_token_signing_alg_values_supported'))
  return jwksURL === undefined || algorithms === undefined ? undefined : { jwksURL, algorithms }
}

/** Issuers publish fewer than ten. */
const mostKeys = 200
const bits = { least: 2048, most: 8192 }

/**
 * The RSA keys for signatures of a JWK Set (RFC 7517), by kid; undefined when it is no set. A kid that stands there twice
 * names no key.
 */
export function readKeySet(document: Json): ReadonlyMap<string, WebKey> | undefined {
  const listed = at(document, 'keys')
  if (!isList(listed) || listed.length > mostKeys) return undefined
  const kids = listed.map((jwk) => textAt(jwk, 'kid') ?? '')
  const read = listed.flatMap((jwk, index) => {
    const kid = kids[index] ?? ''
    const once = kid !== '' && kids.indexOf(kid) === kids.lastIndexOf(kid)
    const key = once ? readKey(jwk) : undefined
    return key === undefined ? [] : [[kid, key] as const]
  })
  return new Map(read)
}

function readKey(jwk: Json): WebKey | undefined {
  if (!isObject(jwk) || !isForSignatures(jwk)) return undefined
  const key = rsaKey(textAt(jwk, 'n'), textAt(jwk, 'e'))
  return key === undefined ? undefined : { key, endorsements: texts(jwk['endorsements']) }
}

function isForSignatures({ kty, use }: JsonObject): boolean {
  return kty === 'RSA' && (use === undefined || use === 'sig')
}

/** What is wrong with a key does not matter: it is not used. jose itself takes none below 2048 bits. */
function rsaKey(n = '', e = ''): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' })
    const size = key.asymmetricKeyDetails?.modulusLength ?? 0
    return size < bits.least || size > bits.most ? undefined : key
  } catch {
    return undefined
  }
}

function texts(value: Json | undefined): readonly string[] | undefined {
  if (!isList(value)) return undefined
  const found = value.filter((each) => typeof each === 'string')
  return found.length === value.length ? found : undefined
}
