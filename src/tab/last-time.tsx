import type { ReactNode } from 'react'
import type { TabPrevious } from '../app/tab-wire.ts'
import { Change } from './change.tsx'
import { hrefOf } from './route.ts'
import { sinceLastTime } from './since.ts'

export type LastTimeProps = { readonly previous: TabPrevious; readonly lines: readonly string[] }

/** What became of the request before this one, in whose words, and what is different now. */
export function LastTime({ previous, lines }: LastTimeProps): ReactNode {
  const { name, summary, outcome, words, same } = previous
  return (
    <section aria-label="Since last time" className="last-time">
      <h2>Since last time</h2>
      <p>
        <a href={hrefOf(name)}>{summary}</a>: {outcome === '' ? 'not decided' : outcome}
      </p>
      {words !== '' && <p className="words">{words}</p>}
      {same ? (
        <p>It is the very same action again: nothing in it has changed.</p>
      ) : (
        <Different previous={previous} lines={lines} />
      )}
    </section>
  )
}

function Different({ previous, lines }: LastTimeProps): ReactNode {
  const places = sinceLastTime(previous.lines, lines)
  if (places.length === 0) return <p>What can be shown of the two is the same.</p>
  return <Change title="Different now (− then, + now)" places={places} missing="" />
}
