import type { Client } from './client.ts'
import { isProblem } from './client.ts'

export type Following = {
  readonly changes: Client['changes']
  readonly sleep: (ms: number, until: AbortSignal) => Promise<void>
  /** Something is newer. Resolves with the version of what was read then; undefined when that failed. */
  readonly changed: () => Promise<string | undefined>
  /** Whether what is shown is up to date, as far as is known. */
  readonly live: (isLive: boolean) => void
}

const firstPauseMs = 1_000
const longestPauseMs = 30_000

/** After a reading: replicas of the gateway that do not know each other's versions are not asked without end. */
const restMs = 1_000

/**
 * Asks for changes until `until` is aborted, one question after the other, and reads again whatever is shown when there
 * are any. After a failure it waits, each time longer.
 */
export async function follow(following: Following, first: string | undefined, until: AbortSignal): Promise<void> {
  let version = first
  let pause = firstPauseMs
  while (!isOver(until)) {
    const next = await step(following, version, until)
    if (isOver(until)) return
    following.live(next !== undefined)
    if (next === undefined) await following.sleep(pause, until)
    else if (next !== version) await following.sleep(restMs, until)
    pause = next === undefined ? Math.min(pause * 2, longestPauseMs) : firstPauseMs
    version = next
  }
}

/** The version that is shown now; undefined when that is not known, and all has to be read again. */
async function step(
  { changes, changed }: Following,
  version: string | undefined,
  until: AbortSignal,
): Promise<string | undefined> {
  if (version === undefined) return changed()
  const answer = await changes(version, until)
  if (isProblem(answer)) return undefined
  return answer.version === version || until.aborted ? version : changed()
}

/** Asked anew each time: it may have ended while something was waited for. */
function isOver(until: AbortSignal): boolean {
  return until.aborted
}
