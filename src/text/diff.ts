import { structuredPatch } from 'diff'
import type { Change } from '../domain/change.ts'
import type { Json } from '../domain/json.ts'
import { fromMasked } from '../domain/mask.ts'
import type { Masked, View } from '../domain/mask.ts'
import { formatPath } from '../domain/path.ts'
import { printYaml } from './yaml.ts'

/** A diff for people: `@` names a place, `-` goes, `+` comes, a blank stays. `bytes` counts UTF-8. */
export type DiffText = { readonly text: string; readonly totalLines: number; readonly bytes: number }

/**
 * The masked content as text, whole. A change stands under the exact path of what changes, so that a reader needs no
 * context to know which container it is; long texts show only their changed lines and three around each.
 */
export function printView(view: Masked<View>): Masked<DiffText> {
  return fromMasked(view, (shown) => measured(linesOf(shown)))
}

/** As many whole lines from the start as fit into `limitBytes`, and whether that is all. */
export function excerpt(diff: Masked<DiffText>, limitBytes: number): Masked<{ text: string; truncated: boolean }> {
  return fromMasked(diff, ({ text, bytes }) => {
    if (bytes <= limitBytes) return { text, truncated: false }
    const head = new TextDecoder().decode(new TextEncoder().encode(text).slice(0, limitBytes))
    return { text: head.slice(0, head.lastIndexOf('\n') + 1), truncated: true }
  })
}

function measured(lines: readonly string[]): DiffText {
  const text = lines.map((line) => `${line}\n`).join('')
  return { text, totalLines: lines.length, bytes: new TextEncoder().encode(text).byteLength }
}

const signs = { Create: '+', Delete: '-', Connect: ' ', Update: ' ' } as const

function linesOf(view: View): readonly string[] {
  const document = view.document === undefined ? [] : signed(signs[view.operation], view.document)
  const options = view.options === undefined ? [] : ['@ options', ...signed(' ', view.options)]
  return [...options, ...document, ...view.changes.flatMap(changeLines)]
}

function changeLines(change: Change): readonly string[] {
  return [`@ ${formatPath(change.path)}${change.order ? ' (order)' : ''}`, ...sides(change)]
}

function sides({ before, after }: Change): readonly string[] {
  if (isLong(before) && isLong(after)) return patchLines(before, after)
  return [...(before === undefined ? [] : signed('-', before)), ...(after === undefined ? [] : signed('+', after))]
}

function isLong(value: Json | undefined): value is string {
  return typeof value === 'string' && value.includes('\n')
}

/** More edits than this, and both texts are shown whole: finding the shortest way between them would take too long. */
const mostEdits = 2000

function patchLines(before: string, after: string): readonly string[] {
  const patch = structuredPatch('', '', before, after, '', '', { context: 3, maxEditLength: mostEdits })
  if (patch === undefined) return [...signed('-', before), ...signed('+', after)]
  return patch.hunks.flatMap(hunkLines)
}

function hunkLines({ oldStart, lines }: { readonly oldStart: number; readonly lines: readonly string[] }) {
  return [`@ line ${oldStart}`].concat(lines.map((line) => `${line.slice(0, 1)} ${line.slice(1)}`))
}

/** As YAML, texts too: so a text never reads like a list or an object, and an end of line at its end shows. */
function signed(sign: string, value: Json): readonly string[] {
  return printYaml(value)
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `${sign} ${line}`)
}
