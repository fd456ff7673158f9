import type { JsonFaultKind } from './json-fault.ts'

/** What a string literal stands for, or why it cannot be taken; and where in the source its reading ended. */
export type Literal =
  { readonly text: string; readonly end: number } | { readonly fault: JsonFaultKind; readonly end: number }

const quote = 34
const backslash = 92

/**
 * Reads the string literal of JSON whose first quote is at `start`. For long ones, and those with escapes: the built-in
 * parser reads them faster than any loop over characters, once it is known where they end.
 */
export function readLiteral(source: string, start: number): Literal {
  const next = source.indexOf('"', start + 1)
  const isLast = next !== -1 && source.charCodeAt(next - 1) !== backslash
  if (isLast && !source.slice(start, next).includes('\ufffd')) {
    const read = parse(source, start, next)
    if ('text' in read || read.fault !== 'NotJson') return read
  }
  const last = closingQuote(source, start)
  return typeof last === 'number' ? parse(source, start, last) : { fault: last, end: start }
}

function parse(source: string, first: number, last: number): Literal {
  const end = last + 1
  try {
    const text = String(JSON.parse(source.slice(first, end)))
    if (!text.isWellFormed()) return { fault: 'LoneSurrogate', end }
    return text.includes('\ufffd') ? { fault: 'ReplacementCharacter', end } : { text, end }
  } catch {
    return { fault: 'NotJson', end }
  }
}

/** What stands for itself (RFC 8259, `unescaped`), but for U+FFFD. Without the flag u, whose loops run out of stack. */
const plain = /[ !#-[\]-\ufffc\ufffe\uffff]*/y

/** Where the literal ends that begins at `start`; or what stands in it and may not, whatever escapes are around it. */
function closingQuote(source: string, start: number): number | JsonFaultKind {
  plain.lastIndex = start + 1
  plain.test(source)
  for (let at = plain.lastIndex; at < source.length; at += 1) {
    const code = source.charCodeAt(at)
    if (code === quote) return at
    if (code === 0xfffd) return 'ReplacementCharacter'
    if (code < 32) return 'NotJson'
    if (code === backslash) at += 1
  }
  return 'NotJson'
}
