import { exactNumber, isList, isObject, JsonNumber, objectOf, same } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'

/** One document that differs from another in one place. */
export type SingleChange = {
  readonly path: readonly (string | number)[]
  readonly deed: string
  readonly document: Json
}

/** Every way to change a document in one place that tests know: another value, type, key, order; more; less. */
export function singleChanges(document: Json): readonly SingleChange[] {
  return [...here(document), ...below(document)]
}

function here(value: Json): readonly SingleChange[] {
  return [...otherValues(value)].map(([deed, document]) => ({ path: [], deed, document }))
}

function below(value: Json): readonly SingleChange[] {
  if (isList(value)) {
    return value.flatMap((element, index) =>
      singleChanges(element).map(({ path, deed, document }) => ({
        path: [index, ...path],
        deed,
        document: value.with(index, document),
      })),
    )
  }
  if (!isObject(value)) return []
  return Object.keys(value).flatMap((key) =>
    singleChanges(value[key] ?? null).map(({ path, deed, document }) => ({
      path: [key, ...path],
      deed,
      document: objectOf(Object.entries({ ...value, [key]: document }) as [string, Json][]),
    })),
  )
}

function* otherValues(value: Json): Generator<readonly [string, Json]> {
  if (typeof value === 'string') yield* otherTexts(value)
  else if (typeof value === 'number' || value instanceof JsonNumber) yield* otherNumbers(value)
  else if (typeof value === 'boolean') yield ['negated', !value]
  else if (value === null) yield ['null made empty', '']
  else if (isList(value)) yield* otherLists(value)
  else yield* otherObjects(Object.entries(value) as [string, Json][])
}

function* otherTexts(text: string): Generator<readonly [string, Json]> {
  yield ['one character more', `${text}x`]
  if (text !== '') yield ['one character less', Array.from(text).slice(0, -1).join('')]
  if (text !== text.toUpperCase()) yield ['capitals', text.toUpperCase()]
}

function* otherNumbers(number: number | JsonNumber): Generator<readonly [string, Json]> {
  const source = number instanceof JsonNumber ? number.source : String(number)
  yield ['as text', source]
  yield ['with a nought more', new JsonNumber(/[.e]/i.test(source) ? `${source}0` : `${source}.0`)]
  if (/^-?\d+$/.test(source)) yield ['the next', exactNumber(String(BigInt(source) + 1n))]
}

function* otherLists(list: readonly Json[]): Generator<readonly [string, Json]> {
  yield ['an element more', [...list, 'x']]
  const [first, second, ...rest] = list
  if (first === undefined) return
  yield ['its first element twice', [first, ...list]]
  yield ['an element less', list.slice(0, -1)]
  if (second !== undefined && !same(first, second)) yield ['its first two swapped', [second, first, ...rest]]
}

function* otherObjects(entries: readonly [string, Json][]): Generator<readonly [string, Json]> {
  yield ['a key more', objectOf([...entries, ['zz', 'x']])]
  for (const [key, value] of entries) {
    const others = entries.filter(([other]) => other !== key)
    yield [`without ${key}`, objectOf(others)]
    yield [`${key} renamed`, objectOf([...others, [`${key}x`, value]])]
  }
}
