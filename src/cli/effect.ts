import { requesterIdentities } from '../app/requester-identities.ts'
import type { ApprovalRequest, ApprovalVote, NotedVote } from '../domain/kinds.ts'
import { hasFollowed } from '../domain/vote-effect.ts'
import type { PeoplePorts } from './records.ts'

/** What became of a vote. `Waiting`: nothing yet, and the time is over. */
export type Effect =
  | { readonly kind: 'Waiting' }
  | { readonly kind: 'Refused'; readonly refusal: string }
  /** It counts, and the request is as this one. */
  | { readonly kind: 'Counted'; readonly request: ApprovalRequest }

const firstPauseMs = 200
const longestPauseMs = 1000

/** Looks until the vote was judged, and until what follows from it has happened, for at most `timeoutMs`. */
export async function effectOf(ports: PeoplePorts, vote: ApprovalVote, timeoutMs: number): Promise<Effect> {
  let last: Effect = { kind: 'Waiting' }
  await looking(ports, timeoutMs, async () => {
    const request = await ports.records.find(vote.spec.requestRef.name)
    const noted = request?.status?.votes?.find(({ uid }) => uid === vote.metadata.uid)
    if (request === undefined || noted === undefined) return false
    last = judged(request, noted)
    return hasFollowed(request, noted)
  })
  return last
}

function judged(request: ApprovalRequest, { counted, refusal = 'unknown' }: NotedVote): Effect {
  return counted ? { kind: 'Counted', request } : { kind: 'Refused', refusal }
}

/** Whether the agent has used the approval; it asks again every few seconds where it waits. */
export async function wasUsed(
  ports: PeoplePorts,
  name: string,
  timeoutMs: number,
): Promise<ApprovalRequest | undefined> {
  let used: ApprovalRequest | undefined
  await looking(ports, timeoutMs, async () => {
    const request = await ports.records.find(name)
    if ((request?.status?.grant?.claims.length ?? 0) > 0) used = request
    return used !== undefined
  })
  return used
}

/** Whether the agent of a request is paused. The operator does it right after the decision. */
export async function isPaused(ports: PeoplePorts, { spec }: ApprovalRequest, timeoutMs: number): Promise<boolean> {
  const names = requesterIdentities(spec.requester)
  let paused = false
  await looking(ports, timeoutMs, async () => {
    for (const name of names) paused ||= (await ports.records.isPaused(name)) === true
    return paused
  })
  return paused
}

async function looking(ports: PeoplePorts, timeoutMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const end = ports.now() + timeoutMs
  let pause = firstPauseMs
  while (!(await isSo())) {
    const left = end - ports.now()
    if (left <= 0 || ports.until.aborted) return
    await ports.sleep(Math.min(pause, left))
    pause = Math.min(pause * 1.5, longestPauseMs)
  }
}
