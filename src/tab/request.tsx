import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import type { TabRequest } from '../app/tab-wire.ts'
import { Answer } from './answer.tsx'
import { Change } from './change.tsx'
import type { Client } from './client.ts'
import { Facts } from './facts.tsx'
import { History } from './history.tsx'
import { placesOf } from './diff.ts'
import { LastTime } from './last-time.tsx'
import { Risk } from './risk.tsx'
import { inboxHref } from './route.ts'
import { clock, left } from './time.ts'

export type RequestProps = {
  readonly request: TabRequest
  readonly now: number
  readonly client: Client
  readonly replace: (request: TabRequest) => void
  /** What was written and not sent yet, by the name of the request. */
  readonly drafts: Map<string, string>
}

/** One request: everything in the order in which every channel tells it, and then the answer. Escape leads back. */
export function Request({ request, now, client, replace, drafts }: RequestProps): ReactNode {
  const { briefing, previous } = request
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  useEscape()
  return (
    <article className="request">
      <div className="request-main">
        <a className="back" href={inboxHref}>
          ‹ All requests
        </a>
        <Place request={request} now={now} />
        <h1 ref={heading} tabIndex={-1}>
          <span className="agent">{briefing.agent}</span> wants to <strong>{briefing.deed}</strong>{' '}
          <span className="target">{briefing.target}</span>
        </h1>
        <Outcome request={request} />
        <Details request={request} />
        <Facts facts={briefing.facts} />
        <Change
          title="The whole change"
          places={placesOf(briefing.change.lines, briefing.operation)}
          missing={briefing.change.missing ?? ''}
        />
        {previous !== undefined && <LastTime previous={previous} lines={briefing.change.lines} />}
        <Answer request={request} client={client} replace={replace} drafts={drafts} />
        <Footer request={request} />
      </div>
      <History request={request} now={now} />
    </article>
  )
}

/** Leads back to the list, unless it is to leave a field or to close something. */
function useEscape(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      const field = document.activeElement
      if (field instanceof HTMLTextAreaElement) field.blur()
      else location.hash = inboxHref
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
}

type Part = { readonly request: TabRequest }

function Place({ request, now }: Part & { readonly now: number }): ReactNode {
  const { briefing, until } = request
  const place = briefing.place.slice(briefing.risk.length + 3)
  const isOpen = briefing.outcome.length === 0
  return (
    <p className="place">
      <Risk risk={briefing.risk} />
      {place !== '' && <strong>{place}</strong>}
      <span>{briefing.needed}</span>
      {isOpen && (
        <span>
          until {clock(until, now)} · {left(until, now)}
        </span>
      )}
      {isOpen && briefing.undelivered && <span>This came late: no channel could take it before.</span>}
    </p>
  )
}

function Outcome({ request: { briefing } }: Part): ReactNode {
  const { outcome, stand } = briefing
  return (
    <div role="status" className={outcome.length === 0 ? 'unseen' : `outcome ${stand}`}>
      {outcome.map(({ text, by }, index) => (
        <p key={index} className={by === 'Person' ? 'words' : ''}>
          {text}
        </p>
      ))}
    </div>
  )
}

function Details({ request: { briefing } }: Part): ReactNode {
  if (briefing.details.length === 0) return null
  return (
    <dl className="details">
      {briefing.details.map(({ label, text }, index) => (
        <div key={index}>
          <dt>{label === '' ? <span className="unseen">Argument</span> : label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

function Footer({ request: { briefing } }: Part): ReactNode {
  const { request, digest, masked, change } = briefing
  const whole = change.missing === undefined ? 'shown in full' : 'not shown in full'
  return (
    <p className="quiet footer">
      {[request.name, digest.replace('sha256:', '').slice(0, 8), masked, whole].join(' · ')}
    </p>
  )
}
