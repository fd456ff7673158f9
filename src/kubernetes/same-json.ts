import { isFields } from './fields.ts'

/** Whether two values are the same as JSON: members that are undefined count as absent, the order of members does not count. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((value, at) => sameJson(value, other[at]))
  }
  if (!isFields(one)) return Object.is(one, other)
  if (!isFields(other)) return false
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].every((key) => sameJson(one[key], other[key]))
}
