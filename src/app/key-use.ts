import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'

/** What rests on keys in one request, and all that is remembered of it for that. */
export type KeyUse = {
  /** Keys under which the digests of its actions were made; undefined when it does not say. */
  readonly digestKeyIDs: readonly string[] | undefined
  /** Until when somebody may ask for the same action again and has to find this request; undefined: without end. */
  readonly wantedUntil: Instant | undefined
  /** The key that signed its decision. */
  readonly recordKeyID: string | undefined
}

export function keyUseOf({ spec, status }: ApprovalRequest): KeyUse {
  const ids = spec.actions.flatMap(({ digestKeyID }) => digestKeyID ?? [])
  return {
    digestKeyIDs: ids.length === spec.actions.length ? ids : undefined,
    wantedUntil: untilWanted(status),
    recordKeyID: status?.record?.keyID,
  }
}

function untilWanted({ decision, grant }: NonNullable<ApprovalRequest['status']> = {}): Instant | undefined {
  return decision === undefined ? undefined : (parseInstant(grant?.expirationTime ?? '') ?? 0)
}

/** Ids of all keys on which a request rests; undefined when that cannot be said of one, so that none may be dropped. */
export function keysInUse(uses: Iterable<KeyUse>, now: Instant): ReadonlySet<string> | undefined {
  const ids = new Set<string>()
  for (const { digestKeyIDs, wantedUntil, recordKeyID } of uses) {
    if (recordKeyID !== undefined) ids.add(recordKeyID)
    if (wantedUntil !== undefined && wantedUntil <= now) continue
    if (digestKeyIDs === undefined) return undefined
    for (const id of digestKeyIDs) ids.add(id)
  }
  return ids
}
