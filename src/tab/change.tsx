import { memo, useState } from 'react'
import type { ReactNode } from 'react'
import type { Line, Place, Run } from './diff.ts'

export type ChangeProps = {
  readonly title: string
  readonly places: readonly Place[]
  /** Why there is no more of it; empty when it is whole. */
  readonly missing: string
}

/** A change with its places, what does not change in it folded. Drawn again only when the change is another one. */
export const Change = memo(PlainChange, (a, b) => JSON.stringify(a) === JSON.stringify(b))

function PlainChange({ title, places, missing }: ChangeProps): ReactNode {
  return (
    <section className="change" aria-label={title}>
      <h2>{title}</h2>
      {missing !== '' && <p className="missing">NOT SHOWN IN FULL: {missing}. It cannot be approved here.</p>}
      {places.length === 0 && <p className="quiet">There is nothing beside what is said above.</p>}
      {places.map((place, index) => (
        <PlaceOf key={index} place={place} />
      ))}
    </section>
  )
}

/** A place can be closed by whoever has read it; it is open before. */
function PlaceOf({ place }: { readonly place: Place }): ReactNode {
  const { title, added, removed, runs } = place
  const lines = (
    <div className="code" role="group" tabIndex={0} aria-label={title === '' ? 'Change' : title}>
      {runs.map((run, index) => (
        <RunOf key={index} run={run} />
      ))}
    </div>
  )
  if (title === '') return lines
  return (
    <details className="place-of" open>
      <summary>
        <code>{title}</code>
        <span className="counts">
          {removed > 0 && <span>−{removed}</span>} {added > 0 && <span>+{added}</span>}
        </span>
      </summary>
      {lines}
    </details>
  )
}

function RunOf({ run: { folded, lines } }: { readonly run: Run }): ReactNode {
  const [open, setOpen] = useState(!folded)
  if (open) return lines.map((line, index) => <LineOf key={index} line={line} />)
  const what = lines.length === 1 ? '1 line that does not change' : `${lines.length} lines that do not change`
  return (
    <button type="button" className="fold" onClick={() => setOpen(true)}>
      ⋯ {what}
    </button>
  )
}

const signs = { added: '+', removed: '−', same: ' ' } as const
const spoken = { added: 'added: ', removed: 'removed: ', same: '' } as const

function LineOf({ line: { kind, pieces } }: { readonly line: Line }): ReactNode {
  return (
    <div className={`line ${kind}`}>
      <span className="sign" aria-hidden="true">
        {signs[kind]}
      </span>
      <span className="unseen">{spoken[kind]}</span>
      <span className="line-text">
        {pieces.map(({ text, marked }, index) => (marked ? <mark key={index}>{text}</mark> : text))}
      </span>
    </div>
  )
}
