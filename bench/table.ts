import type { Spread } from './figures.ts'
import type { Row } from './row.ts'

type Column = { readonly head: string; readonly align: 'left' | 'right'; readonly cell: (row: Row) => string }

const columns: readonly Column[] = [
  { head: 'figure', align: 'left', cell: ({ figure }) => figure },
  { head: 'median', align: 'right', cell: ({ value }) => number(value.median) },
  { head: 'min – max', align: 'right', cell: ({ value }) => range(value) },
  { head: 'unit', align: 'left', cell: ({ unit }) => unit },
  { head: 'wall', align: 'right', cell: ({ wall }) => (wall === undefined ? '' : number(wall.median)) },
  { head: 'ratio', align: 'right', cell: ({ ratio }) => (ratio === undefined ? '' : `${ratio.median.toFixed(2)}×`) },
  { head: 'min – max', align: 'right', cell: ({ ratio }) => (ratio === undefined ? '' : ratioRange(ratio)) },
  { head: 'goal', align: 'left', cell: goal },
]

/** The rows as a table of text, columns aligned, columns without any entry left out. Ends with a line break. */
export function table(rows: readonly Row[]): string {
  const used = columns.filter(({ cell }) => rows.some((row) => cell(row) !== ''))
  const lines = [used.map(({ head }) => head), ...rows.map((row) => used.map(({ cell }) => cell(row)))]
  const widths = used.map((_column, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  const aligned = lines.map((line) =>
    line.map((text, index) => pad(text, widths[index] ?? 0, used[index]?.align)).join('  '),
  )
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  const [head = '', ...body] = aligned
  return [head, rule, ...body].map((line) => `${line.trimEnd()}\n`).join('')
}

function pad(text: string, width: number, align: Column['align'] | undefined): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width)
}

function range({ min, max }: Spread): string {
  return `${number(min)} – ${number(max)}`
}

function ratioRange({ min, max }: Spread): string {
  return `${min.toFixed(2)} – ${max.toFixed(2)}`
}

function goal(row: Row): string {
  if (row.goal === undefined) return ''
  const { of, atMost, met } = row.goal
  return `≤ ${of === 'ratio' ? `${atMost}×` : number(atMost)} ${met ? 'met' : 'MISSED'}`
}

/** Three digits that count, thousands apart: `0.0123`, `4.56`, `1,234`. */
export function number(value: number): string {
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

/** How many of the goals were met, and which were not. */
export function verdict(rows: readonly Row[]): string {
  const judged = rows.filter((row) => row.goal !== undefined)
  const missed = judged.filter((row) => row.goal?.met === false)
  const names = missed.map(({ figure, unit }) => `\n  ${figure} (${unit})`).join('')
  return `${judged.length - missed.length} of ${judged.length} goals met${missed.length === 0 ? '' : `; missed:${names}`}`
}
