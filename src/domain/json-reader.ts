import { reviewLimits } from './json-fault.ts'
import type { JsonFault, JsonFaultKind, JsonLimits } from './json-fault.ts'
import { readLiteral } from './json-literal.ts'
import { emptyObject, exactNumber } from './json.ts'
import type { Json } from './json.ts'
import { decodeUtf8 } from './utf8.ts'

/**
 * Reads JSON (RFC 8259) so that two documents that differ in meaning never come out equal: exact numbers, no duplicate
 * key, no `__proto__`, no lone surrogate, and no U+FFFD, to which encoders collapse every byte that is not UTF-8.
 * Never throws, never recurses deeper than the limit.
 */
export function readJson(bytes: Uint8Array, limits: JsonLimits = reviewLimits): { readonly value: Json } | JsonFault {
  if (bytes.byteLength > limits.bytes) return { fault: 'TooLarge', offset: 0 }
  const text = decodeUtf8(bytes)
  if (text === undefined) return { fault: 'NotUtf8', offset: 0 }
  const reading: Reading = { text, limits, offset: 0, nodes: 0, depth: 0, path: 0, paths: 0 }
  try {
    return { value: readDocument(reading) }
  } catch (stop) {
    if (stop instanceof Stop) return { fault: stop.kind, offset: reading.offset }
    throw stop
  }
}

/** Leaves the reader from any depth; never seen outside this file. */
class Stop extends Error {
  readonly kind: JsonFaultKind

  constructor(kind: JsonFaultKind) {
    super(kind)
    this.kind = kind
  }
}

const quote = 34
const comma = 44
const colon = 58
const backslash = 92
const openList = 91
const closeList = 93
const openObject = 123
const closeObject = 125
/** Up to this length, looking at each character is faster than a call of the built-in parser. */
const short = 64
const space = /[ \t\n\r]*/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** How far a reading has come. A literal, not an instance: V8 throws optimised methods away when no instance is left. */
type Reading = {
  readonly text: string
  readonly limits: JsonLimits
  offset: number
  nodes: number
  depth: number
  /** Length of the keys above this place, and of those above all values so far. */
  path: number
  paths: number
}

function readDocument(at: Reading): Json {
  const value = readValue(at)
  skipSpace(at)
  if (at.offset < at.text.length) throw new Stop('NotJson')
  return value
}

function readValue(at: Reading): Json {
  at.nodes += 1
  if (at.nodes > at.limits.nodes) throw new Stop('TooManyValues')
  at.paths += at.path
  if (at.paths > at.limits.paths) throw new Stop('LongPaths')
  const code = skipSpace(at)
  if (code === quote) return readString(at)
  return code === openObject || code === openList ? readNested(at, code) : readScalar(at, code)
}

function readNested(at: Reading, open: number): Json {
  at.depth += 1
  if (at.depth > at.limits.depth) throw new Stop('TooDeep')
  at.offset += 1
  const value = open === openObject ? readObject(at) : readList(at)
  at.depth -= 1
  return value
}

function readObject(at: Reading): Json {
  const made = emptyObject()
  let left = at.limits.keys
  if (closes(at, closeObject)) return made
  do {
    if (left === 0) throw new Stop('TooManyKeys')
    left -= 1
    if (skipSpace(at) !== quote) throw new Stop('NotJson')
    const key = readString(at)
    if (key === '__proto__') throw new Stop('ForbiddenKey')
    if (made[key] !== undefined) throw new Stop('DuplicateKey')
    if (skipSpace(at) !== colon) throw new Stop('NotJson')
    at.offset += 1
    at.path += key.length
    made[key] = readValue(at)
    at.path -= key.length
  } while (continues(at, closeObject))
  return made
}

function readList(at: Reading): Json {
  const made: Json[] = []
  if (closes(at, closeList)) return made
  do made.push(readValue(at))
  while (continues(at, closeList))
  return made
}

function closes(at: Reading, end: number): boolean {
  if (skipSpace(at) !== end) return false
  at.offset += 1
  return true
}

function continues(at: Reading, end: number): boolean {
  const code = skipSpace(at)
  if (code !== comma && code !== end) throw new Stop('NotJson')
  at.offset += 1
  return code === comma
}

/** Reads over white space; returns the code at the new offset, NaN at the end. */
function skipSpace(at: Reading): number {
  const code = codeAt(at)
  if (!(code <= 32)) return code
  space.lastIndex = at.offset
  space.test(at.text)
  at.offset = space.lastIndex
  return codeAt(at)
}

/** Asking for a character beyond the end would make every later question slow. */
function codeAt({ text, offset }: Reading): number {
  return offset < text.length ? text.charCodeAt(offset) : Number.NaN
}

function readString(at: Reading): string {
  const { text, offset: start } = at
  const near = Math.min(start + short, text.length)
  for (let end = start + 1; end < near; end += 1) {
    const code = text.charCodeAt(end)
    if (code === quote) {
      at.offset = end + 1
      return text.slice(start + 1, end)
    }
    if (code === backslash || code === 0xfffd || code < 32) break
  }
  const read = readLiteral(text, start)
  at.offset = read.end
  if ('fault' in read) throw new Stop(read.fault)
  return read.text
}

function readScalar(at: Reading, code: number): Json {
  if (code === 116) return readWord(at, 'true', true)
  if (code === 102) return readWord(at, 'false', false)
  if (code === 110) return readWord(at, 'null', null)
  number.lastIndex = at.offset
  if (!number.test(at.text)) throw new Stop('NotJson')
  const source = at.text.slice(at.offset, number.lastIndex)
  at.offset = number.lastIndex
  return exactNumber(source)
}

function readWord(at: Reading, word: string, value: Json): Json {
  if (!at.text.startsWith(word, at.offset)) throw new Stop('NotJson')
  at.offset += word.length
  return value
}
