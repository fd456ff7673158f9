import { compactVerify, errors } from 'jose'
import { createHash } from 'node:crypto'
import type { TokenFault, TokenRules, VerifyToken } from '../app/bearer.ts'
import { firstRefusal } from '../domain/check.ts'
import type { Instant } from '../domain/instant.ts'
import { textAt } from '../domain/json.ts'
import type { FoundKey, KeyCache } from './key-cache.ts'
import { readJwt } from './jwt-parts.ts'
import type { JwtParts } from './jwt-parts.ts'

type Judging = JwtParts & { readonly rules: TokenRules; readonly nowSeconds: number }

type TokenCheck = (judging: Judging) => TokenFault | undefined

/**
 * What a token says of itself, in order. Before the key is looked for: a token that says the wrong thing costs neither a
 * signature nor a question to the issuer.
 */
const tokenChecks: readonly TokenCheck[] = [
  ({ rules, algorithm }) => (rules.algorithms.includes(algorithm) ? undefined : 'AlgorithmNotAllowed'),
  ({ rules, claims }) => (rules.issuers.includes(textAt(claims, 'iss') ?? '') ? undefined : 'WrongIssuer'),
  ({ rules, claims }) => (rules.audiences.includes(textAt(claims, 'aud') ?? '') ? undefined : 'WrongAudience'),
  expiry,
  beginning,
  ({ rules, claims }) =>
    rules.required.every((name) => (textAt(claims, name) ?? '') !== '') ? undefined : 'ClaimMissing',
]

/** Verifies tokens of the issuer whose keys these are. `now` is the wall clock. */
export function makeVerifyToken({ keys, now }: { readonly keys: KeyCache; readonly now: () => Instant }): VerifyToken {
  return async (token, rules) => {
    const parts = readJwt(token)
    if (parts === undefined) return { fault: 'Malformed' }
    const judging = { ...parts, rules, nowSeconds: now() / 1000 }
    const said = firstRefusal(tokenChecks, judging)
    if (said !== undefined) return { fault: said }
    const found = await keys.find(parts.kid)
    if ('fault' in found) return found
    const fault = keyFault(found, judging) ?? (await signatureFault(token, found, parts.algorithm))
    if (fault !== undefined) return { fault }
    return { claims: parts.claims, kid: parts.kid, tokenHash: createHash('sha256').update(token).digest('hex') }
  }
}

/** A token without an end would be good for ever: none is taken. */
function expiry({ claims, rules, nowSeconds }: Judging): TokenFault | undefined {
  const { exp } = claims
  if (typeof exp !== 'number') return exp === undefined ? 'ClaimMissing' : 'Malformed'
  return nowSeconds < exp + rules.skewSeconds ? undefined : 'Expired'
}

function beginning({ claims, rules, nowSeconds }: Judging): TokenFault | undefined {
  for (const time of [claims['nbf'], claims['iat']]) {
    if (time === undefined) continue
    if (typeof time !== 'number') return 'Malformed'
    if (nowSeconds < time - rules.skewSeconds) return 'NotYetValid'
  }
  return undefined
}

function keyFault({ algorithms, endorsements }: FoundKey, { algorithm, rules }: Judging): TokenFault | undefined {
  if (!algorithms.includes(algorithm)) return 'AlgorithmNotAllowed'
  const { endorsement } = rules
  return endorsement === undefined || endorsements?.includes(endorsement) === true ? undefined : 'KeyNotEndorsed'
}

async function signatureFault(token: string, { key }: FoundKey, algorithm: string): Promise<TokenFault | undefined> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
    return undefined
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return 'BadSignature'
    if (error instanceof errors.JOSEError || error instanceof TypeError) return 'Malformed'
    throw error
  }
}
