import { useEffect, useRef } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import type { TabInbox, TabRow } from '../app/tab-wire.ts'
import { movedBy } from './keys.ts'
import { Risk } from './risk.tsx'
import { hrefOf } from './route.ts'
import { ago, isUrgent, left } from './time.ts'

export type InboxProps = {
  readonly inbox: TabInbox
  readonly now: number
  /** The request that was looked at last: the one from which somebody comes back. */
  readonly last: string | undefined
}

/** Everything that waits: first what is mine to answer. Arrow keys go from row to row, Enter opens one. */
export function Inbox({ inbox, now, last }: InboxProps): ReactNode {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const rows = rowsIn(list.current)
    rows.find((row) => row.dataset['name'] === last)?.focus()
  }, [last])
  const mine = inbox.open.filter((row) => row.mine)
  const others = inbox.open.filter((row) => !row.mine)
  return (
    <div ref={list} className="inbox" onKeyDown={move}>
      <h1 className="unseen">Requests</h1>
      <Section title="Waiting for you" rows={mine} now={now} empty="Nothing waits for you." />
      {others.length > 0 && <Section title="Waiting for others" rows={others} now={now} empty="" />}
      {inbox.left > 0 && <p className="quiet">{inbox.left} more are not listed here: kubectl countersign get</p>}
      {inbox.decided.length > 0 && <Section title="Decided lately" rows={inbox.decided} now={now} empty="" />}
    </div>
  )
}

function rowsIn(element: HTMLElement | null): readonly HTMLElement[] {
  return [...(element?.querySelectorAll<HTMLElement>('a[data-name]') ?? [])]
}

function move(event: KeyboardEvent<HTMLElement>): void {
  const rows = rowsIn(event.currentTarget)
  const index = rows.findIndex((row) => row === document.activeElement)
  const to = movedBy(event.key, index, rows.length)
  if (to === undefined) return
  event.preventDefault()
  rows[to]?.focus()
}

type SectionProps = {
  readonly title: string
  readonly rows: readonly TabRow[]
  readonly now: number
  readonly empty: string
}

function Section({ title, rows, now, empty }: SectionProps): ReactNode {
  return (
    <section aria-label={title}>
      <h2>
        {title} {rows.length > 0 && <span className="count">{rows.length}</span>}
      </h2>
      {rows.length === 0 && <p className="empty">{empty}</p>}
      <ul className="rows">
        {rows.map((row) => (
          <li key={row.name}>
            <Row row={row} now={now} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Row({ row, now }: { readonly row: TabRow; readonly now: number }): ReactNode {
  const { name, summary, agent, place, risk, needed, asked, until, outcome } = row
  return (
    <a className="row" href={hrefOf(name)} data-name={name}>
      <Risk risk={risk} />
      <span className="row-what">
        <span className="row-summary">{summary}</span>
        <span className="row-more">
          {agent}
          {place !== '' && ` · ${place}`}
        </span>
        <span className="row-more">{outcome === '' ? needed : outcome}</span>
      </span>
      <span className="row-when">
        {outcome === '' && (
          <span className={isUrgent(until, now) ? 'row-left urgent' : 'row-left'}>{left(until, now)}</span>
        )}
        <span className="row-more">asked {ago(asked, now)}</span>
      </span>
    </a>
  )
}
