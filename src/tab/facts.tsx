import type { ReactNode } from 'react'
import type { Fact } from '../domain/briefing-facts.ts'

/** The facts, one row for each label, in the order in which they come. Votes have a place of their own. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }): ReactNode {
  return (
    <dl className="facts">
      {grouped(facts.filter(({ label }) => label !== 'Votes')).map(({ label, own }) => (
        <div key={label} className={own.some(({ by }) => by === 'Agent') ? 'fact claim' : 'fact'}>
          <dt>{label}</dt>
          {own.map(({ text }, index) => (
            <dd key={index}>{text}</dd>
          ))}
        </div>
      ))}
    </dl>
  )
}

type Group = { readonly label: string; readonly own: readonly Fact[] }

function grouped(facts: readonly Fact[]): readonly Group[] {
  const labels = [...new Set(facts.map(({ label }) => label))]
  return labels.map((label) => ({ label, own: facts.filter((fact) => fact.label === label) }))
}
