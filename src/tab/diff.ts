import type { Operation } from '../domain/kinds.ts'
import { align } from './align.ts'

/** A piece of a line. `marked`: this is what differs from the line that it replaces, or is replaced by. */
export type Piece = { readonly text: string; readonly marked: boolean }

type LineKind = 'added' | 'removed' | 'same'

export type Line = { readonly kind: LineKind; readonly pieces: readonly Piece[] }

/** Lines that are shown together. `folded`: nothing in them changes, so they may stay closed until somebody opens them. */
export type Run = { readonly folded: boolean; readonly lines: readonly Line[] }

/** One place of a change: `title` is where it is; empty for what stands under no place. */
export type Place = {
  readonly title: string
  readonly added: number
  readonly removed: number
  readonly runs: readonly Run[]
}

/** So much of what does not change is left open around what does. */
const around = 3

/**
 * A printed change, taken apart for the screen. Each line bears its sign: `@` names a place, `-` goes, `+` comes, a blank
 * stays. Whatever bears no sign is a line that stays, with all of its text: no line is ever left out.
 */
export function placesOf(lines: readonly string[], operation?: Operation): readonly Place[] {
  return sectionsOf(lines, operation).map(({ title, lines: own }) => placeWith(title, own.map(lineOf)))
}

/** Lines under the place that they stand under, as they were printed. */
export type Section = { readonly title: string; readonly lines: readonly string[] }

export function sectionsOf(lines: readonly string[], operation?: Operation): readonly Section[] {
  const open: { title: string; lines: string[] }[] = []
  for (const line of lines) {
    const last = open.at(-1)
    if (line.startsWith('@ ')) open.push({ title: line.slice(2), lines: [] })
    else if (last === undefined || isPastOptions(last.title, line, operation)) open.push({ title: '', lines: [line] })
    else last.lines.push(line)
  }
  return open
}

/** The object of a Delete stands behind its options without a place of its own. */
function isPastOptions(title: string, line: string, operation: Operation | undefined): boolean {
  return operation === 'Delete' && title === 'options' && line.startsWith('- ')
}

/** A place with these lines, their differing words marked, and folded. */
export function placeWith(title: string, plain: readonly Line[]): Place {
  const lines = marked(plain)
  const count = (kind: LineKind): number => lines.filter((line) => line.kind === kind).length
  const [added, removed] = [count('added'), count('removed')]
  return { title, added, removed, runs: added + removed === 0 ? [{ folded: false, lines }] : folded(lines) }
}

const signs: Readonly<Record<string, LineKind>> = { '+ ': 'added', '- ': 'removed', '  ': 'same' }

function lineOf(line: string): Line {
  const kind = signs[line.slice(0, 2)]
  return { kind: kind ?? 'same', pieces: [{ text: kind === undefined ? line : line.slice(2), marked: false }] }
}

/** Marks the words that differ, where as many lines come as go: then each replaces one. */
function marked(lines: readonly Line[]): readonly Line[] {
  const made = [...lines]
  for (let start = 0; start < made.length;) {
    const goes = countOf(made, start, 'removed')
    const comes = countOf(made, start + goes, 'added')
    if (goes === comes) {
      for (let step = 0; step < goes; step += 1) markPair(made, start + step, start + goes + step)
    }
    start += Math.max(1, goes + comes)
  }
  return made
}

function countOf(lines: readonly Line[], from: number, kind: LineKind): number {
  let count = 0
  while (lines[from + count]?.kind === kind) count += 1
  return count
}

function markPair(lines: Line[], removed: number, added: number): void {
  const [before, after] = wordsBetween(textOf(lines[removed]), textOf(lines[added]))
  lines[removed] = { kind: 'removed', pieces: before }
  lines[added] = { kind: 'added', pieces: after }
}

function textOf(line: Line | undefined): string {
  return (line?.pieces ?? []).map(({ text }) => text).join('')
}

/** Longer lines are not looked into. */
const longestLine = 2_000

/** The two texts in pieces, with what differs marked. Two that have little in common are marked nowhere. */
export function wordsBetween(before: string, after: string): readonly [readonly Piece[], readonly Piece[]] {
  if (before.length > longestLine || after.length > longestLine) return [whole(before), whole(after)]
  const steps = align(wordsOf(before), wordsOf(after))
  const same = steps.filter(({ kind }) => kind === 'same').reduce((sum, { value }) => sum + value.trim().length, 0)
  if (same * 3 < Math.max(before.length, after.length)) return [whole(before), whole(after)]
  const side = (other: 'added' | 'removed'): readonly Piece[] =>
    joined(
      steps.filter(({ kind }) => kind !== other).map(({ kind, value }) => ({ text: value, marked: kind !== 'same' })),
    )
  return [side('added'), side('removed')]
}

function whole(text: string): readonly Piece[] {
  return [{ text, marked: false }]
}

/** Words, blanks, and every other character by itself. */
function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? []
}

function joined(pieces: readonly Piece[]): readonly Piece[] {
  const made: Piece[] = []
  for (const piece of pieces) {
    const last = made.at(-1)
    if (last?.marked === piece.marked) made[made.length - 1] = { ...last, text: last.text + piece.text }
    else made.push(piece)
  }
  return made
}

/** Folds what stays, but for some lines around what changes. What changes is never folded. */
function folded(lines: readonly Line[]): readonly Run[] {
  const near = new Set<number>()
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue
    for (let at = index - around; at <= index + around; at += 1) near.add(at)
  }
  const runs: { folded: boolean; lines: Line[] }[] = []
  for (const [index, line] of lines.entries()) {
    const isFolded = !near.has(index)
    const last = runs.at(-1)
    if (last?.folded === isFolded) last.lines.push(line)
    else runs.push({ folded: isFolded, lines: [line] })
  }
  return runs
}
