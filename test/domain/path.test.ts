import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { formatPath, parsePath, valueAt } from '../../src/domain/path.ts'
import type { Path, Step } from '../../src/domain/path.ts'
import { json } from '../make.ts'
import { scaled } from '../scale.ts'
import { hostileText } from './arbitrary.ts'

describe('formatPath', () => {
  test.each<[Path, string]>([
    [[], ''],
    [['spec', 'replicas'], 'spec.replicas'],
    [['metadata', 'labels', 'app.kubernetes.io/name'], 'metadata.labels["app.kubernetes.io/name"]'],
    [['spec', 'args', 0], 'spec.args[0]'],
    [[['c', 1], 'x'].flat(), 'c[1].x'],
    [['spec', 'containers', [['name', 'web']], 'image'], 'spec.containers[name="web"].image'],
    [
      [
        'ports',
        [
          ['port', 53],
          ['protocol', 'UDP'],
        ],
      ],
      'ports[port=53,protocol="UDP"]',
    ],
    [[''], '[""]'],
    [['0'], '["0"]'],
    [['a"]b'], '["a\\"]b"]'],
    [['x-y', '_z'], 'x-y._z'],
    [['-x'], '["-x"]'],
    [[[['name', 'a"],b=']]], '[name="a\\"],b="]'],
  ])('%j is %s', (path, text) => {
    expect(formatPath(path)).toBe(text)
    expect(parsePath(text)).toEqual(path)
  })
})

describe('parsePath knows nothing but what formatPath writes', () => {
  test.each([
    'a..b',
    '.a',
    'a.',
    'a[',
    'a[]',
    'a]',
    'a[01]',
    'a[-1]',
    'a["x]',
    'a["\\x"]',
    'a["x"',
    'a["b"]c',
    '["plain"]',
    'a[name=]',
    'a[name="x",]',
    'a[name="x"',
    'a[name=1.5]',
    'a[name=-0]',
    'a[name=x]',
    'a[="x"',
    'a b',
    '["\\u0061b c"]',
    '\\',
    '"a"',
  ])('%j is no path', (text) => {
    expect(parsePath(text)).toBeUndefined()
  })

  test.each([
    ['a quoted key', `["${'.'.repeat(1 << 20)}"]`],
    ['a quoted key of escapes', `["${'\\n'.repeat(1 << 20)}"]`],
    ['the value of an element', `[name="${'x'.repeat(1 << 20)}"]`],
  ])('%s of a megabyte is read', (_what, text) => {
    expect(parsePath(text)).toHaveLength(1)
  })

  test.each(['[', ']', '"', '\\', '["', '[a=', 'a.', '[0', '[name="'])('a megabyte of %j is refused', (piece) => {
    expect(parsePath(piece.repeat((1 << 20) / piece.length))).toBeUndefined()
  })
})

describe('paths and texts', () => {
  const field = fc.constantFrom('name', 'port', 'protocol', 'key', 'type')
  const key = fc
    .uniqueArray(field, { minLength: 1, maxLength: 3 })
    .chain((fields) =>
      fc.tuple(...fields.map((name) => fc.tuple(fc.constant(name), fc.oneof(hostileText, fc.integer())))),
    )
  const step: fc.Arbitrary<Step> = fc.oneof(hostileText, fc.nat({ max: 100 }), key)
  const paths: fc.Arbitrary<Path> = fc.array(step, { maxLength: 6 })
  const runs = { numRuns: scaled(2000, 100_000) }

  test('every path comes back from its text', () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(parsePath(formatPath(path))).toEqual(path)
      }),
      runs,
    )
  })

  test('two paths never have one text', () => {
    const texts = new Map<string, string>()
    fc.assert(
      fc.property(paths, (path) => {
        const text = formatPath(path)
        const known = texts.get(text) ?? JSON.stringify(path)
        texts.set(text, known)
        expect(JSON.stringify(path)).toBe(known)
      }),
      runs,
    )
  })

  test('any text either is refused or is written again as it was', () => {
    const pieces = fc.constantFrom('a', '.', '[', ']', '"', '\\', '=', ',', '0', '1', 'name=', '["', '"]', '-', ' ')
    let accepted = 0
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 10 }), (parts) => {
        const text = parts.join('')
        const path = parsePath(text)
        if (path === undefined) return
        accepted += 1
        expect(formatPath(path)).toBe(text)
      }),
      runs,
    )
    expect(accepted).toBeGreaterThan(10)
  })
})

describe('valueAt', () => {
  const document = json({
    spec: {
      containers: [
        {
          name: 'web',
          ports: [
            { port: 53, protocol: 'TCP' },
            { port: 53, protocol: 'UDP', extra: true },
          ],
        },
        { name: 'twin', image: 'a' },
        { name: 'twin', image: 'b' },
      ],
    },
    '': { 'a.b': 1 },
  })

  test.each<[string, Path, unknown]>([
    ['the document itself', [], document],
    ['a key', ['', 'a.b'], 1],
    ['an index', ['spec', 'containers', 1, 'image'], 'a'],
    ['an element by one field', ['spec', 'containers', [['name', 'web']], 'name'], 'web'],
    [
      'an element by two fields',
      [
        'spec',
        'containers',
        0,
        'ports',
        [
          ['port', 53],
          ['protocol', 'UDP'],
        ],
        'extra',
      ],
      true,
    ],
  ])('finds %s', (_what, path, value) => {
    expect(valueAt(document, path)).toEqual(value)
  })

  test.each<[string, Path]>([
    ['a key that is not there', ['spec', 'nothing']],
    ['an inherited name', ['spec', 'constructor']],
    ['a key of a list', ['spec', 'containers', 'length']],
    ['an index of an object', ['spec', 0]],
    ['an index beyond the end', ['spec', 'containers', 3]],
    ['an element that two fit', ['spec', 'containers', [['name', 'twin']]]],
    ['an element that none fits', ['spec', 'containers', [['name', 'x']]]],
    ['anything below a text', ['spec', 'containers', 0, 'name', 'length']],
    ['anything below nothing', ['a', 'b', 0, [['name', 'x']]]],
  ])('finds nothing for %s', (_what, path) => {
    expect(valueAt(document, path)).toBeUndefined()
  })
})
