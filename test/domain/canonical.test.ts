import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { canonical } from '../../src/domain/canonical.ts'
import { readJson } from '../../src/domain/json-reader.ts'
import { same } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'
import { bytes, exact, json } from '../make.ts'
import { seededRandom } from '../random.ts'
import { scaled } from '../scale.ts'
import { documents, nearDocuments } from './arbitrary.ts'
import { reencoded } from './reencode.ts'

function read(text: string): Json {
  const found = readJson(bytes(text))
  if ('fault' in found) throw new Error(found.fault)
  return found.value
}

describe('canonical writes', () => {
  test.each<[string, unknown, string]>([
    ['no white space', { a: [1, { b: null }, true] }, '{"a":[1,{"b":null},true]}'],
    ['keys sorted, whatever their number', { b: 1, a: 2, B: 3, '': 4 }, '{"":4,"B":3,"a":2,"b":1}'],
    ['keys that are numbers like any other', { 10: 1, 9: 2, a: 3 }, '{"10":1,"9":2,"a":3}'],
    [
      'keys sorted by UTF-16 code units (RFC 8785, 3.2.3)',
      { '\ufb33': 1, '😀': 2, '\u00f6': 3, '1': 4, '\r': 5 },
      '{"\\r":5,"1":4,"\u00f6":3,"😀":2,"\ufb33":1}',
    ],
    [
      'texts escaped as in RFC 8785',
      '\u0000\b\t\n\f\r\u001f"\\/\u007f\u0080\u2028é',
      '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f\u0080\u2028é"',
    ],
    [
      'numbers by their source text',
      [exact('1.0'), exact('1e3'), exact('-0'), exact('9007199254740993'), 1],
      '[1.0,1e3,-0,9007199254740993,1]',
    ],
    ['empty things', [{}, [], ''], '[{},[],""]'],
    ['lists in their order', [3, 1, 2], '[3,1,2]'],
  ])('%s', (_what, value, text) => {
    expect(canonical(json(value))).toBe(text)
  })

  test('many keys sorted as few', () => {
    const random = seededRandom(7)
    const keys = Array.from({ length: 200 }, (_, index) => `${Math.floor(random() * 1e6)}-${index}`)
    const text = canonical(json(Object.fromEntries(keys.map((key) => [key, 1]))))
    expect(text).toBe(
      `{${keys
        .toSorted()
        .map((key) => `"${key}":1`)
        .join(',')}}`,
    )
  })
})

describe('canonical text', () => {
  const runs = { numRuns: scaled(1500, 100_000) }

  test('is read back as the same document', () => {
    fc.assert(
      fc.property(documents, (document) => {
        expect(same(read(canonical(document)), document)).toBe(true)
      }),
      runs,
    )
  })

  test('is one for all texts of one document', () => {
    fc.assert(
      fc.property(documents, fc.integer(), (document, seed) => {
        expect(canonical(read(reencoded(document, seededRandom(seed))))).toBe(canonical(document))
      }),
      runs,
    )
  })

  test('is that of one document only', () => {
    fc.assert(
      fc.property(nearDocuments, ([a, b]) => {
        expect(canonical(a) === canonical(b)).toBe(same(a, b))
      }),
      runs,
    )
  })
})
