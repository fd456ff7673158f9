import { at, textAt } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'

/** What a protected header says that we go by, before anything about it is proven. */
export type Header = {
  readonly kid: string
  readonly typ: string
  /** The payload is signed as it is (RFC 7797). */
  readonly unencoded: boolean
}

const limits = { bytes: 1024, depth: 4, nodes: 64, keys: 1000, paths: 4096 }

/**
 * The header in its base64url form; undefined when it is no object, says a name twice, or does not say kid and typ. The
 * verification sees to the algorithm and to extensions that must be understood (RFC 7515 section 4.1.11). No other name
 * matters: none (jwk, jku, x5c …) ever brings a key along.
 */
export function readHeader(encoded: string): Header | undefined {
  const bytes = base64urlBytes(encoded)
  const read = bytes === undefined ? undefined : readJson(bytes, limits)
  if (read === undefined || 'fault' in read) return undefined
  const kid = textAt(read.value, 'kid')
  const typ = textAt(read.value, 'typ')
  if (kid === undefined || typ === undefined) return undefined
  return { kid, typ, unencoded: at(read.value, 'b64') === false }
}

/** The bytes of a base64url text; undefined when it is not the one text for them (RFC 7515 section 2: no padding). */
export function base64urlBytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
