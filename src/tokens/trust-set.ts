import type { KeyObject } from 'node:crypto'
import type { TrustSetFault } from '../app/key-craft.ts'
import { at, isList, isObject, textAt } from '../domain/json.ts'
import type { Json, JsonObject } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'
import { keyUses } from '../domain/trust.ts'
import type { OfferedKey, Trust, TrustedKey } from '../domain/trust.ts'
import { algorithm } from './purpose.ts'
import { publicKeyOf, thumbprint } from './signing-key.ts'
import { stater } from './statement.ts'
import type { VerifyingKeys } from './verify.ts'

/** Members of a JWK that only we have (RFC 7517 section 4 allows them). */
const useMember = 'countersign.use'
const introductionMember = 'countersign.introduction'
const dismissalMember = 'countersign.dismissal'

/** A set grows by one key per rotation: with one a day, it is full after two years. */
const mostKeys = 1000
const limits = { bytes: 1024 * 1024, depth: 8, nodes: 32_000, keys: 1000, paths: 4 * 1024 * 1024 }

/** The text of a JSON Web Key Set (RFC 7517 section 5), one key per line. */
export function trustSetText(trust: Trust): string {
  return `{"keys":[\n${trust.map((key) => JSON.stringify(jwkOf(key))).join(',\n')}\n]}\n`
}

function jwkOf({ kid, use, x, introduction, dismissal }: TrustedKey): Readonly<Record<string, unknown>> {
  return {
    kty: 'OKP',
    crv: 'Ed25519',
    x,
    kid,
    alg: algorithm,
    use: 'sig',
    [useMember]: use,
    [introductionMember]: introduction,
    [dismissalMember]: dismissal,
  }
}

/**
 * The keys of a published set, each with the kids that truly introduced and dismissed it. One key that is not in our form
 * spoils the whole set: it was not written by us. An empty text is an empty set.
 */
export async function readTrustSet(text: string): Promise<readonly OfferedKey[] | TrustSetFault> {
  if (text === '') return []
  const keys = keysIn(text)
  if ('fault' in keys) return keys
  const known: VerifyingKeys = new Map(keys.map(({ kid, use, key }) => [kid, { use, key }]))
  return Promise.all(
    keys.map(async ({ key: _key, ...key }) => ({
      ...key,
      introducedBy: await stater(known, 'Introduced', { key, jws: key.introduction }),
      dismissedBy: await stater(known, 'Dismissed', { key, jws: key.dismissal }),
    })),
  )
}

type ReadKey = TrustedKey & { readonly key: KeyObject }

function keysIn(text: string): readonly ReadKey[] | TrustSetFault {
  const read = readJson(new TextEncoder().encode(text), limits)
  if ('fault' in read) return { fault: read.fault === 'TooLarge' ? 'TooLarge' : 'NotJson' }
  const list = at(read.value, 'keys')
  if (!isList(list)) return { fault: 'NoKeySet' }
  if (list.length > mostKeys) return { fault: 'TooLarge' }
  if (list.some((jwk) => at(jwk, 'd') !== undefined)) return { fault: 'PrivateKey' }
  const keys = list.flatMap((jwk) => (isObject(jwk) ? (keyIn(jwk) ?? []) : []))
  if (keys.length < list.length) return { fault: 'BadKey' }
  return new Set(keys.map(({ kid }) => kid)).size === keys.length ? keys : { fault: 'TwoKeys' }
}

function keyIn(jwk: JsonObject): ReadKey | undefined {
  const use = keyUses.find((known) => known === jwk[useMember])
  const introduction = jwk[introductionMember]
  const dismissal = jwk[dismissalMember]
  const known = namedKey(jwk)
  if (use === undefined || known === undefined || !isStatement(introduction) || !isStatement(dismissal))
    return undefined
  return { ...known, use, introduction, dismissal }
}

/** The key, when the kid is its own. */
function namedKey(jwk: JsonObject): Pick<ReadKey, 'kid' | 'x' | 'key'> | undefined {
  const x = textAt(jwk, 'x') ?? ''
  const kid = thumbprint(x)
  const key = jwk['kty'] === 'OKP' && jwk['crv'] === 'Ed25519' && jwk['kid'] === kid ? publicKeyOf(x) : undefined
  return key === undefined ? undefined : { kid, x, key }
}

function isStatement(value: Json | undefined): value is string | undefined {
  return value === undefined || typeof value === 'string'
}
