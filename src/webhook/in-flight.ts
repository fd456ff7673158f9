import { createHash } from 'node:crypto'
import type { HttpAnswer } from './respond.ts'
import type { Posted } from './server.ts'

/** One call that is being worked on, for as many connections as wait for its answer. */
export type Flight = {
  /** Aborted when nobody waits any more. */
  readonly gone: AbortSignal
  /** One more waits, until his own signal says that he has gone. */
  readonly join: (gone: AbortSignal) => void
}

export function makeFlight(first: AbortSignal): Flight {
  const nobody = new AbortController()
  let waiting = 0
  function join(gone: AbortSignal): void {
    if (gone.aborted) return leave()
    waiting += 1
    gone.addEventListener('abort', () => {
      waiting -= 1
      leave()
    })
  }
  function leave(): void {
    if (waiting === 0) nobody.abort()
  }
  join(first)
  return { gone: nobody.signal, join }
}

/** The calls that are being worked on, by the uid that they bring. */
export type InFlight = {
  /** The answer that this call shares; undefined when it is not being worked on. */
  readonly shared: (uid: string, posted: Posted) => Promise<HttpAnswer> | undefined
  readonly share: (uid: string, posted: Posted, flying: Flying) => Promise<HttpAnswer>
}

type Flying = { readonly flight: Flight; readonly answer: Promise<HttpAnswer> }
type Known = Flying & { readonly hash: string }

/**
 * A uid is the caller's word: two bodies under one uid are two calls. Bodies are compared by their hash, which is taken
 * only of calls that wait and of those that come under the uid of one that does.
 */
export function makeInFlight(): InFlight {
  const byUID = new Map<string, readonly Known[]>()

  function forget(uid: string, known: Known): void {
    const others = (byUID.get(uid) ?? []).filter((other) => other !== known)
    if (others.length === 0) byUID.delete(uid)
    else byUID.set(uid, others)
  }

  return {
    shared: (uid, { body, gone }) => {
      const candidates = byUID.get(uid)
      if (candidates === undefined) return undefined
      const hash = hashOf(body)
      const twin = candidates.find((known) => known.hash === hash && !known.flight.gone.aborted)
      twin?.flight.join(gone)
      return twin?.answer
    },
    share: (uid, { body }, { flight, answer }) => {
      const known: Known = { flight, hash: hashOf(body), answer: answer.finally(() => forget(uid, known)) }
      byUID.set(uid, [...(byUID.get(uid) ?? []), known])
      return known.answer
    },
  }
}

function hashOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64')
}
