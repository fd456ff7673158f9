import { canonical } from '../domain/canonical.ts'
import type { Digest } from '../domain/digest.ts'
import { mapEntries, textAt } from '../domain/json.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Targets } from './admit-ports.ts'
import type { Call, IdentifiedCall } from './gated-call.ts'

/**
 * Whether a review tells the truth about what it works on: anybody may post one to us, and the API server itself may
 * have read an old copy. `Unchecked`: the webhook may not read the target, or the review names none.
 */
export type TargetCheck = (
  call: Pick<IdentifiedCall, 'digest' | 'until'> & { readonly call: Pick<Call, 'action'> },
) => Promise<'Same' | 'Unchecked' | 'Differs' | 'KeepsDiffering'>

/** An API server behind on its own watch has caught up long before the third look. */
const mostLooks = 3

/** The oldest go first; what is forgotten begins to count anew. */
const mostRemembered = 1000

export function makeTargetCheck(targets: Pick<Targets, 'live'>): TargetCheck {
  const differed = new Map<Digest, number>()

  function count(digest: Digest): 'Differs' | 'KeepsDiffering' {
    const looks = (differed.get(digest) ?? 0) + 1
    differed.delete(digest)
    if (looks >= mostLooks) return 'KeepsDiffering'
    differed.set(digest, looks)
    for (const oldest of differed.keys()) {
      if (differed.size <= mostRemembered) break
      differed.delete(oldest)
    }
    return 'Differs'
  }

  return async ({ call: { action }, digest, until }) => {
    const { operation, oldObject } = action
    if (oldObject === undefined || (operation !== 'Update' && operation !== 'Delete')) return 'Unchecked'
    const live = await targets.live(action, until)
    if (live === 'NotAllowed') return 'Unchecked'
    if (live === 'NotFound' || !isSame(live, oldObject)) return count(digest)
    differed.delete(digest)
    return 'Same'
  }
}

/** The same object, with the same content; who else writes its status or metadata meanwhile is no matter. */
function isSame(live: JsonObject, told: JsonObject): boolean {
  return (
    textAt(live, 'metadata', 'uid') === textAt(told, 'metadata', 'uid') &&
    canonical(core(live)) === canonical(core(told))
  )
}

function core(object: JsonObject): JsonObject {
  return mapEntries(object, (key, value) => (key === 'metadata' || key === 'status' ? undefined : value))
}
