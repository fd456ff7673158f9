import { isNoCredential, isSecretName } from './secret-names.ts'
import type { Span } from './span.ts'

/**
 * How far a value reaches behind `name: ` and `name = `. In configuration it is the rest of the line; in a command it is
 * one word, and what follows is the command.
 */
export type NamedValues = 'Lines' | 'Words'

/**
 * The values that stand behind a name of a credential: `name=value`, `"name": "value"`, `--name value`, `<name>value`, a
 * YAML block, also inside a text that is itself quoted. Found by the sign, judged by the name before it. Linear: every
 * character is passed once on the way to a sign and once as part of a value.
 */
export function namedSpans(text: string, values: NamedValues): readonly Span[] {
  return [...signedSpans(text, values), ...flagSpans(text)]
}

const kind = 'value of a secret name'

function signedSpans(text: string, values: NamedValues): readonly Span[] {
  const spans: Span[] = []
  const signs = /[=:>]/g
  for (let found = signs.exec(text); found !== null; found = signs.exec(text)) {
    const name = nameBefore(text, found.index)
    const value = name !== undefined && isSecretName(name.text) ? valueAfter(text, name, values) : undefined
    if (value !== undefined) {
      spans.push(value)
      signs.lastIndex = Math.max(signs.lastIndex, value.end)
    }
  }
  return spans
}

/** `--token value`. A quoted value is looked into only when the flag itself names no credential. */
function flagSpans(text: string): readonly Span[] {
  const spans: Span[] = []
  const flag = /(?<![\w-])--?([A-Za-z][\w-]{1,63})[ \t]{1,64}(?![-\s=:])/g
  for (let found = flag.exec(text); found !== null; found = flag.exec(text)) {
    const value = isSecretName(found[1] ?? '') ? wordAt(text, flag.lastIndex) : undefined
    if (value !== undefined) {
      spans.push(value)
      flag.lastIndex = value.end
    }
  }
  return spans
}

type Name = { readonly text: string; readonly start: number; readonly blanks: number; readonly sign: number }

const longestName = 64

/** The name before a sign, over blanks and a closing quote. A tag's end counts only with its beginning. */
function nameBefore(text: string, sign: number): Name | undefined {
  const afterQuote = back(text, sign, ' \t')
  const end = back(text, afterQuote, '"\'\\')
  const start = back(text, end, nameCharacters)
  if (start === end || (text[sign] === '>' && text[start - 1] !== '<')) return undefined
  return { text: text.slice(start, end), start, blanks: sign - afterQuote, sign }
}

const nameCharacters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-'

function back(text: string, from: number, over: string): number {
  let start = from
  while (start > 0 && from - start < longestName && over.includes(text.charAt(start - 1))) start -= 1
  return start
}

const sign = /[=:]>?=?|>/y
const blockHead = /[|>][-+\d]{0,2}[ \t]{0,64}\n/y

function valueAfter(text: string, name: Name, values: NamedValues): Span | undefined {
  const mark = matchAt(sign, text, name.sign)
  const from = name.sign + mark.length
  const start = afterBlanks(text, from)
  if (mark === '>') return spanTo(text, start, /[<\n]/g)
  const head = mark === ':' ? matchAt(blockHead, text, start) : ''
  if (head !== '') return blockAt(text, name, start + head.length)
  const isLine = start > from && (mark === ':' || name.blanks > 0)
  return isLine && values === 'Lines' ? lineAt(text, start) : wordAt(text, start)
}

function matchAt(sticky: RegExp, text: string, at: number): string {
  sticky.lastIndex = at
  return sticky.exec(text)?.[0] ?? ''
}

function afterBlanks(text: string, from: number): number {
  let start = from
  while (start < text.length && start - from < longestName && /[ \t]/.test(text.charAt(start))) start += 1
  return start
}

/** The value of `name: value` or `name = value`: to the end of the line, or of the quotation or list around it. */
function lineAt(text: string, start: number): Span | undefined {
  return quotedAt(text, start) ?? spanTo(text, start, /\n|["'](?=[\s,;)}\]]|$)|[,;](?= )/g)
}

function wordAt(text: string, start: number): Span | undefined {
  const isTemplate = matchAt(/\{\{[^{}\n]{0,256}\}\}/y, text, start) !== ''
  return isTemplate ? undefined : (quotedAt(text, start) ?? spanTo(text, start, /[\s"',;&]/g))
}

function spanTo(text: string, start: number, stop: RegExp): Span | undefined {
  stop.lastIndex = start
  const end = stop.exec(text)?.index ?? text.length
  const value = text.slice(start, end).trimEnd()
  return isNoCredential(value) ? undefined : { start, end: start + value.length, kind }
}

/** What stands between quotes, which may themselves be escaped (`\"`); to the end of the line where they never close. */
function quotedAt(text: string, at: number): Span | undefined {
  const mark = matchAt(/\\{0,63}["']/y, text, at)
  if (mark === '') return undefined
  const start = at + mark.length
  const value = text.slice(start, closing(text, start, mark))
  return isNoCredential(value) ? { start, end: start, kind } : { start, end: start + value.length, kind }
}

/** Where the quotation ends: at the same quote behind as many backslashes. One behind more belongs to the value. */
function closing(text: string, start: number, mark: string): number {
  const stop = mark === '"' ? /["\n]|\\[^\n]/g : /\\*["']|\n/g
  stop.lastIndex = start
  for (let found = stop.exec(text); found !== null; found = stop.exec(text)) {
    if (found[0] === '\n' || found[0] === mark) return found.index
  }
  return text.length
}

/** A YAML block: the lines that are indented more than the name's. */
function blockAt(text: string, name: Name, start: number): Span | undefined {
  const line = text.slice(text.lastIndexOf('\n', name.start) + 1, name.start)
  const indent = Math.min(line.length - line.trimStart().length, longestName)
  const outside = new RegExp(`\\n(?![ \\t]{${indent + 1}}|[ \\t]*(?:\\n|$))`, 'g')
  outside.lastIndex = start - 1
  const end = outside.exec(text)?.index ?? text.length
  return end > start ? { start, end, kind } : undefined
}
