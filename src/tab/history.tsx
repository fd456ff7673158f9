import type { ReactNode } from 'react'
import type { TabRequest, TabVote } from '../app/tab-wire.ts'
import { clock } from './time.ts'

/** Who has said what, and what happened until now. */
export function History({ request, now }: { readonly request: TabRequest; readonly now: number }): ReactNode {
  const { timeline, votes } = request
  return (
    <aside className="history" aria-label="History">
      <section aria-label="Votes">
        <h2>Votes</h2>
        {votes.length === 0 && <p className="quiet">Nobody has voted yet.</p>}
        <ul className="votes">
          {votes.map((vote, index) => (
            <VoteOf key={index} vote={vote} now={now} />
          ))}
        </ul>
      </section>
      <section aria-label="What happened">
        <h2>What happened</h2>
        <ol className="timeline">
          {timeline.map(({ time, text, words, due }, index) => (
            <li key={index} className={due ? 'due' : ''}>
              <time dateTime={time}>{clock(time, now)}</time>
              <span>
                {text}
                {words !== '' && <q>{words}</q>}
              </span>
            </li>
          ))}
        </ol>
      </section>
    </aside>
  )
}

const said = {
  Approve: 'approved',
  Deny: 'denied',
  RequestChanges: 'asked for changes',
  Comment: 'commented',
  Revoke: 'took it back',
  Pause: 'denied and paused',
} as const

function VoteOf({ vote, now }: { readonly vote: TabVote; readonly now: number }): ReactNode {
  const { person, verdict, time, words, uncounted } = vote
  return (
    <li className={uncounted === '' ? 'vote' : 'vote uncounted'}>
      <span>
        <strong>{person}</strong> {said[verdict]} · <time dateTime={time}>{clock(time, now)}</time>
      </span>
      {words !== '' && <q>{words}</q>}
      {uncounted !== '' && <span className="quiet">Does not count: {uncounted}</span>}
    </li>
  )
}
