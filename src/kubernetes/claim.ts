import type { ClaimOutcome, GrantRef, LiveRequest } from '../app/ports.ts'
import type { Claim } from '../domain/kinds.ts'
import { differences } from './differences.ts'
import type { PatchOperation } from './json-patch.ts'
import type { CallOptions } from './objects.ts'
import { ResponseDiffers } from './response-differs.ts'
import { sameJson } from './same-json.ts'
import { swap } from './swap.ts'
import type { Next, RequestPorts } from './swap.ts'

export type Claiming = { readonly grant: GrantRef; readonly claim: Claim; readonly options?: CallOptions }

/**
 * Marks a grant as being used, before the command is let through. One JSON Patch that tests what the claim rests on and
 * nothing else, so that cards and notes written at the same moment do not make it fail. It counts only when the stored
 * request is seen to contain it.
 */
export async function claimGrant(ports: RequestPorts, claiming: Claiming): Promise<ClaimOutcome> {
  const { grant, options = {} } = claiming
  const first = claimOperations(claiming)
  const judge = (live: LiveRequest): Next<ClaimOutcome> => judged(live, claiming) ?? { operations: first }
  const swapped = await swap(ports, { ref: grant, first, judge, options })
  switch (swapped.outcome) {
    case 'Stored':
      checkContained(swapped, claiming)
      return { ...swapped, outcome: 'Claimed' }
    case 'Done':
      return swapped.done.outcome === 'Claimed' ? { ...swapped.done, tries: swapped.tries } : swapped.done
    case 'Invalid':
      return { outcome: 'RecordUnavailable' }
    case 'NotFound':
    case 'Busy':
      return { outcome: 'Lost', live: swapped.live }
  }
}

/** Undefined while the grant is as it was seen. A claim under our admission uid is our own only if it is ours word for word. */
function judged(live: LiveRequest, { grant, claim }: Claiming): { readonly done: ClaimOutcome } | undefined {
  const own = claimsOf(live).find((one) => one.admissionUID === claim.admissionUID)
  if (own !== undefined && sameJson(own, claim)) return { done: { ...live, outcome: 'Claimed', tries: 0 } }
  return isAsSeen(live, grant) ? undefined : { done: { outcome: 'Lost', live } }
}

function claimOperations({ grant, claim }: Claiming): readonly PatchOperation[] {
  return [
    { op: 'test', path: '/metadata/uid', value: grant.uid },
    { op: 'test', path: '/status/decision', value: 'Approved' },
    { op: 'test', path: '/status/grant/revoked', value: null },
    { op: 'test', path: '/status/grant/rearmed', value: grant.rearmed },
    { op: 'test', path: '/status/grant/claims', value: grant.claims },
    { op: 'add', path: '/status/grant/claims/-', value: claim },
  ]
}

function isAsSeen({ request }: LiveRequest, seen: GrantRef): boolean {
  const { decision, grant } = request.status ?? {}
  if (decision !== 'Approved' || grant === undefined || grant.revoked !== undefined) return false
  return grant.rearmed === seen.rearmed && sameJson(grant.claims, seen.claims)
}

/** Throws ResponseDiffers when the claims stored are not those that were seen and the new one. */
function checkContained(live: LiveRequest, { grant, claim }: Claiming): void {
  const expected = asStored([...grant.claims, claim])
  const paths = differences(expected, claimsOf(live), { exact: true, at: ['status', 'grant', 'claims'] })
  if (paths.length > 0) throw new ResponseDiffers(`approvalrequests ${grant.name}`, paths)
}

function claimsOf({ request }: LiveRequest): readonly Claim[] {
  return request.status?.grant?.claims ?? []
}

function asStored(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
