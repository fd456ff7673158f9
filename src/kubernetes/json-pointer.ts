import { isFields } from './fields.ts'

/** RFC 6901. */
export function pointerOf(keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The keys of a pointer; the empty pointer has none. */
export function keysOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What is at a pointer, or undefined. Only own members count: `/constructor` is nowhere. */
export function valueAt(document: unknown, pointer: string): unknown {
  let here = document
  for (const key of keysOf(pointer)) {
    here = memberOf(here, key)
  }
  return here
}

function memberOf(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined
  return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
