/**
 * Where the arrow keys lead in a list of `count` rows, from the row at `index` (-1: from none); undefined for every other
 * key. The ends are ends: nobody is led round.
 */
export function movedBy(key: string, index: number, count: number): number | undefined {
  if (count === 0) return undefined
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    Home: 0,
    End: count - 1,
  }
  const to = Object.hasOwn(moves, key) ? moves[key] : undefined
  return to === undefined ? undefined : Math.min(Math.max(to, 0), count - 1)
}
