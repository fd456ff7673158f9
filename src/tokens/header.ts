import { isList, isObject, textAt } from '../domain/json.ts'
import type { JsonObject } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'
import { algorithm } from './purpose.ts'

/** What a protected header says that anything depends on. `alg` has been checked. */
export type Header = {
  readonly kid: string
  readonly typ: string
  /** The payload was signed as it is (RFC 7797). */
  readonly unencoded: boolean
}

const limits = { bytes: 1024, depth: 4, nodes: 64, paths: 4096 }

/**
 * The header in its base64url form; undefined when it is not exactly one of ours: another algorithm, an extension that
 * must be understood (RFC 7515 section 4.1.11) other than `b64`, a name that stands twice. Names that we do not know are
 * passed over, as section 4 there asks; none of them (jwk, jku, x5c …) ever names the key.
 */
export function readHeader(encoded: string): Header | undefined {
  const header = objectIn(encoded)
  const kid = textAt(header, 'kid')
  const typ = textAt(header, 'typ')
  if (header?.['alg'] !== algorithm || kid === undefined || typ === undefined) return undefined
  const unencoded = isUnencoded(header)
  return unencoded === undefined ? undefined : { kid, typ, unencoded }
}

function objectIn(encoded: string): JsonObject | undefined {
  const bytes = base64urlBytes(encoded)
  const read = bytes === undefined ? undefined : readJson(bytes, limits)
  return read === undefined || 'fault' in read || !isObject(read.value) ? undefined : read.value
}

/** Undefined when an extension is asked for that we do not have. */
function isUnencoded({ b64, crit }: JsonObject): boolean | undefined {
  if (b64 === undefined && crit === undefined) return false
  return b64 === false && isList(crit) && crit.length === 1 && crit[0] === 'b64' ? true : undefined
}

/** The bytes of a base64url text; undefined when it is not the one text for them (RFC 7515 section 2: no padding). */
export function base64urlBytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
