/** One step of the way from one list to another. */
export type Step<T> = { readonly kind: 'same' | 'removed' | 'added'; readonly value: T }

/** More comparisons than this, and everything is taken for changed: a screen must not stand still. */
const mostWork = 4_000_000

/**
 * A short way from `before` to `after`: what is in both in the same order stays, by their longest common subsequence. What
 * goes stands before what comes.
 */
export function align<T>(before: readonly T[], after: readonly T[]): readonly Step<T>[] {
  const start = commonStart(before, after)
  const end = commonEnd(before.slice(start), after.slice(start))
  const [goes, comes] = [before.slice(start, before.length - end), after.slice(start, after.length - end)]
  const same = (values: readonly T[]): readonly Step<T>[] => values.map((value) => ({ kind: 'same', value }))
  return [...same(before.slice(0, start)), ...middle(goes, comes), ...same(after.slice(after.length - end))]
}

function commonStart<T>(a: readonly T[], b: readonly T[]): number {
  let count = 0
  while (count < a.length && count < b.length && a[count] === b[count]) count += 1
  return count
}

function commonEnd<T>(a: readonly T[], b: readonly T[]): number {
  let count = 0
  while (count < a.length && count < b.length && a[a.length - 1 - count] === b[b.length - 1 - count]) count += 1
  return count
}

function middle<T>(before: readonly T[], after: readonly T[]): readonly Step<T>[] {
  const [width, height] = [after.length + 1, before.length + 1]
  if (before.length === 0 || after.length === 0 || width * height > mostWork) {
    return [...steps('removed', before), ...steps('added', after)]
  }
  return walk(before, after, lengths(before, after))
}

function steps<T>(kind: 'removed' | 'added', values: readonly T[]): readonly Step<T>[] {
  return values.map((value) => ({ kind, value }))
}

/** At `row * width + column`: how much the rests from there have in common. */
function lengths<T>(before: readonly T[], after: readonly T[]): Uint32Array {
  const width = after.length + 1
  const table = new Uint32Array(width * (before.length + 1))
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const here = row * width + column
      const isSame = before[row] === after[column]
      const [down, right, both] = [table[here + width] ?? 0, table[here + 1] ?? 0, table[here + width + 1] ?? 0]
      table[here] = isSame ? both + 1 : Math.max(down, right)
    }
  }
  return table
}

function walk<T>(before: readonly T[], after: readonly T[], table: Uint32Array): readonly Step<T>[] {
  const width = after.length + 1
  const way: Step<T>[] = []
  let [row, column] = [0, 0]
  while (row < before.length && column < after.length) {
    const here = row * width + column
    if (before[row] === after[column]) {
      way.push(...before.slice(row, row + 1).map((value): Step<T> => ({ kind: 'same', value })))
      row += 1
      column += 1
    } else if ((table[here + width] ?? 0) >= (table[here + 1] ?? 0)) {
      way.push(...steps('removed', before.slice(row, row + 1)))
      row += 1
    } else {
      way.push(...steps('added', after.slice(column, column + 1)))
      column += 1
    }
  }
  return [...way, ...steps('removed', before.slice(row)), ...steps('added', after.slice(column))]
}
