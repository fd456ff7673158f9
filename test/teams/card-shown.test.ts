import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { shown } from '../../src/teams/card-shown.ts'
import { plain } from './card-text.ts'

/** Where a text may be broken, and where it is kept together, for people to read in a table. */
function visible(text: string): string {
  return shown(text).replaceAll('\u200b', '|').replaceAll('\u00a0', '_').replaceAll('\u200e', '>')
}

describe('a text is shown whole, and as it is', () => {
  test.each([
    ['a short text stays', 'Deployment prod/web', 'Deployment prod/web'],
    ['the name of a request can be copied', 'apr-7k2m9q4xqz3wd8hf6tnc-2', 'apr-7k2m9q4xqz3wd8hf6tnc-2'],
    ['several blanks stay', 'a   b', 'a __b'],
    ['indentation stays', '+   name: x\n+     - y', '+___|name: x\n+_____|- y'],
    ['a text that begins with blanks keeps them', '  x', '__|x'],
    ['one blank at the start is ours', ' wants to ', ' wants to '],
    [
      'an image breaks after its parts',
      'registry.example.com/team/web:1.5.0',
      'registry.|example.|com/|team/|web:|1.|5.|0',
    ],
    ['a word without parts breaks', 'n'.repeat(31), `${'n'.repeat(12)}|${'n'.repeat(12)}|${'n'.repeat(7)}`],
    ['wide letters need more room', 'W'.repeat(21), `${'W'.repeat(12)}|${'W'.repeat(9)}`],
    ['a macro is written out', '{{DATE(2026-01-01T00:00:00Z)}}', '{\\u{7b}DATE(|2026-01-01T0|0:|00:|00Z)}}'],
    ['also with blanks', '{{ time(x)}}', '{\\u{7b} time(x)}}'],
    ['other braces stay', '{{ .Values.x }}', '{{ .Values.x }}'],
    ['four marks on a letter stay', `e${'\u0301'.repeat(4)}`, `e${'\u0301'.repeat(4)}`],
    ['more are written out', `e${'\u0301'.repeat(6)}`, `e${'\u0301'.repeat(4)}\\u{301}\\u{301}`],
    ['words from right to left do not turn the rest around', 'a/שלום:1  →  b/עולם:2', 'a/>שלום>:1 _→ _b/>עולם>:2'],
    ['a sentence from right to left stays one', 'שלום עולם', '>שלום עולם>'],
  ])('%s', (_what, text, seen) => {
    expect(visible(text)).toBe(seen)
  })

  const texts = fc.string({ unit: 'binary', maxLength: 200 })

  test('nothing is lost, but macros and heaps are written out', () => {
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!/\{\{\s*(?:date|time)|\p{M}{5}|[\u200b\u200e\u00a0]/iu.test(text))
        expect(plain(shown(text))).toBe(text)
      }),
    )
  })

  test('no word is wider than a phone, and no two blanks can become one', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: fc.constantFrom('n', '.', 'é', ' ', '\n', '\u0301') })), (text) => {
        const words = shown(text).split(/[\s\u200b]+/u)
        expect(words.filter((word) => word.replace(/\p{M}/gu, '').length > 30)).toEqual([])
        expect(shown(text)).not.toMatch(/ {2}|\p{M}{5}|\{\{\s*(?:date|time)/iu)
      }),
      { numRuns: 300 },
    )
  })
})
