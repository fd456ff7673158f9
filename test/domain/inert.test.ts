import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { inert, inertLines, shortened } from '../../src/domain/inert.ts'
import { scaled } from '../scale.ts'
import { hostileText } from './arbitrary.ts'

/** Characters that nobody sees or that change how others read; a filter for bidirectional ones alone misses most. */
const samples: readonly (readonly [what: string, code: number])[] = [
  ['right-to-left override', 0x202e],
  ['left-to-right embedding', 0x202a],
  ['right-to-left isolate', 0x2067],
  ['pop directional isolate', 0x2069],
  ['right-to-left mark', 0x200f],
  ['Arabic letter mark', 0x061c],
  ['zero width space', 0x200b],
  ['zero width joiner', 0x200d],
  ['word joiner', 0x2060],
  ['byte order mark', 0xfeff],
  ['soft hyphen', 0x00ad],
  ['combining grapheme joiner', 0x034f],
  ['Hangul choseong filler', 0x115f],
  ['Hangul filler', 0x3164],
  ['halfwidth Hangul filler', 0xffa0],
  ['braille blank', 0x2800],
  ['no-break space', 0x00a0],
  ['ideographic space', 0x3000],
  ['line separator', 0x2028],
  ['paragraph separator', 0x2029],
  ['next line', 0x0085],
  ['carriage return', 0x000d],
  ['line feed', 0x000a],
  ['tab', 0x0009],
  ['escape', 0x001b],
  ['null', 0x0000],
  ['delete', 0x007f],
  ['Mongolian vowel separator', 0x180e],
  ['Khmer inherent vowel', 0x17b4],
  ['variation selector 16', 0xfe0f],
  ['variation selector 17', 0xe0100],
  ['tag latin a', 0xe0061],
  ['musical symbol begin beam', 0x1d173],
  ['Arabic number sign', 0x0600],
  ['interlinear annotation anchor', 0xfff9],
  ['Egyptian vertical joiner', 0x13430],
  ['private use', 0xe000],
  ['unassigned', 0x0378],
  ['half a character', 0xd800],
]

describe('inert writes out what a reader does not see', () => {
  test.each(samples)('%s', (_what, code) => {
    const text = `a${String.fromCodePoint(code)}b`
    expect(inert(text)).toEqual({ text: `a\\u{${code.toString(16)}}b`, escaped: true })
  })

  test.each([
    'plain text',
    'a  b',
    'žluť',
    'ключ',
    '漢字',
    'עברית',
    '😀',
    '<b>&amp;</b>',
    '[x](https://evil)',
    '\\n',
    '\\u0041',
    'u{202e}',
  ])('%j stays as it is', (text) => {
    expect(inert(text)).toEqual({ text, escaped: false })
  })

  test('what looks like our own escape is written out, so that it is not taken for one', () => {
    expect(inert('\\u{202e}').text).toBe('\\u{5c}u{202e}')
  })

  test('what looks like a masked value is written out, so that nobody can pretend to have something hidden', () => {
    expect(inert('<masked Secret value, tag 12345678>').text).toBe('\\u{3c}masked Secret value, tag 12345678>')
    expect(inert('<maskedx').text).toBe('<maskedx')
  })
})

describe('inertLines', () => {
  test('keeps line feeds and nothing else', () => {
    expect(inertLines('a\nb\r\n\tc\u2028d')).toEqual({ text: 'a\nb\\u{d}\n\\u{9}c\\u{2028}d', escaped: true })
    expect(inertLines('a\nb\n')).toEqual({ text: 'a\nb\n', escaped: false })
  })
})

describe('shortened', () => {
  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abc…fg'],
    ['abcdefg', 5, 'ab…fg'],
    ['abc', 1, '…'],
    ['😀😀😀😀', 3, '😀…😀'],
    ['', 3, ''],
  ])('%j to %d is %j: both ends stay', (text, limit, expected) => {
    expect(shortened(text, limit)).toBe(expected)
  })

  test('is never longer than its limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, limit) => {
        expect(Array.from(shortened(text, limit)).length).toBeLessThanOrEqual(limit)
      }),
    )
  })
})

const pieces = fc.oneof(
  hostileText,
  fc.constantFrom(...samples.map(([, code]) => String.fromCodePoint(code))),
  fc.constantFrom('\\', 'u{', '\\u{202e}', '{', '}', '<masked ', '<', 'masked ', '\\u{5c}', '5c'),
  fc.string({ unit: 'binary', maxLength: 3 }),
)
const texts = fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join(''))
const runs = { numRuns: scaled(3000, 300_000) }

describe('inert text', () => {
  test('has nothing left in it that does something', () => {
    const seen = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2800]|(?! )\p{Zs}|<masked /u
    fc.assert(
      fc.property(texts, (text) => {
        expect(inert(text).text).not.toMatch(seen)
      }),
      runs,
    )
  })

  test('is never that of two texts', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(inert(a).text === inert(b).text).toBe(a === b)
      }),
      runs,
    )
  })

  test('gives the text back to whoever reads the escapes', () => {
    const back = (text: string): string =>
      text.replace(/\\u\{([0-9a-f]+)\}/g, (_escape, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    fc.assert(
      fc.property(texts, (text) => {
        expect(back(inert(text).text)).toBe(text)
      }),
      runs,
    )
  })

  test('says that it was escaped exactly when it was', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(inert(text).escaped).toBe(inert(text).text !== text)
      }),
      runs,
    )
  })
})
