/** A document as it was printed: every scalar by its text, `4` and `"4"` alike. */
export type Printed = string | readonly Printed[] | ReadonlyMap<string, Printed>

/**
 * Reads a document back from the lines in which it was printed for people (block style, long lines unbroken, no
 * anchors). It reads that form only: undefined for anything else, so that nobody is told what was guessed.
 */
export function readPrinted(lines: readonly string[]): Printed | undefined {
  try {
    const [value, end] = valueAt({ lines: [...lines], from: 0, indent: 0 })
    return end === lines.length ? value : undefined
  } catch (error) {
    if (error instanceof OtherForm) return undefined
    throw error
  }
}

/** The scalar at these keys. */
export function scalarAt(value: Printed | undefined, ...keys: readonly string[]): string | undefined {
  const found = partAt(value, ...keys)
  return typeof found === 'string' ? found : undefined
}

/** Whatever stands at these keys. */
export function partAt(value: Printed | undefined, ...keys: readonly string[]): Printed | undefined {
  let here = value
  for (const key of keys) here = isPrintedMap(here) ? here.get(key) : undefined
  return here
}

/** The elements of a list; none where there is no list. */
export function elementsOf(value: Printed | undefined): readonly Printed[] {
  return Array.isArray(value) ? (value as readonly Printed[]) : []
}

export function isPrintedMap(value: Printed | undefined): value is ReadonlyMap<string, Printed> {
  return value instanceof Map
}

class OtherForm extends Error {
  override readonly name = 'OtherForm'
}

/** `lines` is our own copy: a dash that was read is blanked in it. */
type Place = { readonly lines: string[]; readonly from: number; readonly indent: number }
type Read<T> = readonly [value: T, end: number]

const deepest = 64

function valueAt(place: Place): Read<Printed> {
  const { lines, from, indent } = place
  const line = lines[from]
  if (line === undefined || indentOf(line) !== indent || indent > 2 * deepest) throw new OtherForm()
  const rest = line.slice(indent)
  if (isItem(rest)) return listAt(place)
  return keyOf(rest) === undefined ? inline(rest, { ...place, from: from + 1, indent: indent - 2 }) : mapAt(place)
}

function indentOf(line: string): number {
  return line.length - line.replace(/^ +/, '').length
}

function isItem(rest: string): boolean {
  return rest === '-' || rest.startsWith('- ')
}

function listAt({ lines, from, indent }: Place): Read<Printed> {
  const items: Printed[] = []
  let here = from
  while (here < lines.length && isItemAt(lines[here] ?? '', indent)) {
    // An item is a value of its own whose first line stands behind the dash.
    lines[here] = `${' '.repeat(indent + 2)}${(lines[here] ?? '').slice(indent + 2)}`
    const [item, end] = valueAt({ lines, from: here, indent: indent + 2 })
    items.push(item)
    here = end
  }
  return [items, here]
}

function isItemAt(line: string, indent: number): boolean {
  return indentOf(line) === indent && isItem(line.slice(indent))
}

function mapAt({ lines, from, indent }: Place): Read<Printed> {
  const map = new Map<string, Printed>()
  let here = from
  while (here < lines.length && indentOf(lines[here] ?? '') === indent) {
    const found = keyOf((lines[here] ?? '').slice(indent))
    if (found === undefined || map.has(found.key)) throw new OtherForm()
    const nested = { lines, from: here + 1, indent: indent + 2 }
    const [value, end] = found.rest === '' ? valueAt(nested) : inline(found.rest, { ...nested, indent })
    map.set(found.key, value)
    here = end
  }
  return [map, here]
}

const plainKey = /^([^\s"'?|>[\]{}#&*!%@`,-][^\s"'#]*?|-[^\s"'#]+?):(?: |$)/
const quotedKey = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'):(?: |$)/

function keyOf(rest: string): { readonly key: string; readonly rest: string } | undefined {
  const quoted = quotedKey.exec(rest)
  const found = quoted ?? plainKey.exec(rest)
  if (found === null) return undefined
  const text = found[1] ?? ''
  return { key: quoted === null ? text : unquoted(text), rest: rest.slice(found[0].length) }
}

const blockHead = /^\|(\d?)([-+]?)$/

/** A value that begins on its key's line, whose `indent` is that of the key. */
function inline(text: string, after: Place): Read<Printed> {
  const block = blockHead.exec(text)
  if (block !== null) return blockAt(after, { indicator: block[1] ?? '', chomp: block[2] ?? '' })
  if (text === '{}') return [new Map(), after.from]
  if (text === '[]') return [[], after.from]
  return [scalarOf(text), after.from]
}

function scalarOf(text: string): string {
  if (text.startsWith('"') || text.startsWith("'")) return unquoted(text)
  // What could begin something else is always printed in quotes; so this is another form.
  if (text === '' || /^[|>&*!%@`?{}[\],#]|^[-?:](?: |$)|: |:$| #/.test(text)) throw new OtherForm()
  return text
}

/** A quoted text that ends where its line ends. */
function unquoted(text: string): string {
  if (/^'(?:[^']|'')*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'")
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'string') return value
  } catch {
    // Other escapes than those of JSON.
  }
  throw new OtherForm()
}

type BlockStyle = { readonly indicator: string; readonly chomp: string }

function blockAt({ lines, from, indent }: Place, { indicator, chomp }: BlockStyle): Read<string> {
  const inner = indent + (indicator === '' ? 2 : Number(indicator))
  const isInside = (line: string): boolean => line.trim() === '' || indentOf(line) >= inner
  const rest = lines.findIndex((line, index) => index >= from && !isInside(line))
  const end = rest === -1 ? lines.length : rest
  const text = lines.slice(from, end).map((line) => `${line.slice(inner)}\n`)
  const body = chomp === '+' ? text.join('') : text.join('').replace(/\n+$/, '')
  return [chomp === '' ? `${body}\n` : body, end]
}
