import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { parse } from 'yaml'
import { isList, isObject, JsonNumber } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'
import { printYaml } from '../../src/text/yaml.ts'
import { exact, json } from '../make.ts'
import { scaled } from '../scale.ts'
import { documents } from '../domain/arbitrary.ts'

/** The value with each exact number as JavaScript has it. */
function plain(value: Json): unknown {
  if (value instanceof JsonNumber) return Number(value.source)
  if (isList(value)) return value.map(plain)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner ?? null)]))
}

describe('printYaml', () => {
  test.each<[string, unknown, string]>([
    ['keys in their order', { b: 1, a: [1, 'x'], c: {} }, 'b: 1\na:\n  - 1\n  - x\nc: {}\n'],
    [
      'exact numbers as they were written',
      [exact('9007199254740993'), exact('1.0'), exact('1e3'), exact('-0')],
      '- 9007199254740993\n- 1.0\n- 1e3\n- -0\n',
    ],
    [
      'texts that look like something else in quotes',
      ['1', 'true', 'null', '', '~', '2026-03-01'],
      '- "1"\n- "true"\n- "null"\n- ""\n- "~"\n- 2026-03-01\n',
    ],
    ['long lines unbroken', 'word '.repeat(100).trim(), `${'word '.repeat(100).trim()}\n`],
    ['the same value twice, twice', { a: [1], b: [1] }, 'a:\n  - 1\nb:\n  - 1\n'],
    ['several lines as lines', { a: 'x\ny\n' }, 'a: |\n  x\n  y\n'],
  ])('%s', (_what, value, text) => {
    expect(printYaml(json(value))).toBe(text)
  })

  test('one object in two places is written twice: there are no anchors', () => {
    const shared = json({ x: 1 })
    expect(printYaml({ a: shared, b: shared })).toBe('a:\n  x: 1\nb:\n  x: 1\n')
  })

  test('a document 128 deep is printed', () => {
    const nested = (depth: number): unknown =>
      depth === 0 ? 1 : depth % 2 ? { a: nested(depth - 1) } : [nested(depth - 1)]
    expect(printYaml(json(nested(127)))).toMatch(/^a:\n {2}- a:\n[^1]* a: 1\n$/)
  })

  test('every document is read back as it was', () => {
    fc.assert(
      fc.property(documents, (document) => {
        expect(parse(printYaml(document), { schema: 'core', uniqueKeys: false })).toEqual(plain(document))
      }),
      { numRuns: scaled(500, 50_000) },
    )
  })
})
