import { align } from './align.ts'
import { placeWith, sectionsOf } from './diff.ts'
import type { Line, Place, Section } from './diff.ts'

/**
 * What is asked now, seen from what was asked before: only the places that differ, each with what it was to be then
 * (removed) and what it is to be now (added). Empty when the two ask for the same.
 */
export function sinceLastTime(before: readonly string[], now: readonly string[]): readonly Place[] {
  const [then, today] = [byTitle(before), byTitle(now)]
  const titles = [...new Set([...today.keys(), ...then.keys()])]
  return titles.flatMap((title) => {
    const lines = [...between(then, today, { title, isOld: true }), ...between(then, today, { title, isOld: false })]
    if (lines.every(({ kind }) => kind === 'same')) return []
    return [placeWith(titled(title, then.has(title), today.has(title)), lines)]
  })
}

/** Several places of one title, such as the parts of a long text, are taken together. */
function byTitle(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, readonly string[]>()
  for (const { title, lines: own } of sectionsOf(lines)) all.set(title, [...(all.get(title) ?? []), ...own])
  return all
}

type Lines = ReadonlyMap<Section['title'], readonly string[]>

/** `isOld`: of what goes in the cluster; else of what comes, or stays. Of what goes, only a difference is told. */
function between(then: Lines, today: Lines, { title, isOld }: { title: string; isOld: boolean }): readonly Line[] {
  const side = (lines: readonly string[] = []): readonly string[] =>
    lines.filter((line) => line.startsWith('- ') === isOld).map((line) => (/^[-+ ] /.test(line) ? line.slice(2) : line))
  const steps = align(side(then.get(title)), side(today.get(title)))
  const lines = steps.map(({ kind, value }): Line => ({ kind, pieces: [{ text: value, marked: false }] }))
  return isOld && lines.every(({ kind }) => kind === 'same') ? [] : lines
}

function titled(title: string, wasThere: boolean, isThere: boolean): string {
  if (wasThere === isThere || title === '') return title
  return isThere ? `${title} (was not asked for)` : `${title} (is no longer asked for)`
}
