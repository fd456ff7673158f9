import { reviewLimits } from './json-fault.ts'
import type { JsonFault, JsonFaultKind, JsonLimits } from './json-fault.ts'
import { emptyObject, exactNumber } from './json.ts'
import type { Json } from './json.ts'

/**
 * Reads JSON (RFC 8259) so that two documents that differ in meaning never come out equal: exact numbers, no duplicate
 * key, no `__proto__`, no lone surrogate, and no U+FFFD, to which encoders collapse every byte that is not UTF-8.
 * Never throws, never recurses deeper than the limit.
 */
export function readJson(bytes: Uint8Array, limits: JsonLimits = reviewLimits): { readonly value: Json } | JsonFault {
  if (bytes.byteLength > limits.bytes) return { fault: 'TooLarge', offset: 0 }
  const text = decode(bytes)
  if (text === undefined) return { fault: 'NotUtf8', offset: 0 }
  const reader = new Reader(text, limits)
  try {
    return { value: reader.document() }
  } catch (stop) {
    if (stop instanceof Stop) return { fault: stop.kind, offset: reader.offset }
    throw stop
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
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

class Reader {
  readonly #text: string
  readonly #limits: JsonLimits
  offset = 0
  #nodes = 0
  #depth = 0

  constructor(text: string, limits: JsonLimits) {
    this.#text = text
    this.#limits = limits
  }

  document(): Json {
    const value = this.#value()
    this.#space()
    if (this.offset < this.#text.length) throw new Stop('NotJson')
    return value
  }

  #value(): Json {
    this.#nodes += 1
    if (this.#nodes > this.#limits.nodes) throw new Stop('TooManyValues')
    const code = this.#space()
    if (code === quote) return this.#string()
    return code === openObject || code === openList ? this.#nested(code) : this.#scalar(code)
  }

  #nested(open: number): Json {
    this.#depth += 1
    if (this.#depth > this.#limits.depth) throw new Stop('TooDeep')
    this.offset += 1
    const value = open === openObject ? this.#object() : this.#list()
    this.#depth -= 1
    return value
  }

  #object(): Json {
    const made = emptyObject()
    if (this.#closes(closeObject)) return made
    do {
      if (this.#space() !== quote) throw new Stop('NotJson')
      const key = this.#string()
      if (key === '__proto__') throw new Stop('ForbiddenKey')
      if (made[key] !== undefined) throw new Stop('DuplicateKey')
      if (this.#space() !== colon) throw new Stop('NotJson')
      this.offset += 1
      made[key] = this.#value()
    } while (this.#continues(closeObject))
    return made
  }

  #list(): Json {
    const made: Json[] = []
    if (this.#closes(closeList)) return made
    do made.push(this.#value())
    while (this.#continues(closeList))
    return made
  }

  #closes(end: number): boolean {
    if (this.#space() !== end) return false
    this.offset += 1
    return true
  }

  #continues(end: number): boolean {
    const code = this.#space()
    if (code !== comma && code !== end) throw new Stop('NotJson')
    this.offset += 1
    return code === comma
  }

  /** Reads over white space; returns the code at the new offset, NaN at the end. */
  #space(): number {
    const code = this.#text.charCodeAt(this.offset)
    if (code > 32) return code
    space.lastIndex = this.offset
    space.test(this.#text)
    this.offset = space.lastIndex
    return this.#text.charCodeAt(this.offset)
  }

  #string(): string {
    const start = this.offset
    for (let end = start + 1; end < start + short; end += 1) {
      const code = this.#text.charCodeAt(end)
      if (code === quote) {
        this.offset = end + 1
        return this.#text.slice(start + 1, end)
      }
      if (code === backslash || code === 0xfffd || !(code >= 32)) break
    }
    return this.#literal(start)
  }

  /** A long string, or one with escapes: the built-in parser reads it, once it is known where it ends. */
  #literal(start: number): string {
    const first = this.#text.indexOf('"', start + 1)
    const isEnd = first !== -1 && this.#text.charCodeAt(first - 1) !== backslash
    const end = isEnd ? first : this.#closing(start)
    const text = textOf(this.#text.slice(start, end + 1))
    if (text instanceof Stop) this.#closing(start)
    this.offset = end + 1
    if (text instanceof Stop) throw text
    return text
  }

  /** Where the string that begins at `start` ends. Stops at what may stand in no string, escaped or not. */
  #closing(start: number): number {
    for (let end = start + 1; ; end += 1) {
      const code = this.#text.charCodeAt(end)
      if (code === quote) return end
      if (code === 0xfffd) throw new Stop('ReplacementCharacter')
      if (!(code >= 32)) throw new Stop('NotJson')
      if (code === backslash) end += 1
    }
  }

  #scalar(code: number): Json {
    if (code === 116) return this.#word('true', true)
    if (code === 102) return this.#word('false', false)
    if (code === 110) return this.#word('null', null)
    number.lastIndex = this.offset
    if (!number.test(this.#text)) throw new Stop('NotJson')
    const source = this.#text.slice(this.offset, number.lastIndex)
    this.offset = number.lastIndex
    return exactNumber(source)
  }

  #word(word: string, value: Json): Json {
    if (!this.#text.startsWith(word, this.offset)) throw new Stop('NotJson')
    this.offset += word.length
    return value
  }
}

function textOf(literal: string): string | Stop {
  try {
    const text = String(JSON.parse(literal))
    if (!text.isWellFormed()) return new Stop('LoneSurrogate')
    return text.includes('\ufffd') ? new Stop('ReplacementCharacter') : text
  } catch {
    return new Stop('NotJson')
  }
}
