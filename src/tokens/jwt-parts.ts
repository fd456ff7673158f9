import { isObject } from '../domain/json.ts'
import type { Json, JsonObject } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'
import { base64urlBytes } from './header.ts'

/** A token taken apart; nothing in it is proven. */
export type JwtParts = { readonly algorithm: string; readonly kid: string; readonly claims: JsonObject }

/** Tokens of Microsoft have about 2,000 characters. */
const mostCharacters = 16 * 1024
const longestID = 256
const limits = { bytes: mostCharacters, depth: 6, nodes: 2_000, keys: 200, paths: 64 * 1024 }

/**
 * The parts of a signed compact token (RFC 7515 section 7.1); undefined when it is anything else: encrypted, with another
 * text for the same bytes, with a name twice, of another type than JWT, or with extensions that must be understood.
 */
export function readJwt(token: string): JwtParts | undefined {
  const [header, claims, ...rest] = token.length > mostCharacters ? [] : token.split('.')
  const said = readSaid(objectIn(header))
  const claimed = objectIn(claims)
  const signed = rest.length === 1 && rest.every((part) => base64urlBytes(part) !== undefined)
  return signed && said !== undefined && claimed !== undefined ? { ...said, claims: claimed } : undefined
}

function readSaid(header: JsonObject | undefined): Pick<JwtParts, 'algorithm' | 'kid'> | undefined {
  if (header === undefined || !isPlain(header)) return undefined
  const { alg, kid } = header
  return isID(alg) && isID(kid) ? { algorithm: alg, kid } : undefined
}

/** `typ` may be missing (RFC 7519 section 5.1). `b64` and `crit` have no business in a token. */
function isPlain({ typ, crit, b64 }: JsonObject): boolean {
  const typed = typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'JWT')
  return typed && crit === undefined && b64 === undefined
}

function objectIn(part: string | undefined): JsonObject | undefined {
  const bytes = part === undefined ? undefined : base64urlBytes(part)
  const read = bytes === undefined ? undefined : readJson(bytes, limits)
  return read === undefined || 'fault' in read || !isObject(read.value) ? undefined : read.value
}

function isID(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestID
}
