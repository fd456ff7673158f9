import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import { textAt } from '../domain/json.ts'
import type { Json } from '../domain/json.ts'

/** The longest id of Teams that was ever seen has 250 characters. */
const longestID = 512

/** A text that is not empty and not longer than ids are; undefined for anything else. */
export function idAt(activity: Json | undefined, ...keys: readonly string[]): string | undefined {
  const text = textAt(activity, ...keys)
  return text === undefined || text === '' || text.length > longestID ? undefined : text
}

export function timeAt(activity: Json | undefined, ...keys: readonly string[]): Instant | undefined {
  const text = idAt(activity, ...keys)
  return text === undefined ? undefined : parseInstant(text)
}
