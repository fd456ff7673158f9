import type { JsonObject } from '../domain/json.ts'

/**
 * What a token must be, whatever it says of itself. There is no rule that can be left out, and no list may be empty.
 */
export type TokenRules = {
  /** `alg`: exactly one of these, such as RS256; the issuer's metadata must list it too. */
  readonly algorithms: readonly string[]
  /** `iss`: exactly one of these. */
  readonly issuers: readonly string[]
  /** `aud`: one text, exactly one of these. */
  readonly audiences: readonly string[]
  /** Claims that must be there as texts that are not empty, beside `iss`, `aud` and `exp`. */
  readonly required: readonly string[]
  /** By how much clocks may differ. */
  readonly skewSeconds: number
  /** What the key must be endorsed for (a Bot Framework channel); undefined where keys carry no endorsements. */
  readonly endorsement: string | undefined
}

/** Why a token does not count: closed, in the order in which it is found. */
export type TokenFault =
  | 'Malformed'
  | 'AlgorithmNotAllowed'
  | 'WrongIssuer'
  | 'WrongAudience'
  | 'Expired'
  | 'NotYetValid'
  | 'ClaimMissing'
  | 'KeysUnavailable'
  | 'UnknownKey'
  | 'KeyNotEndorsed'
  | 'BadSignature'

/** Under which name each fault is told to people, counted and documented, whoever the token is from. */
export const tokenRefusals = {
  Malformed: 'TokenMalformed',
  AlgorithmNotAllowed: 'AlgorithmNotAllowed',
  WrongIssuer: 'WrongIssuer',
  WrongAudience: 'WrongAudience',
  Expired: 'TokenExpired',
  NotYetValid: 'TokenNotYetValid',
  ClaimMissing: 'ClaimMissing',
  KeysUnavailable: 'KeysUnavailable',
  UnknownKey: 'UnknownKey',
  KeyNotEndorsed: 'KeyNotEndorsed',
  BadSignature: 'BadSignature',
} as const satisfies Readonly<Record<TokenFault, string>>

/** A token that holds. */
export type VerifiedToken = {
  readonly claims: JsonObject
  /** The key that signed it. */
  readonly kid: string
  /** SHA-256 of the token in hexadecimal digits: what a record may cite. */
  readonly tokenHash: string
}

/** The one token of an Authorization header (RFC 6750 section 2.1: the scheme in any case, one blank, one token). */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1]
}

/** Verifies a JSON Web Token. Never rejects. */
export type VerifyToken = (
  token: string,
  rules: TokenRules,
) => Promise<VerifiedToken | { readonly fault: TokenFault; readonly why?: string }>
