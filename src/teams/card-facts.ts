import type { Briefing } from '../domain/briefing.ts'
import { factLabels } from '../domain/briefing-facts.ts'
import { box, label, line, row, run } from './card-elements.ts'
import type { CardElement, RichTextBlock, RunStyle } from './card-elements.ts'

const monospace: RunStyle = { fontType: 'Monospace' }

/** The parts of the deed, below the target: what changes from what to what, the command, who gets which rights. */
export function detailBox({ details }: Briefing): readonly CardElement[] {
  if (details.length === 0) return []
  const lines = details.map((one) =>
    line([...(one.label === '' ? [] : [run(`${one.label}   `)]), run(one.text, monospace)], { spacing: 'None' }),
  )
  return [box(lines, { style: 'emphasis', spacing: 'Small' })]
}

/** A row for each kind of fact, in the one order. */
export function factRows({ facts }: Briefing): readonly CardElement[] {
  return factLabels.flatMap((name) => {
    const ours = facts.filter((fact) => fact.label === name)
    return ours.length === 0 ? [] : [row(name, ours.map(factLine))]
  })
}

function factLine({ text, by }: Briefing['facts'][number]): RichTextBlock {
  return line([run(text, by === 'Agent' ? { italic: true } : {})], { spacing: 'None' })
}

/** The masked change as it is stored, where the details have not told all of it. */
export function changeBox({ change, detailed }: Briefing): readonly CardElement[] {
  const { lines } = change
  if (detailed || lines.length === 0) return []
  const text = line([run(lines.join('\n'), monospace)])
  return [box([label('Change', { isSubtle: true }), text], { style: 'emphasis', spacing: 'Small' })]
}

/** By what the request is known, and how much of it is to be seen here. */
export function footerLine(briefing: Briefing, whole: boolean): CardElement {
  const { request, digest, masked } = briefing
  const short = digest.replace('sha256:', '').slice(0, 8)
  const text = [request.name.slice(0, longestName), short, masked, shownWords(briefing, whole)].join(' · ')
  return line([run(text, { size: 'Small', isSubtle: true })], { separator: true })
}

const longestName = 64

function shownWords({ change, detailed, details, operation }: Briefing, whole: boolean): string {
  if (!whole) return `not all is shown: see the ${change.totalLines} lines of the full record`
  if (!detailed) return 'shown in full'
  const count = details.length
  if (operation === 'Update') return `${count} of ${count} ${count === 1 ? 'change' : 'changes'} shown`
  return operation === 'Delete' ? 'what goes is in the full record' : 'shown in full'
}
