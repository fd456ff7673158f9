import type { Operation } from './action.ts'
import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { Claim, Grant } from './kinds.ts'

/** How long a claim covers repeats of the same call: longer than the 34 s that the API server gives one write. */
export const leaseMs = 45_000

/** What a repeat of an action does to its grant, by what the operation can do twice. */
export type Repeatability =
  /** A named object can be made once, another try is a conflict. */
  | 'Create'
  /** Repeats while the object is as it was when the claim was made. */
  | 'Update'
  /** Takes effect once, since the target's uid is part of the action. */
  | 'Delete'
  /** Every call has an effect of its own. */
  | 'Never'

/** Which of the four an action is. An eviction deletes; a generated name makes another object each time. */
export function repeatabilityOf(action: {
  readonly operation: Operation
  readonly subresource: string
  readonly generatedName: boolean
}): Repeatability {
  if (action.operation === 'Connect') return 'Never'
  if (action.subresource === 'eviction') return 'Delete'
  if (action.operation === 'Create') return action.generatedName || action.subresource !== '' ? 'Never' : 'Create'
  return action.operation === 'Update' ? 'Update' : 'Delete'
}

/** What this call is, as far as a repeat is judged by it. */
export type Use = {
  readonly admissionUID: string
  readonly repeatability: Repeatability
  /** Update: the object as it stands before the change. */
  readonly guard: Guard | undefined
  /** Update: the change lies in metadata alone, which does not raise the generation. */
  readonly metadataOnly: boolean
  /** Create: the uid of the live object of this name, where the webhook may read it; Delete: that of the live target. */
  readonly liveUID: string | undefined
  readonly targetUID: string | undefined
}

export type Guard = { readonly generation: number | undefined; readonly resourceVersion: string | undefined }

/**
 * `Claim`: unspent, mark it and let the call through. `Again`: it is covered by a claim that was made. `Moved`: somebody
 * changed the object since the claim, so the operator must find out what became of it. `Spent`: ask people again.
 */
export type GrantUse = 'Claim' | 'Again' | 'Moved' | 'Spent' | 'Lapsed' | 'Revoked'

/** Judges a call against an approved grant. `expirationTime` is that of the signed record. */
export function useOf(grant: Grant, use: Use, now: Instant): GrantUse {
  if (grant.revoked !== undefined) return 'Revoked'
  const lapsed = now > (parseInstant(grant.expirationTime) ?? 0)
  const last = grant.claims.at(-1)
  if (last === undefined || grant.claims.length <= grant.rearmed) return lapsed ? 'Lapsed' : 'Claim'
  if (grant.claims.some(({ admissionUID }) => admissionUID === use.admissionUID)) return 'Again'
  return lapsed ? 'Spent' : repeat(grant.claims, last, { use, now })
}

type Repeat = { readonly use: Use; readonly now: Instant }

function repeat(claims: readonly Claim[], last: Claim, { use, now }: Repeat): GrantUse {
  const { repeatability, liveUID, targetUID } = use
  switch (repeatability) {
    case 'Never':
      return 'Spent'
    case 'Create':
      return claims.some(({ objectUID }) => isSame(objectUID, liveUID)) ? 'Again' : 'Spent'
    case 'Delete':
      return isSame(targetUID, liveUID) ? 'Again' : 'Spent'
    case 'Update':
      return repeatedUpdate(last, { use, now })
  }
}

function repeatedUpdate(last: Claim, { use, now }: Repeat): GrantUse {
  if (now - (parseInstant(last.time) ?? 0) > leaseMs) return 'Spent'
  const { guard, metadataOnly } = use
  const unmoved = metadataOnly
    ? isSame(guard?.resourceVersion, last.resourceVersion)
    : isSame(guard?.generation, last.generation)
  return unmoved ? 'Again' : 'Moved'
}

/** Known on both sides, and equal: what could not be read proves nothing. */
function isSame<Value>(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && a === b
}
