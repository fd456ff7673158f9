import type { Briefing } from '../domain/briefing.ts'
import { factLabels } from '../domain/briefing-facts.ts'
import { shortened } from '../domain/inert.ts'

/** Every Teams channel takes a message of this size in bytes; through a workflow more than that is lost. */
export const mostBytes = 28 * 1024

/** How much of a briefing is drawn: characters of a text, entries of a list, lines of a change. */
export type Measure = { readonly text: number; readonly entries: number; readonly lines: number }

/** From everything that a person can be expected to read on a card to what always fits. */
export const measures: readonly Measure[] = [
  { text: Infinity, entries: Infinity, lines: 80 },
  { text: 400, entries: 12, lines: 60 },
  { text: 160, entries: 6, lines: 30 },
  { text: 64, entries: 3, lines: 8 },
]

/** The smallest measure, for when nothing else fits. */
export const leastMeasure: Measure = { text: 48, entries: 2, lines: 4 }

/** The briefing within a measure. Cut texts show both their ends; where entries are left out, it is said how many. */
export function within(briefing: Briefing, measure: Measure): Briefing {
  const cut = (text: string): string => shortened(text, measure.text)
  const { change } = briefing
  return {
    ...briefing,
    place: cut(briefing.place),
    needed: cut(briefing.needed),
    deadline: cut(briefing.deadline),
    outcome: briefing.outcome.map((one) => ({ ...one, text: cut(one.text) })),
    agent: cut(briefing.agent),
    deed: cut(briefing.deed),
    target: cut(briefing.target),
    details: firstDetails(briefing, measure),
    facts: firstFacts(briefing, measure),
    change: { ...change, lines: change.lines.slice(0, measure.lines).map(cut) },
    masked: cut(briefing.masked),
  }
}

/** Whether a briefing within a measure is still all of it. A change that the details tell whole need not be drawn. */
export function isWhole(cut: Briefing, briefing: Briefing): boolean {
  const rest = briefing.detailed ? { change: briefing.change } : {}
  const known = briefing.detailed || briefing.change.missing === undefined
  return known && JSON.stringify({ ...cut, ...rest }) === JSON.stringify(briefing)
}

function firstDetails({ details }: Briefing, { text, entries }: Measure): Briefing['details'] {
  const shown = details.slice(0, entries).map((one) => ({
    label: shortened(one.label, text),
    text: shortened(one.text, text),
  }))
  const more = details.length - shown.length
  return more > 0 ? [...shown, { label: '', text: `… and ${more} more` }] : shown
}

function firstFacts({ facts }: Briefing, { text, entries }: Measure): Briefing['facts'] {
  return factLabels.flatMap((label) => {
    const ours = facts.filter((fact) => fact.label === label)
    const shown = ours.slice(0, entries).map((fact) => ({ ...fact, text: shortened(fact.text, text) }))
    const more = ours.length - shown.length
    return more > 0 ? [...shown, { label, text: `… and ${more} more`, by: 'Cluster' as const }] : shown
  })
}
