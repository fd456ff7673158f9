import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { canonical } from '../../src/domain/canonical.ts'
import { reviewLimits } from '../../src/domain/json-fault.ts'
import type { JsonLimits } from '../../src/domain/json-fault.ts'
import { readJson } from '../../src/domain/json-reader.ts'
import { isList, isObject, JsonNumber, same } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'
import { bytes, deployment, reviewText } from '../make.ts'
import { scaled } from '../scale.ts'

const read = (text: string, limits?: JsonLimits) => readJson(bytes(text), limits)

const faultOf = (text: string | Uint8Array): string | undefined => {
  const found = typeof text === 'string' ? read(text) : readJson(text)
  return 'fault' in found ? found.fault : undefined
}

const valueOf = (text: string): Json => {
  const found = read(text)
  if ('fault' in found) throw new Error(`${found.fault} at ${found.offset}`)
  return found.value
}

/** The value as JSON.parse would give it: prototypes back, numbers inexact. */
function plain(value: Json): unknown {
  if (value instanceof JsonNumber) return Number(value.source)
  if (isList(value)) return value.map(plain)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner ?? null)]))
}

describe('readJson refuses, by name and place', () => {
  test.each([
    ['nothing at all', '', 'NotJson', 0, 0],
    ['white space alone', ' \n', 'NotJson', 2, 2],
    ['a word that is none', 'nul', 'NotJson', 0, 3],
    ['a comma before the end of a list', '[1,]', 'NotJson', 3, 3],
    ['a comma before the end of an object', '{"a":1,}', 'NotJson', 7, 7],
    ['two values', '[1] 2', 'NotJson', 4, 4],
    ['a missing comma', '[1 2]', 'NotJson', 3, 3],
    ['a missing colon', '{"a" 1}', 'NotJson', 5, 5],
    ['a key without quotes', '{a:1}', 'NotJson', 1, 1],
    ['single quotes', "['a']", 'NotJson', 1, 1],
    ['a comment', '[1 /* x */]', 'NotJson', 3, 3],
    ['a closing bracket of the other kind', '[1}', 'NotJson', 2, 2],
    ['a plus sign', '[+1]', 'NotJson', 1, 1],
    ['a leading zero', '[01]', 'NotJson', 2, 2],
    ['a bare point', '[1.]', 'NotJson', 1, 2],
    ['a point first', '[.5]', 'NotJson', 1, 1],
    ['an exponent without digits', '[1e]', 'NotJson', 1, 2],
    ['a minus alone', '[-]', 'NotJson', 1, 2],
    ['NaN', '[NaN]', 'NotJson', 1, 1],
    ['Infinity', '[-Infinity]', 'NotJson', 1, 2],
    ['a hexadecimal number', '[0x10]', 'NotJson', 2, 2],
    ['a control character in a text', '["a\u0001"]', 'NotJson', 1, 3],
    ['a line break in a text', '["a\n"]', 'NotJson', 1, 3],
    ['an unknown escape', '["\\x41"]', 'NotJson', 1, 7],
    ['an escape cut short', '["\\u12"]', 'NotJson', 1, 7],
    ['a text without end', '["abc', 'NotJson', 1, 5],
    ['a text that ends in its escape', '["abc\\', 'NotJson', 1, 7],
    ['a byte order mark', '\ufeff{}', 'NotJson', 0, 0],
    ['white space that JSON does not know', '[\u00a0]', 'NotJson', 1, 1],
    ['the same key twice', '{"a":1,"a":2}', 'DuplicateKey', 7, 10],
    ['the same key twice with the same value', '{"a":1,"a":1}', 'DuplicateKey', 7, 10],
    ['the same key, once escaped', '{"a":1,"\\u0061":2}', 'DuplicateKey', 7, 15],
    ['the same key where the first is null', '{"a":null,"a":2}', 'DuplicateKey', 10, 13],
    ['the empty key twice', '{"":1,"":2}', 'DuplicateKey', 6, 8],
    ['the same key twice further in', '[{"b":{"a":1,"c":2,"a":3}}]', 'DuplicateKey', 19, 22],
    ['the key __proto__', '{"__proto__":1}', 'ForbiddenKey', 1, 12],
    ['the key __proto__ in escapes', '{"\\u005f_proto__":{}}', 'ForbiddenKey', 1, 17],
    ['the key __proto__ further in', '{"a":[{"__proto__":{"allowed":true}}]}', 'ForbiddenKey', 7, 18],
    ['half a character, the first', '["\\ud83d"]', 'LoneSurrogate', 1, 9],
    ['half a character, the second', '["\\ude00"]', 'LoneSurrogate', 1, 9],
    ['the halves in the wrong order', '["\\ude00\\ud83d"]', 'LoneSurrogate', 1, 15],
    ['half a character in a key', '{"\\ud83d":1}', 'LoneSurrogate', 1, 9],
    ['U+FFFD itself', '["a\ufffd"]', 'ReplacementCharacter', 1, 3],
    ['U+FFFD in a long text', `["${'a'.repeat(100)}\ufffd"]`, 'ReplacementCharacter', 1, 104],
    ['U+FFFD in an escape', '["\\ufffd"]', 'ReplacementCharacter', 1, 9],
    ['U+FFFD in an escape of capitals', '["\\uFFFD"]', 'ReplacementCharacter', 1, 9],
    ['U+FFFD in a key', '{"\ufffd":1}', 'ReplacementCharacter', 1, 2],
  ])('%s', (_what, text, fault, from, to) => {
    const found = read(text)
    if (!('fault' in found)) throw new Error('was read')
    expect(found.fault).toBe(fault)
    expect(found.offset).toBeGreaterThanOrEqual(from)
    expect(found.offset).toBeLessThanOrEqual(to)
  })

  test.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate as three bytes (CESU-8)', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character cut short', [0x22, 0xe2, 0x82, 0x22]],
    ['a code point above U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ['bytes of protobuf', [0x6b, 0x38, 0x73, 0x00, 0x0a, 0xff, 0xfe]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    ['Latin-1', [0x22, 0xe9, 0x22]],
  ])('%s is not UTF-8', (_what, raw) => {
    expect(readJson(Uint8Array.from(raw))).toEqual({ fault: 'NotUtf8', offset: 0 })
  })

  test('a real document cut anywhere, at every byte of it', () => {
    const whole = bytes(reviewText({ object: deployment({ metadata: { annotations: { note: 'žluť 🚀' } } }) }))
    const readable: number[] = []
    for (let end = 0; end < whole.length; end += 1) {
      const fault = faultOf(whole.slice(0, end))
      if (fault !== 'NotJson' && fault !== 'NotUtf8') readable.push(end)
    }
    expect(readable).toEqual([])
    expect(faultOf(whole)).toBeUndefined()
  })
})

describe('readJson keeps to its limits', () => {
  const list = (length: number): string => `[${'1,'.repeat(length - 1)}1]`
  const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth)

  test('16 MiB are read, one byte more is not even decoded', () => {
    const most = `"${'x'.repeat(reviewLimits.bytes - 2)}"`
    expect(faultOf(most)).toBeUndefined()
    expect(read(`${most} `)).toEqual({ fault: 'TooLarge', offset: 0 })
    expect(faultOf(new Uint8Array(20 * 1024 * 1024).fill(0xff))).toBe('TooLarge')
  })

  test('a depth of 128 is read, 129 is not', () => {
    expect(faultOf(nested(128, '[', ']'))).toBeUndefined()
    expect(faultOf(nested(129, '[', ']'))).toBe('TooDeep')
    expect(faultOf(`${'{"a":'.repeat(128)}1${'}'.repeat(128)}`)).toBeUndefined()
    expect(faultOf(`${'{"a":'.repeat(129)}1${'}'.repeat(129)}`)).toBe('TooDeep')
  })

  test.each([
    ['lists', nested(200_000, '[', ']')],
    ['objects', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`],
    ['lists that never end', '['.repeat(200_000)],
  ])('200,000 nested %s are too deep', (_what, text) => {
    expect(faultOf(text)).toBe('TooDeep')
  })

  test('depth is that of one place, not of the document', () => {
    expect(faultOf(`[${'[[]],'.repeat(1000)}[]]`)).toBeUndefined()
  })

  test('300,000 values are read, one more is not', () => {
    expect(faultOf(list(reviewLimits.nodes - 1))).toBeUndefined()
    expect(faultOf(list(reviewLimits.nodes))).toBe('TooManyValues')
  })

  test('50,000 keys of one object are read, one more is not', () => {
    const keys = (count: number): string =>
      `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',')}}`
    expect(faultOf(keys(reviewLimits.keys))).toBeUndefined()
    expect(faultOf(keys(reviewLimits.keys + 1))).toBe('TooManyKeys')
  })

  test.each([
    ['numbers', list(8_000_000)],
    ['empty lists', `[${'[],'.repeat(4_000_000)}[]]`],
  ])('millions of %s are too many', (_what, text) => {
    expect(faultOf(text)).toBe('TooManyValues')
  })

  test('a long key above many values is refused, since every path below it would repeat it', () => {
    const children = Array.from({ length: 400 }, (_, index) => `"k${index}":1`).join(',')
    expect(faultOf(`{"${'k'.repeat(100_000)}":{${children}}}`)).toBe('LongPaths')
    expect(faultOf(`{"${'k'.repeat(100_000)}":1}`)).toBeUndefined()
    expect(faultOf(`{"a":{${children}}}`)).toBeUndefined()
  })

  test('a key counts for every value below it and for none beside it', () => {
    const limits = { ...reviewLimits, paths: 12 }
    expect(read('{"abcd":[1,2]}', limits)).toHaveProperty('value')
    expect(read('{"abcd":[1,2,3]}', limits)).toMatchObject({ fault: 'LongPaths' })
    expect(read('[{"abcd":1},{"abcd":2},{"abcd":3}]', limits)).toHaveProperty('value')
    expect(read('{"ab":{"ab":{"ab":1}}}', limits)).toHaveProperty('value')
    expect(read('{"ab":{"ab":{"abc":1}}}', limits)).toMatchObject({ fault: 'LongPaths' })
  })
})

describe('readJson keeps numbers exact', () => {
  test.each([
    ['9007199254740992', '9007199254740993'],
    ['9223372036854775806', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775807'],
    ['1', '1.0'],
    ['1', '1e0'],
    ['1.0', '1.00'],
    ['1e3', '1E3'],
    ['1e3', '1e+3'],
    ['100', '1e2'],
    ['0', '-0'],
    ['0', '0.0'],
    ['0.1', '0.10000000000000001'],
    ['1e999', '1e9999'],
    ['1e-999', '0'],
    ['1e999', '-1e999'],
    ['123456789012345678901234567890', '123456789012345678901234567891'],
  ])('%s is not %s', (a, b) => {
    expect(same(valueOf(a), valueOf(b))).toBe(false)
    expect(canonical(valueOf(a))).toBe(a)
    expect(canonical(valueOf(b))).toBe(b)
  })

  test('a number that JavaScript prints as it was written is a number', () => {
    expect(['0', '-1', '80', '0.5', '1e+21', '9007199254740991'].map(valueOf)).toEqual([
      0, -1, 80, 0.5, 1e21, 9007199254740991,
    ])
  })

  test('every number that JSON allows comes out as it was written', () => {
    const digits = fc.stringMatching(/^\d{1,25}$/)
    const number = fc.tuple(
      fc.constantFrom('', '-'),
      fc.stringMatching(/^(?:0|[1-9]\d{0,25})$/),
      fc.oneof(
        fc.constant(''),
        digits.map((text) => `.${text}`),
      ),
      fc.oneof(
        fc.constant(''),
        fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), digits).map((parts) => parts.join('')),
      ),
    )
    fc.assert(
      fc.property(number, (parts) => {
        const source = parts.join('')
        expect(canonical(valueOf(source))).toBe(source)
      }),
      { numRuns: scaled(1000, 100_000) },
    )
  })
})

describe('readJson takes keys as they are', () => {
  test.each([
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '__defineGetter__',
    'valueOf',
    'length',
    '',
    '0',
  ])('the key %j is a key like any other', (key) => {
    const value = valueOf(`{${JSON.stringify(key)}:{"allowed":true}}`)
    expect(isObject(value) && Object.keys(value)).toEqual([key])
  })

  test('an object has nothing that was not sent', () => {
    const value = valueOf('{"a":1}')
    expect(isObject(value) && Object.getPrototypeOf(value)).toBeNull()
    expect(isObject(value) && value['toString']).toBeUndefined()
  })

  test.each([
    ['"\\u0061\\"\\\\\\/\\b\\f\\n\\r\\t"', 'a"\\/\b\f\n\r\t'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"😀"', '😀'],
    ['"\\u0000"', '\u0000'],
    ['"\u2028\u2029\u007f"', '\u2028\u2029\u007f'],
    [`"${'a'.repeat(200)}\\\\"`, `${'a'.repeat(200)}\\`],
    [`"${'a'.repeat(62)}\\""`, `${'a'.repeat(62)}"`],
    [`"${'a'.repeat(63)}\\""`, `${'a'.repeat(63)}"`],
    ['"\\\\"', '\\'],
  ])('the text %j is read to the letter', (text, expected) => {
    expect(valueOf(text)).toBe(expected)
  })
})

describe('readJson against JSON.parse', () => {
  const runs = { numRuns: scaled(1500, 100_000) }
  const documents = fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' })

  /** Whether a document may hold what is refused; half a character in a text becomes U+FFFD on its way to bytes. */
  const refusesContent = (text: string): boolean => /\uFFFD|\\u(?:fffd|d[89a-f])|__proto__/i.test(text.toWellFormed())

  test('every document without the refused things has the same value', () => {
    let compared = 0
    fc.assert(
      fc.property(documents, fc.constantFrom(undefined, 1, '\t', '  \r'), (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        if (refusesContent(text)) return
        compared += 1
        expect(plain(valueOf(text))).toEqual(JSON.parse(text))
      }),
      runs,
    )
    expect(compared).toBeGreaterThan(runs.numRuns / 2)
  })

  /** Texts that are nearly JSON: one stretch of a document replaced by something that belongs elsewhere. */
  const nearly = fc
    .tuple(
      fc.json({ depthSize: 'small' }),
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.constantFrom(
        '',
        ',',
        ':',
        '"',
        '\\',
        '[',
        ']',
        '{',
        '}',
        '0',
        '-',
        '.',
        'e',
        ' ',
        '\n',
        'true',
        '"a":1',
        '\\u00',
      ),
    )
    .map(([text, at, cut, put]) => {
      const from = at % (text.length + 1)
      return text.slice(0, from) + put + text.slice(from + cut)
    })

  const parses = (text: string): boolean => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }

  /** Keys as written minus keys as kept. */
  function repeatedKeys(text: string): number {
    const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length
    const count = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? Object.values(value).reduce(
            (sum: number, inner) => sum + count(inner),
            Array.isArray(value) ? 0 : Object.keys(value).length,
          )
        : 0
    return written - count(JSON.parse(text))
  }

  test('what is no JSON for one is none for the other; all else is refused for its own named reason', () => {
    const seen = { read: 0, refused: 0 }
    fc.assert(
      fc.property(nearly, (text) => {
        const fault = faultOf(text)
        if (!parses(text)) {
          seen.refused += 1
          expect(fault).toBeDefined()
          return
        }
        if (fault === undefined) {
          seen.read += 1
          expect(plain(valueOf(text))).toEqual(JSON.parse(text))
        } else if (fault === 'DuplicateKey') expect(repeatedKeys(text)).toBeGreaterThan(0)
        else expect([fault, refusesContent(text)]).toEqual([expect.not.stringMatching('NotJson'), true])
      }),
      { numRuns: scaled(3000, 300_000) },
    )
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(100)
  })
})
