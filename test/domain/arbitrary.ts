import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { exactNumber, objectOf } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'

/** Keys and texts that break what is careless: quotes, brackets, dots, equal signs, nothing, other scripts, inherited names. */
export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'name', 'spec', 'image', 'x-y', '_z', 'A9') },
  fc.constantFrom(
    '',
    '0',
    '-1',
    '["a"]',
    'a.b',
    'a"b',
    "a'b",
    'a\\',
    '\\',
    '"',
    '[0]',
    '[name="a"]',
    'name="a"',
    '=',
    ',',
  ),
  fc.constantFrom(
    'constructor',
    'toString',
    'é',
    'ключ',
    '😀',
    '\u202e',
    '\u2028',
    ' ',
    '\n',
    'a/b',
    'f:x"/',
    '~1',
    '.',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => text.replaceAll('\ufffd', '?')),
)

/** Texts of numbers, among them pairs that JavaScript takes for one. */
const numberSource: Arbitrary<string> = fc.oneof(
  fc.constantFrom('0', '-0', '1', '1.0', '1e0', '9007199254740992', '9007199254740993', '1e999', '0.10', '-5'),
  fc.integer().map(String),
)

const scalar: Arbitrary<Json> = fc.oneof(fc.constant(null), fc.boolean(), numberSource.map(exactNumber), hostileText)

function objects(values: Arbitrary<Json>, keys: Arbitrary<string>): Arbitrary<Json> {
  return fc
    .dictionary(keys, values, { maxKeys: 5, noNullPrototype: true })
    .map((made) => objectOf(Object.entries(made)))
}

/** Elements as Kubernetes lists have them: objects with a name, a port, a key; sometimes twice the same. */
function elements(values: Arbitrary<Json>): Arbitrary<Json> {
  const name = fc.constantFrom<Json>('a', 'b', 'c', 'd"]', '', 1, exactNumber('1.0'))
  return fc
    .record(
      { name, port: fc.constantFrom<Json>(80, 53), protocol: fc.constantFrom<Json>('TCP', 'UDP'), value: values },
      { requiredKeys: [] },
    )
    .map((made) => objectOf(Object.entries(made)))
}

const listNames = fc.constantFrom('ports', 'containers', 'env', 'conditions', 'volumeMounts', 'args')

/** Documents with objects, lists with and without keys, and hostile names. */
export const documents: Arbitrary<Json> = fc.letrec<{ value: Json; list: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    objects(tie('value'), hostileText),
    objects(tie('list'), listNames),
    tie('list'),
  ),
  list: fc.oneof(
    fc.array(elements(tie('value')), { maxLength: 4 }).map((made): Json => made),
    fc.array(scalar, { maxLength: 4 }).map((made): Json => made),
    fc.array(tie('value'), { maxLength: 3 }).map((made): Json => made),
  ),
})).value

/** A document and another that is near it: parts changed, taken, added, swapped, doubled. */
export const nearDocuments: Arbitrary<readonly [Json, Json]> = fc
  .tuple(documents, fc.infiniteStream(fc.nat({ max: 0xffff })), documents)
  .map(([document, dice, other]) => [document, changed(document, { dice, other })] as const)

type Source = { readonly dice: Iterator<number>; readonly other: Json }

function roll(source: Source, sides: number): number {
  return (source.dice.next().value ?? 0) % sides
}

function changed(value: Json, source: Source): Json {
  if (roll(source, 10) === 0) return source.other
  if (Array.isArray(value)) return changedList(value as readonly Json[], source)
  if (typeof value !== 'object' || value === null || !Object.keys(value).length || 'source' in value) return value
  const entries = Object.entries(value) as [string, Json][]
  const kept = entries.filter(() => roll(source, 12) > 0).map(([key, inner]) => [key, changed(inner, source)] as const)
  return objectOf(roll(source, 8) === 0 ? [...kept, ['added', source.other]] : kept)
}

function changedList(list: readonly Json[], source: Source): Json {
  const kept = list.filter(() => roll(source, 10) > 0).map((element) => changed(element, source))
  const deed = roll(source, 6)
  if (deed === 0) return kept.toReversed()
  if (deed === 1) return [...kept, ...kept.slice(0, 1)]
  if (deed === 2) return [...kept.slice(1), ...kept.slice(0, 1)]
  return kept
}
