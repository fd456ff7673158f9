import { describe, expect, test } from '@jest/globals'
import { parseYaml } from '../../src/text/yaml.ts'

describe('a document is read', () => {
  test.each([
    ['', null],
    ['# nothing\n', null],
    ['a: 1\nb: [x, 2.5, true, null]\n', { a: 1, b: ['x', 2.5, true, null] }],
    ['{"a": {"b": "c"}}', { a: { b: 'c' } }],
    ['yes: no\n', { yes: 'no' }],
    ['a: 2030-01-01\n', { a: '2030-01-01' }],
  ])('%j', (text, value) => {
    expect(parseYaml(text)).toEqual({ value })
  })
})

describe('what is no document says where', () => {
  test.each([
    ['a: 1\na: 2\n', 'line 2, column 1: the key stands there twice'],
    ['a: 1\n---\nb: 2\n', 'line 2, column 1: a second document begins; there may be one only'],
    ['a: [1\n', expect.stringMatching(/^line \d+, column \d+: /)],
    ['a:\n\t- 1\n', expect.stringMatching(/^line 2, column \d+: /)],
    ['a: !secret x\n', expect.stringMatching(/^line 1, column 4: /)],
    ['a: &x 1\nb: *x\n', 'anchors and aliases are not read; write the value twice'],
  ])('%j', (text, fault) => {
    expect(parseYaml(text)).toEqual({ faults: expect.arrayContaining([fault]) })
  })

  test('a few lines of aliases do not become gigabytes', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}*l${level}]`,
    )
    expect(parseYaml(['l0: &l0 lol', ...levels].join('\n'))).toEqual({ faults: [expect.stringContaining('aliases')] })
  })

  test('a key of every object is an own key, and changes no other object', () => {
    const parsed = parseYaml('__proto__: {polluted: true}\n')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect('value' in parsed && Object.keys(Object(parsed.value))).toEqual(['__proto__'])
  })
})
