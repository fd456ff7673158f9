import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { changesBetween } from '../../src/domain/change.ts'
import type { Change } from '../../src/domain/change.ts'
import { isList, isObject, JsonNumber, objectOf, same } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'
import { formatPath } from '../../src/domain/path.ts'
import type { ElementKey, Path, Step } from '../../src/domain/path.ts'
import { json } from '../make.ts'
import { scaled } from '../scale.ts'
import { documents, nearDocuments } from './arbitrary.ts'

/** Applies changes one after another, knowing nothing of how they were found. */
function applied(before: Json | undefined, changes: readonly Change[]): Json | undefined {
  return tidied(changes.reduce((value, change) => put(value, change.path, change), before))
}

/** What an element of a list was taken from: lists keep their holes until all changes are made, since indexes count. */
const hole = new JsonNumber('hole')

function put(value: Json | undefined, path: Path, change: Change): Json | undefined {
  const [step, ...rest] = path
  if (step === undefined) return change.order ? ordered(value, change.after) : checked(value, change)
  if (typeof step === 'string') return putKey(value, { step, rest, change })
  return putElement(value, { step, rest, change })
}

function checked(value: Json | undefined, { before, after }: Change): Json | undefined {
  if (!same(value, before)) throw new Error(`is ${JSON.stringify(value)}, not ${JSON.stringify(before)}`)
  return after
}

type Deeper<S> = { readonly step: S; readonly rest: Path; readonly change: Change }

function putKey(value: Json | undefined, { step, rest, change }: Deeper<string>): Json {
  if (!isObject(value)) throw new Error(`no object for ${step}`)
  const entries = Object.entries(value) as [string, Json][]
  const made = put(value[step], rest, change)
  const others = entries.filter(([key]) => key !== step)
  return objectOf(made === undefined ? others : [...others, [step, made]])
}

function putElement(value: Json | undefined, { step, rest, change }: Deeper<Exclude<Step, string>>): Json {
  if (!isList(value)) throw new Error(`no list for ${formatPath([step])}`)
  const index = typeof step === 'number' ? step : indexOf(value, step)
  const made = put(value[index], rest, change)
  const element = made === undefined ? hole : made
  return index < value.length ? value.with(index, element) : [...value, element]
}

function indexOf(list: readonly Json[], key: ElementKey): number {
  const found = list.flatMap((element, index) => (hasKey(element, key) ? [index] : []))
  if (found.length > 1) throw new Error('ambiguous')
  return found[0] ?? list.length
}

function hasKey(element: Json, key: ElementKey): boolean {
  return isObject(element) && key.every(([field, value]) => element[field] === value)
}

function ordered(value: Json | undefined, keys: Json | undefined): Json {
  if (!isList(value) || !isList(keys)) throw new Error('no list to order')
  return keys.map((text) => {
    const found = value.filter((element) => hasKey(element, JSON.parse(String(text)) as ElementKey))
    if (found.length !== 1) throw new Error('ambiguous order')
    return found[0] ?? null
  })
}

function tidied(value: Json | undefined): Json | undefined {
  if (isList(value)) return value.filter((element) => element !== hole).map((element) => tidied(element) ?? null)
  if (!isObject(value)) return value
  return objectOf(Object.entries(value).map(([key, inner]) => [key, tidied(inner) ?? null]))
}

const written = (before: unknown, after: unknown): readonly unknown[] =>
  changesBetween(json(before), json(after)).map(({ path, ...sides }) => [formatPath(path), sides])

describe('changesBetween tells each change at the deepest place that tells it whole', () => {
  test.each<[string, unknown, unknown, readonly unknown[]]>([
    ['a value', { a: { b: 1 } }, { a: { b: 2 } }, [['a.b', { before: 1, after: 2 }]]],
    ['what was added', { a: {} }, { a: { b: {} } }, [['a.b', { before: undefined, after: {} }]]],
    ['what was removed', { a: { b: null } }, { a: {} }, [['a.b', { before: null, after: undefined }]]],
    ['null in place of nothing', {}, { a: null }, [['a', { before: undefined, after: null }]]],
    ['another type', { a: { b: 1 } }, { a: [1] }, [['a', { before: { b: 1 }, after: [1] }]]],
    [
      'a list of plain values, as a whole',
      { a: ['x', 'y'] },
      { a: ['x', 'z'] },
      [['a', { before: ['x', 'y'], after: ['x', 'z'] }]],
    ],
    ['the order of plain values', { a: [1, 2] }, { a: [2, 1] }, [['a', { before: [1, 2], after: [2, 1] }]]],
    [
      'an element found by its name, wherever it stands',
      {
        containers: [
          { name: 'a', image: 'x' },
          { name: 'b', image: 'y' },
        ],
      },
      {
        containers: [
          { name: 'a', image: 'x' },
          { name: 'b', image: 'z' },
        ],
      },
      [['containers[name="b"].image', { before: 'y', after: 'z' }]],
    ],
    [
      'an element put first: it is new, and the order says where',
      { env: [{ name: 'a' }] },
      { env: [{ name: 'b' }, { name: 'a' }] },
      [
        ['env[name="b"]', { before: undefined, after: { name: 'b' } }],
        ['env', { before: ['[["name","a"]]'], after: ['[["name","b"]]', '[["name","a"]]'], order: true }],
      ],
    ],
    [
      'an element put last: no order changes',
      { env: [{ name: 'a' }] },
      { env: [{ name: 'a' }, { name: 'b' }] },
      [['env[name="b"]', { before: undefined, after: { name: 'b' } }]],
    ],
    [
      'two elements that change places',
      { initContainers: [{ name: 'a' }, { name: 'b' }] },
      { initContainers: [{ name: 'b' }, { name: 'a' }] },
      [
        [
          'initContainers',
          { before: ['[["name","a"]]', '[["name","b"]]'], after: ['[["name","b"]]', '[["name","a"]]'], order: true },
        ],
      ],
    ],
    [
      'one port of a number, with the other protocol beside it',
      {
        ports: [
          { port: 53, protocol: 'TCP', nodePort: 1 },
          { port: 53, protocol: 'UDP', nodePort: 2 },
        ],
      },
      {
        ports: [
          { port: 53, protocol: 'TCP', nodePort: 1 },
          { port: 53, protocol: 'UDP', nodePort: 3 },
        ],
      },
      [['ports[port=53,protocol="UDP"].nodePort', { before: 2, after: 3 }]],
    ],
    [
      'ports of a container',
      {
        ports: [
          { containerPort: 53, protocol: 'TCP' },
          { containerPort: 53, protocol: 'UDP' },
        ],
      },
      {
        ports: [
          { containerPort: 53, protocol: 'TCP', name: 'x' },
          { containerPort: 53, protocol: 'UDP' },
        ],
      },
      [['ports[containerPort=53,protocol="TCP"].name', { before: undefined, after: 'x' }]],
    ],
    [
      'a name that is there twice: by index',
      { env: [{ name: 'a', value: '1' }] },
      {
        env: [
          { name: 'a', value: '1' },
          { name: 'a', value: '2' },
        ],
      },
      [['env[1]', { before: undefined, after: { name: 'a', value: '2' } }]],
    ],
    [
      'a name that was there twice: by index',
      {
        env: [
          { name: 'a', value: '1' },
          { name: 'a', value: '2' },
        ],
      },
      { env: [{ name: 'a', value: '2' }] },
      [
        ['env[0].value', { before: '1', after: '2' }],
        ['env[1]', { before: { name: 'a', value: '2' }, after: undefined }],
      ],
    ],
    [
      'elements without a key: by index',
      { x: [{ a: 1 }, { a: 2 }] },
      { x: [{ a: 1 }, { a: 3 }] },
      [['x[1].a', { before: 2, after: 3 }]],
    ],
    ['lists in lists', { x: [[1], [2]] }, { x: [[1], [3]] }, [['x[1]', { before: [2], after: [3] }]]],
    [
      'a list that was empty, as a whole',
      { env: [] },
      { env: [{ name: 'a' }] },
      [['env', { before: [], after: [{ name: 'a' }] }]],
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(written(before, after)).toEqual(expected)
  })

  test('1 and 1.0 are a change, and so are two int64 that JavaScript takes for one', () => {
    const sources = [new JsonNumber('1.0'), new JsonNumber('9007199254740993'), new JsonNumber('9007199254740994')]
    const [one, odd, even] = sources.map((source) => objectOf([['a', source]]))
    expect(changesBetween(json({ a: 1 }), one)).toHaveLength(1)
    expect(changesBetween(odd, even)).toHaveLength(1)
  })

  test('a name too long for a path does not single out an element', () => {
    const list = (length: number, value: number): unknown => ({ env: [{ name: 'x'.repeat(length), value }] })
    expect(written(list(253, 1), list(253, 2))[0]).toEqual([`env[name="${'x'.repeat(253)}"].value`, expect.anything()])
    expect(written(list(254, 1), list(254, 2))[0]).toEqual(['env[0].value', expect.anything()])
  })

  test('nested keys do not make paths longer and longer', () => {
    const nested = (depth: number, leaf: number): unknown =>
      depth === 0 ? leaf : { env: [{ name: 'x'.repeat(200), value: nested(depth - 1, leaf) }] }
    const [change] = changesBetween(json(nested(40, 1)), json(nested(40, 2)))
    expect(formatPath(change?.path ?? []).length).toBeLessThan(1500)
  })
})

describe('changes and documents', () => {
  const runs = { numRuns: scaled(3000, 200_000) }

  test('applied to the one document, the changes give the other', () => {
    fc.assert(
      fc.property(fc.oneof(nearDocuments, fc.tuple(documents, documents)), ([before, after]) => {
        expect(same(applied(before, changesBetween(before, after)), after)).toBe(true)
      }),
      runs,
    )
  })

  test('there is no change exactly when the documents are the same', () => {
    const seen = { same: 0, different: 0 }
    fc.assert(
      fc.property(nearDocuments, ([before, after]) => {
        const equal = same(before, after)
        seen[equal ? 'same' : 'different'] += 1
        expect(changesBetween(before, after).length === 0).toBe(equal)
      }),
      runs,
    )
    expect(Math.min(seen.same, seen.different)).toBeGreaterThan(runs.numRuns / 20)
  })

  test('no change says the same on both sides, and no two are told of one place', () => {
    fc.assert(
      fc.property(nearDocuments, ([before, after]) => {
        const changes = changesBetween(before, after)
        const places = changes.map(({ path, order }) => `${formatPath(path)}${order ? ' order' : ''}`)
        expect(new Set(places).size).toBe(places.length)
        expect(changes.filter((change) => same(change.before, change.after))).toEqual([])
      }),
      runs,
    )
  })
})
