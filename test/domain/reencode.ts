import { isList, isObject } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'
import { jsonText } from '../make.ts'

/** Another text of the same document: keys in another order, other white space, other escapes. Numbers stay as written. */
export function reencoded(value: Json, random: () => number): string {
  if (typeof value === 'string') return text(value, random)
  if (isList(value))
    return enclosed(
      '[]',
      value.map((element) => reencoded(element, random)),
      random,
    )
  if (!isObject(value)) return jsonText(value)
  const entries = shuffled(Object.keys(value), random).map(
    (key) => `${text(key, random)}${blank(random)}:${blank(random)}${reencoded(value[key] ?? null, random)}`,
  )
  return enclosed('{}', entries, random)
}

function enclosed(brackets: string, parts: readonly string[], random: () => number): string {
  return `${brackets[0]}${blank(random)}${parts.join(`${blank(random)},${blank(random)}`)}${blank(random)}${brackets[1]}`
}

const blanks = ['', '', '', '', ' ', '\n', '\t', '\r\n  ']

function blank(random: () => number): string {
  return blanks[Math.floor(random() * blanks.length)] ?? ''
}

function shuffled(keys: readonly string[], random: () => number): readonly string[] {
  const dice = keys.map((key) => [random(), key] as const)
  return dice.toSorted(([a], [b]) => a - b).map(([, key]) => key)
}

function text(value: string, random: () => number): string {
  const written = JSON.stringify(value)
  const dice = random()
  if (dice < 0.5) return written
  return dice < 0.7 ? written.replaceAll('/', '\\/') : escaped(value, random)
}

/** Some characters, and all that must be, by their numbers; of two halves of a character both. */
function escaped(value: string, random: () => number): string {
  let written = ''
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    const mustBe = code < 32 || code === 34 || code === 92 || (code >= 0xd800 && code < 0xe000)
    written += mustBe || random() < 0.2 ? `\\u${hexadecimal(code, random)}` : value.charAt(index)
  }
  return `"${written}"`
}

function hexadecimal(code: number, random: () => number): string {
  const digits = code.toString(16).padStart(4, '0')
  return random() < 0.5 ? digits : digits.toUpperCase()
}
