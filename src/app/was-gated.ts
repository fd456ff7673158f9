import type { AgentIdentity } from '../domain/kinds.ts'

/** Do these identities say that the API server asks, or has asked, about one of them? */
export function someWasGated(identities: Iterable<AgentIdentity>): boolean {
  return [...identities].some(wasGated)
}

/**
 * Nobody is gated at first, and all conditions of an identity are first stamped together: one that is not gated, and whose
 * condition has changed since, was gated in between.
 */
function wasGated({ status }: AgentIdentity): boolean {
  const conditions = status?.conditions ?? []
  const gated = conditions.find(({ type }) => type === 'Gated')
  if (gated === undefined) return false
  return (
    gated.status === 'True' ||
    conditions.some(({ lastTransitionTime }) => lastTransitionTime < gated.lastTransitionTime)
  )
}
