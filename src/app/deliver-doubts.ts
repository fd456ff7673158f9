import type { ApprovalRequest } from '../domain/kinds.ts'

/**
 * Posts of one channel, in this term, of which nobody knows whether they were taken: each may have left a card that can
 * never be drawn anew. So such a post is repeated only after the service was seen to answer, and not often.
 */
export type PostDoubts = {
  /** How many there are of this request. */
  readonly of: (request: ApprovalRequest) => number
  /** Milliseconds until its card may be posted again; 0 when it may be now. A look that succeeds may shorten it. */
  readonly waitMs: (request: ApprovalRequest) => number
  readonly add: (request: ApprovalRequest) => void
  /** The service has answered a look. Returns whether somebody has waited for that. */
  readonly looked: () => boolean
  /** A card was taken: nobody is in doubt any more. Returns whether somebody was. */
  readonly taken: () => boolean
  /** By the name of the request. */
  readonly forget: (name: string) => void
}

/** `uid`: a request of the same name that was deleted was another one. `time`: of the last one. */
type Doubt = { readonly uid: string; readonly times: number; readonly time: number }

/** After the first one, and after each other. Together longer than a service fails for a moment. */
const pausesMs = { first: 10_000, other: 30_000 }
/** A look wakes whoever waits for it; this is for the case that it does not come. */
const unseenMs = 60_000

/** `elapsed`: milliseconds on a clock that nobody sets. */
export function makePostDoubts(elapsed: () => number): PostDoubts {
  const byName = new Map<string, Doubt>()
  let lookTime = Number.NEGATIVE_INFINITY

  function known({ metadata }: ApprovalRequest): Doubt | undefined {
    const found = byName.get(metadata.name)
    return found?.uid === metadata.uid ? found : undefined
  }

  return {
    of: (request) => known(request)?.times ?? 0,
    waitMs: (request) => {
      const doubt = known(request)
      if (doubt === undefined) return 0
      if (lookTime < doubt.time) return unseenMs
      return Math.max(0, doubt.time + (doubt.times === 1 ? pausesMs.first : pausesMs.other) - elapsed())
    },
    add: (request) => {
      const { name, uid = '' } = request.metadata
      byName.set(name, { uid, times: (known(request)?.times ?? 0) + 1, time: elapsed() })
    },
    looked: () => {
      const waiting = [...byName.values()].some(({ time }) => lookTime < time)
      lookTime = elapsed()
      return waiting
    },
    taken: () => {
      const wereThere = byName.size > 0
      byName.clear()
      return wereThere
    },
    forget: (name) => void byName.delete(name),
  }
}
