import type { Briefing } from '../domain/briefing.ts'
import type { Fact } from '../domain/briefing-facts.ts'

/** What one line of the briefing is, for who paints it. No meaning hangs on the paint. */
export type Line = { readonly text: string; readonly paint?: 'Strong' | 'Added' | 'Removed' | 'Faint' }

/** A briefing as lines of a terminal, with the whole change as far as it could be read. */
export function briefingLines(briefing: Briefing): readonly Line[] {
  const { agent, deed, target, details, summary } = briefing
  return [
    { text: `${briefing.place}    ${headline(briefing)}`, paint: 'Strong' },
    { text: `${agent} wants to ${deed}`, paint: 'Strong' },
    { text: target, paint: 'Strong' },
    ...details.map(({ label, text }) => ({ text: label === '' ? `  ${text}` : `  ${label}   ${text}` })),
    ...labelled('In short', [summary]),
    ...briefing.facts.flatMap(factLine),
    ...change(briefing),
    { text: footer(briefing), paint: 'Faint' },
  ]
}

function headline({ outcome, needed, deadline, undelivered }: Briefing): string {
  const decided = outcome.filter(({ by }) => by === 'Cluster').map(({ text }) => text)
  if (decided.length > 0) return decided.join(' · ')
  return [needed, deadline, ...(undelivered ? ['no channel has taken it yet'] : [])].join(' · ')
}

function factLine({ label, text }: Fact, index: number, all: readonly Fact[]): readonly Line[] {
  return all[index - 1]?.label === label ? [{ text: `${' '.repeat(indent)}${text}` }] : labelled(label, [text])
}

function change({ change: { lines, missing } }: Briefing): readonly Line[] {
  const cut: readonly Line[] =
    missing === undefined ? [] : [{ text: `  NOT SHOWN IN FULL: ${missing}`, paint: 'Strong' }]
  return [{ text: 'Change' }, ...lines.map((line): Line => ({ text: `  ${line}`, ...paintOf(line) })), ...cut]
}

function paintOf(line: string): Pick<Line, 'paint'> {
  if (line.startsWith('+')) return { paint: 'Added' }
  return line.startsWith('-') ? { paint: 'Removed' } : {}
}

const rules = { Optional: '', OnDeny: ' · a reason is needed to deny', Always: ' · a reason is needed' }

function footer({ request, digest, masked, change: { missing, totalLines }, comment }: Briefing): string {
  const whole = missing === undefined ? 'shown in full' : `only the beginning of ${totalLines} lines shown`
  return `${request.name} · ${digest.replace('sha256:', '').slice(0, 8)} · ${masked} · ${whole}${rules[comment]}`
}

const indent = 14

function labelled(label: string, texts: readonly string[]): readonly Line[] {
  return texts.map((text, index) => ({
    text: `${index === 0 ? (label.length < indent ? label.padEnd(indent) : `${label}   `) : ' '.repeat(indent)}${text}`,
  }))
}
