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

/** One request that is to go, and the ConfigMap with its diff where no other request shows the same. */
export type Leaving = { readonly name: string; readonly uid: string; readonly diff: string | undefined }

/**
 * The requests whose time is over, in the order in which they have to go: all attempts of an action leave together, the
 * highest number first, since whoever looks for the newest one walks up until there is none.
 */
export function leaving(requests: Iterable<Aged>, retentionMs: number, now: Instant): readonly Leaving[] {
  const chains = new Map<string, Aged[]>()
  for (const request of requests) {
    const chain = chains.get(chainOf(request))
    if (chain === undefined) chains.set(chainOf(request), [request])
    else chain.push(request)
  }
  const over: Aged[] = []
  const shown = new Set<string | undefined>()
  for (const chain of chains.values()) {
    if (chain.every((one) => isOver(one, retentionMs, now))) over.push(...chain.toSorted((a, b) => b.number - a.number))
    else for (const { diff } of chain) shown.add(diff)
  }
  return over.map(({ name, uid, diff }) => ({ name, uid, diff: shown.has(diff) ? undefined : diff }))
}

/** The first attempt's name, which the names of all others begin with. */
function chainOf({ name, number }: Aged): string {
  const suffix = `-${number}`
  return number > 1 && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name
}

function isOver({ decidedTime, request }: Aged, retentionMs: number, now: Instant): boolean {
  if (decidedTime === undefined || decidedTime + retentionMs > now) return false
  const grant = request?.status?.grant
  return grant === undefined || (parseInstant(grant.expirationTime) ?? now) < now
}
