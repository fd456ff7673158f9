import type { Approval } from './book.ts'

/** How often each thing that the rules are about has happened in a run. */
export type Counts = ReadonlyMap<string, number>

type Count = (approval: Approval) => number

export function countsOf(approvals: readonly Approval[]): Counts {
  return new Map(
    Object.entries(counted).map(([what, count]) => [what, approvals.reduce((sum, one) => sum + count(one), 0)]),
  )
}

const counted: Readonly<Record<string, Count>> = {
  approved: decided('Approved'),
  denied: decided('Denied'),
  sentBack: decided('ChangesRequested'),
  expired: decided('Expired'),
  executed: ended('Executed'),
  notObserved: ended('NotObserved'),
  unobservable: ended('Unobservable'),
  neverUsed: ended('NeverUsed'),
  takenBack: ended('Revoked'),
  claimed: (approval) => Math.min(1, claimsOf(approval)),
  claimedAnew: (approval) => Math.max(0, claimsOf(approval) - 1),
  givenBack: ({ request }) => request.status?.grant?.rearmed ?? 0,
  repeated: (approval) => Math.max(0, approval.allowed.size - claimsOf(approval)),
  done: ({ effects }) => effects.length,
  notDone: ({ allowed, effects }) => (allowed.size > 0 && effects.length === 0 ? 1 : 0),
}

function decided(decision: string): Count {
  return ({ request }) => (request.status?.decision === decision ? 1 : 0)
}

function ended(reason: string): Count {
  return ({ request }) => {
    const executed = request.status?.conditions?.find(({ type }) => type === 'Executed')
    return executed?.reason === reason ? 1 : 0
  }
}

function claimsOf({ request }: Approval): number {
  return request.status?.grant?.claims.length ?? 0
}
