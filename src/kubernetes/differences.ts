import { isFields } from './fields.ts'
import type { Fields } from './fields.ts'
import { pointerOf } from './json-pointer.ts'

type Keys = readonly (string | number)[]

/** `exact`: also a field that was not sent is a difference. */
type Below = { readonly exact: boolean; readonly at: Keys }

/**
 * Where `returned` is not what was sent, as JSON pointers below `at`. Both are parsed JSON. Lists are compared element
 * by element. A null that was sent asks for absence (the API server drops it). Where not exact, an empty value may be
 * missing: Go's `omitempty` leaves it out.
 */
export function differences(
  sent: unknown,
  returned: unknown,
  how: { readonly exact: boolean; readonly at?: Keys },
): readonly string[] {
  const below = { exact: how.exact, at: how.at ?? [] }
  if (isLeftOut(sent, returned, how.exact)) return []
  if (Array.isArray(sent) && Array.isArray(returned)) return listDifferences(sent, returned, below)
  if (isFields(sent) && isFields(returned)) return fieldDifferences(sent, returned, below)
  return Object.is(sent, returned) ? [] : [pointerOf(below.at)]
}

function isLeftOut(sent: unknown, returned: unknown, exact: boolean): boolean {
  if (sent === null) return returned === undefined || returned === null
  return returned === undefined && !exact && isEmpty(sent)
}

function listDifferences(sent: readonly unknown[], returned: readonly unknown[], how: Below): readonly string[] {
  if (sent.length !== returned.length) return [pointerOf(how.at)]
  return sent.flatMap((value, index) =>
    differences(value, returned[index], { exact: how.exact, at: [...how.at, index] }),
  )
}

function fieldDifferences(sent: Fields, returned: Fields, how: Below): readonly string[] {
  const added = how.exact ? Object.keys(returned).filter((key) => !Object.hasOwn(sent, key)) : []
  const changed = Object.entries(sent).flatMap(([key, value]) => {
    const there = Object.hasOwn(returned, key) ? returned[key] : undefined
    return differences(value, there, { exact: how.exact, at: [...how.at, key] })
  })
  return [...changed, ...added.map((key) => pointerOf([...how.at, key]))]
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isFields(value)) return Object.values(value).every(isEmpty)
  return value === '' || value === 0 || value === false || value === null
}
