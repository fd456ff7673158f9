import { chainName } from '../domain/digest.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'

/** A request as far as its end goes. */
export type Aged = {
  readonly name: string
  readonly uid: string
  /** Counts the attempts of one action, from 1. */
  readonly number: number
  /** Undefined while it is undecided. */
  readonly decidedTime: Instant | undefined
  /** The whole of it, while something may still become of it. */
  readonly request: ApprovalRequest | undefined
  /** The ConfigMap with its long diff. */
  readonly diff: string | undefined
}

/** One request that is to go. */
export type Leaving = { readonly name: string; readonly uid: string }

/**
 * The requests whose time is over, in the order in which they have to go: all attempts of an action leave together, the
 * highest number first, since whoever looks for the newest one walks up until there is none.
 */
export function leaving(requests: Iterable<Aged>, retentionMs: number, now: Instant): readonly Leaving[] {
  const chains = new Map<string, Aged[]>()
  for (const request of requests) {
    const chain = chains.get(chainName(request.name))
    if (chain === undefined) chains.set(chainName(request.name), [request])
    else chain.push(request)
  }
  return [...chains.values()]
    .filter((chain) => chain.every((one) => isOver(one, retentionMs, now)))
    .flatMap((chain) => chain.toSorted((a, b) => b.number - a.number))
    .map(({ name, uid }) => ({ name, uid }))
}

/** A ConfigMap with a long diff. */
export type StoredDiff = { readonly name: string; readonly uid: string; readonly time: Instant }

/** A diff is stored before the request that cites it: a young one that no request shows may be about to be shown. */
export const youngestDiffMs = 3_600_000

/** The diffs that no request shows, but for young ones. */
export function strayDiffs(
  diffs: readonly StoredDiff[],
  requests: Iterable<Pick<Aged, 'diff'>>,
  { youngestMs, now }: { readonly youngestMs: number; readonly now: Instant },
): readonly StoredDiff[] {
  const shown = new Set([...requests].map(({ diff }) => diff))
  return diffs.filter(({ name, time }) => !shown.has(name) && time + youngestMs < now)
}

function isOver({ decidedTime, request }: Aged, retentionMs: number, now: Instant): boolean {
  if (decidedTime === undefined || decidedTime + retentionMs > now) return false
  const grant = request?.status?.grant
  return grant === undefined || (parseInstant(grant.expirationTime) ?? now) < now
}
