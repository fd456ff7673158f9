import { describe, expect, test } from '@jest/globals'
import {
  at,
  exactNumber,
  isList,
  isObject,
  JsonNumber,
  mapEntries,
  replaceAt,
  same,
  textAt,
  withKey,
} from '../../src/domain/json.ts'
import { exact, json, object } from '../make.ts'

const document = object({ a: { b: { c: 'x' }, list: [1], n: null, number: exact('1.0') }, constructor: 'mine' })

describe('kinds of values', () => {
  test.each<[string, unknown, boolean, boolean]>([
    ['an object', {}, true, false],
    ['a list', [], false, true],
    ['null', null, false, false],
    ['a text', 'x', false, false],
    ['a number', 1, false, false],
    ['an exact number', exact('1.0'), false, false],
  ])('%s', (_what, value, objectLike, listLike) => {
    expect([isObject(json(value)), isList(json(value))]).toEqual([objectLike, listLike])
  })

  test('nothing is neither', () => {
    expect([isObject(undefined), isList(undefined)]).toEqual([false, false])
  })

  test.each(['1', '-1', '0.1', '1e+21', '9007199254740992'])('%s is a number', (source) => {
    expect(exactNumber(source)).toBe(Number(source))
  })

  test.each(['1.0', '1e3', '-0', '9007199254740993', '1E400', '0.10'])('%s is kept as it was written', (source) => {
    expect(exactNumber(source)).toEqual(new JsonNumber(source))
  })
})

describe('walking', () => {
  test('leads to what is there', () => {
    expect(at(document, 'a', 'b', 'c')).toBe('x')
    expect(at(document, 'a', 'n')).toBeNull()
    expect(at(document)).toBe(document)
    expect(textAt(document, 'a', 'b', 'c')).toBe('x')
  })

  test.each<[string, readonly string[]]>([
    ['a key that is not there', ['a', 'x']],
    ['below a text', ['a', 'b', 'c', 'length']],
    ['below null', ['a', 'n', 'x']],
    ['below a list', ['a', 'list', '0']],
    ['below an exact number', ['a', 'number', 'source']],
    ['an inherited name', ['a', 'toString']],
  ])('leads nowhere: %s', (_what, keys) => {
    expect(at(document, ...keys)).toBeUndefined()
  })

  test('to a text does not take anything else for one', () => {
    expect(textAt(document, 'a', 'list')).toBeUndefined()
    expect(textAt(document, 'a', 'number')).toBeUndefined()
  })
})

describe('changed copies', () => {
  test('mapEntries replaces and drops, and leaves the order', () => {
    const made = mapEntries(object({ a: 1, b: 2, c: 3 }), (key, value) => (key === 'b' ? undefined : [value]))
    expect(JSON.stringify(made)).toBe('{"a":[1],"c":[3]}')
  })

  test('withKey sets where the key stands, adds at the end, drops', () => {
    const made = object({ a: 1, b: 2 })
    expect(JSON.stringify(withKey(made, 'a', 3))).toBe('{"a":3,"b":2}')
    expect(JSON.stringify(withKey(made, 'c', 3))).toBe('{"a":1,"b":2,"c":3}')
    expect(JSON.stringify(withKey(made, 'a', undefined))).toBe('{"b":2}')
  })

  test('replaceAt changes the end of a walk and nothing on the way', () => {
    const made = replaceAt(document, ['a', 'b', 'c'], (found) => [found ?? null])
    expect(at(made, 'a', 'b', 'c')).toEqual(['x'])
    expect(at(made, 'a', 'list')).toBe(at(document, 'a', 'list'))
    expect(at(document, 'a', 'b', 'c')).toBe('x')
  })

  test.each<[string, readonly string[]]>([
    ['leaves the objects', ['a', 'list', 'x']],
    ['begins nowhere', ['x', 'y']],
    ['passes an exact number', ['a', 'number', 'source']],
  ])('replaceAt changes nothing when the walk %s', (_what, keys) => {
    expect(
      same(
        replaceAt(document, keys, () => 'new'),
        document,
      ),
    ).toBe(true)
  })

  test('copies have no prototype: no key names what was inherited', () => {
    for (const made of [
      mapEntries(document, (_key, value) => value),
      withKey(document, 'z', 1),
      replaceAt(document, ['a', 'b'], () => 1),
    ]) {
      expect(Object.getPrototypeOf(made)).toBeNull()
    }
  })
})

describe('same', () => {
  test.each<[string, unknown, unknown]>([
    ['keys in another order', { a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }],
    ['exact numbers of one source', exact('1.0'), exact('1.0')],
  ])('%s are the same', (_what, a, b) => {
    expect(same(json(a), json(b))).toBe(true)
  })

  test.each<[string, unknown, unknown]>([
    ['a list in another order', [1, 2], [2, 1]],
    ['a list that is longer', [1], [1, 1]],
    ['an object with a key more', { a: 1 }, { a: 1, b: 1 }],
    ['an object with another key', { a: null }, { b: null }],
    ['a number and its text', 1, '1'],
    ['a number written otherwise', 1, exact('1.0')],
    ['a list and an object', [], {}],
    ['null and an object', null, {}],
    ['nothing there and null', {}, { a: null }],
    ['an own name and an inherited one', { toString: null }, { a: null }],
    ['letters composed otherwise', 'é', 'e\u0301'],
  ])('%s are not', (_what, a, b) => {
    expect(same(json(a), json(b))).toBe(false)
    expect(same(json(b), json(a))).toBe(false)
  })

  test('nothing is the same as nothing alone', () => {
    expect([same(undefined, undefined), same(undefined, null), same(null, undefined)]).toEqual([true, false, false])
  })
})
