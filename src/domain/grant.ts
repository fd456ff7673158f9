import type { Operation } from './action.ts'
import type { Change } from './change.ts'
import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import { at, textAt } from './json.ts'
import type { JsonObject } from './json.ts'
import type { Claim, Grant } from './kinds.ts'

/**
 * How long a claim covers repeats of the same call, where nothing else is configured: longer than the 34 s that the API
 * server gives one write. Whoever judges repeats and whoever gives a permission back must go by the same.
 */
export const leaseMs = 45_000

/** What a repeat of an action does to its grant, by what the operation can do twice. */
export type Repeatability =
  /** A named object can be made once as long as it is there: another try after that makes another one. */
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

/** By what an Update is seen not to have happened yet: while either is as it was, the object was not changed. */
export type Guard = { readonly generation?: number; readonly resourceVersion?: string }

/**
 * The guard of an Update, from the object as it stands before: the generation, which status writes of others leave alone,
 * where the change raises it; else the resourceVersion. Metadata and status do not raise it, and many kinds have none
 * (ConfigMap, Scale). A claim keeps the guard of the call that made it, and a repeat is judged by its own.
 */
export function guardOf(before: JsonObject | undefined, changes: readonly Change[]): Guard {
  const generation = at(before, 'metadata', 'generation')
  const raised = changes.some(({ path }) => path[0] !== 'metadata' && path[0] !== 'status')
  if (raised && typeof generation === 'number') return { generation }
  const resourceVersion = textAt(before, 'metadata', 'resourceVersion')
  return resourceVersion === undefined ? {} : { resourceVersion }
}

/** What this call is, as far as a repeat is judged by it. */
export type Use = {
  readonly admissionUID: string
  readonly repeatability: Repeatability
  /** Update: from {@link guardOf}. */
  readonly guard: Guard | undefined
  /** Create: the uid of the live object of this name, where the webhook may read it; Delete: that of the live target. */
  readonly liveUID: string | undefined
  readonly targetUID: string | undefined
  /** For how long a claim covers repeats. */
  readonly leaseMs: number
}

/**
 * `Claim`: unspent, mark it and let the call through. `Again`: it is covered by a claim that was made. `Made`: the object
 * that was to be made is there; a repeat is not let through to find that out, since it may be gone by the time of the
 * write, and would be made a second time. `Moved`: somebody changed the object since the claim, so the operator must find
 * out what became of it. `Spent`: ask people again.
 */
export type GrantUse = 'Claim' | 'Again' | 'Made' | 'Moved' | 'Spent' | 'Lapsed' | 'Revoked'

/** Judges a call against an approved grant. `expirationTime` is that of the signed record. */
export function useOf(grant: Grant, use: Use, now: Instant): GrantUse {
  if (grant.revoked !== undefined) return 'Revoked'
  const lapsed = now > (parseInstant(grant.expirationTime) ?? 0)
  const last = grant.claims.at(-1)
  if (last === undefined || isRearmed(grant, use)) return lapsed ? 'Lapsed' : 'Claim'
  if (grant.claims.some(({ admissionUID }) => admissionUID === use.admissionUID)) return 'Again'
  return lapsed ? 'Spent' : repeat(grant.claims, last, { use, now })
}

/** Given back and not used since. Only an Update is ever given back, whatever the status says. */
function isRearmed({ claims, rearmed }: Grant, { repeatability }: Use): boolean {
  return repeatability === 'Update' && claims.length <= rearmed
}

type Repeat = { readonly use: Use; readonly now: Instant }

function repeat(claims: readonly Claim[], last: Claim, { use, now }: Repeat): GrantUse {
  const { repeatability, liveUID, targetUID } = use
  switch (repeatability) {
    case 'Never':
      return 'Spent'
    case 'Create':
      return claims.some(({ objectUID }) => isSame(objectUID, liveUID)) ? 'Made' : 'Spent'
    case 'Delete':
      return isSame(targetUID, liveUID) ? 'Again' : 'Spent'
    case 'Update':
      return repeatedUpdate(last, { use, now })
  }
}

function repeatedUpdate(last: Claim, { use, now }: Repeat): GrantUse {
  if (now - (parseInstant(last.time) ?? 0) > use.leaseMs) return 'Spent'
  const { generation, resourceVersion } = use.guard ?? {}
  const unmoved = isSame(generation, last.generation) || isSame(resourceVersion, last.resourceVersion)
  return unmoved ? 'Again' : 'Moved'
}

/** Known on both sides, and equal: what could not be read proves nothing. */
function isSame<Value>(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && a === b
}
