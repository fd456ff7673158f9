import type { RawAnswer } from '../app/raw.ts'
import type { Asked } from './ports.ts'
import { answer } from './respond.ts'
import type { Refused } from './respond.ts'

/** How long a question for changes is held open, and by how many: of one person, and in all. */
export const waitLimits = { ms: 25_000, each: 8, all: 1_000 } as const

/** Who waits, by object id. */
export type Waiting = { readonly enter: (who: string) => boolean; readonly leave: (who: string) => void }

export function makeWaiting(): Waiting {
  const counts = new Map<string, number>()
  let all = 0
  return {
    enter: (who) => {
      const mine = counts.get(who) ?? 0
      if (mine >= waitLimits.each || all >= waitLimits.all) return false
      counts.set(who, mine + 1)
      all += 1
      return true
    },
    leave: (who) => {
      const left = (counts.get(who) ?? 1) - 1
      if (left > 0) counts.set(who, left)
      else counts.delete(who)
      all -= 1
    },
  }
}

/**
 * `GET /api/tab/changes?since=<version>`: answers when anything is new, or after 25 seconds with the same version. A
 * version that is none of ours is answered at once.
 */
export async function showChanges(waiting: Waiting, { ports, caller, raw }: Asked): Promise<RawAnswer | Refused> {
  const who = caller.voter.objectID ?? ''
  if (!waiting.enter(who)) return { refusal: 'TooManyWaiting' }
  const ended = new AbortController()
  const end = (): void => ended.abort()
  raw.gone.addEventListener('abort', end)
  if (raw.gone.aborted) end()
  try {
    await Promise.race([
      ports.feed.next(raw.query.get('since') ?? '', ended.signal),
      ports.sleep(waitLimits.ms, ended.signal),
    ])
    return answer({ version: ports.feed.version() })
  } finally {
    end()
    raw.gone.removeEventListener('abort', end)
    waiting.leave(who)
  }
}
