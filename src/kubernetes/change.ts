/**
 * What has happened to one object, as a reflector tells it. `Left` is told in place of `Updated` when the object has
 * changed so that it is not kept any more; it is then forgotten. `Deleted` brings the last state that is known.
 */
export type Change<T> =
  | { readonly type: 'Added'; readonly key: string; readonly object: T }
  | { readonly type: 'Updated'; readonly key: string; readonly object: T; readonly previous: T }
  | { readonly type: 'Left'; readonly key: string; readonly object: T; readonly previous: T }
  | { readonly type: 'Deleted'; readonly key: string; readonly object: T }

/**
 * The changes of one object that have not been delivered yet, joined with the next one: never more than two, and still
 * the truth for who has seen none of them. At most one end and one beginning are left: Deleted or Left, then Added.
 */
export function joined<T>(waiting: readonly Change<T>[], next: Change<T>): readonly Change<T>[] {
  const last = waiting.at(-1)
  if (last === undefined || last.type === 'Deleted' || last.type === 'Left') return [...waiting, next]
  const before = waiting.slice(0, -1)
  if (last.type === 'Updated') return [...before, 'previous' in next ? { ...next, previous: last.previous } : next]
  if (next.type === 'Updated') return [...before, { type: 'Added', key: next.key, object: next.object }]
  return before.length > 0 ? before : [next]
}
