import { differences } from './differences.ts'
import { keysOf, pointerOf, valueAt } from './json-pointer.ts'

/** RFC 6902, as far as we use it: `remove` of an object's member, `replace` of a list's element, `add` of either or at `-`. */
export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/**
 * Where `returned` is not what applying `operations` must have left behind, as JSON pointers. Every write must be
 * there as it was sent, and every `test` on something that no operation wrote must still hold.
 */
export function patchDifferences(operations: readonly PatchOperation[], returned: unknown): readonly string[] {
  const written = operations.filter((one) => one.op !== 'test').map((one) => one.path)
  return operations.flatMap((one) => {
    if (one.op === 'remove') return valueAt(returned, one.path) === undefined ? [] : [one.path]
    if (one.op === 'test' && written.some((path) => touches(path, one.path))) return []
    if (one.path.endsWith('/-')) return appendedDifferences(operations, one.path, returned)
    return differences(one.value, valueAt(returned, one.path), { exact: true, at: keysOf(one.path) })
  })
}

/** All values that were appended to one list must be its last ones, in their order. */
function appendedDifferences(
  operations: readonly PatchOperation[],
  path: string,
  returned: unknown,
): readonly string[] {
  const values = operations.flatMap((one) => (one.op === 'add' && one.path === path ? [one.value] : []))
  const list = path.slice(0, -'/-'.length)
  const there = valueAt(returned, list)
  if (!Array.isArray(there) || there.length < values.length) return [list]
  const from = there.length - values.length
  return values.flatMap((value, index) =>
    differences(value, there[from + index], { exact: true, at: [...keysOf(list), from + index] }),
  )
}

function touches(written: string, tested: string): boolean {
  const target = written.endsWith('/-') ? pointerOf(keysOf(written).slice(0, -1)) : written
  return target === tested || target.startsWith(`${tested}/`) || tested.startsWith(`${target}/`)
}
