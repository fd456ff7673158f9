import type { DecidedStatus, StatusNote } from '../app/ports.ts'
import type { ApprovalRequest, ApprovalRequestStatus, Claim, Revocation } from '../domain/kinds.ts'
import { fieldsOf } from './fields.ts'
import type { Fields } from './fields.ts'
import type { PatchOperation } from './json-patch.ts'
import { sameJson } from './same-json.ts'

/** The lists that are maps in the schema, and the fields that make up their keys. */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  conditions: ['type'],
  stages: ['name'],
  votes: ['name'],
  messages: ['channel', 'ref'],
}

/** A vote is judged once. Who would judge it otherwise now, another time or another replica, comes too late. */
const appendOnly = '/status/votes'

/**
 * The operations that bring `change` into the stored status, none when it is all there already. They test nothing but
 * the object's identity and the positions they rely on, so that what others write meanwhile does no harm. That no key
 * comes twice is the schema's own rule.
 */
export function noteOperations(live: ApprovalRequest, change: StatusNote): readonly PatchOperation[] {
  const operations = changeOperations(live.status, change)
  return operations.length === 0 ? [] : [uidTest(live), ...operations]
}

/** The same for a decision; refused by the server when there is one. */
export function decisionOperations(live: ApprovalRequest, decided: DecidedStatus): readonly PatchOperation[] {
  const undecided: readonly PatchOperation[] = live.status === undefined ? [] : [isAbsent('/status/decision')]
  return [uidTest(live), ...undecided, ...changeOperations(live.status, decided)]
}

/** The same for a note that only fits while nothing is decided. */
export function pendingNoteOperations(live: ApprovalRequest, change: StatusNote): readonly PatchOperation[] {
  const [identity, ...rest] = noteOperations(live, change)
  if (identity === undefined || live.status === undefined) return identity === undefined ? [] : [identity, ...rest]
  return [identity, isAbsent('/status/decision'), ...rest]
}

/** Takes an approval back, as long as it is unclaimed and nobody has. */
export function revokeOperations(
  live: ApprovalRequest,
  revoked: Revocation,
  change: StatusNote,
): readonly PatchOperation[] {
  return [
    uidTest(live),
    { op: 'test', path: '/status/decision', value: 'Approved' },
    { op: 'test', path: '/status/grant/claims', value: [] },
    isAbsent('/status/grant/revoked'),
    { op: 'add', path: '/status/grant/revoked', value: revoked },
    ...changeOperations(live.status, change),
  ]
}

/** Gives a grant back once, as long as its claims are those that were seen. */
export function rearmOperations(
  live: ApprovalRequest,
  claims: readonly Claim[],
  change: StatusNote,
): readonly PatchOperation[] {
  return [
    uidTest(live),
    { op: 'test', path: '/status/grant/claims', value: claims },
    { op: 'test', path: '/status/grant/rearmed', value: 0 },
    { op: 'replace', path: '/status/grant/rearmed', value: 1 },
    ...changeOperations(live.status, change),
  ]
}

function uidTest(object: { readonly metadata?: { readonly uid?: string } }): PatchOperation {
  return { op: 'test', path: '/metadata/uid', value: object.metadata?.uid }
}

/** The API server's library (evanphx/json-patch) takes a missing last key for null. */
function isAbsent(path: string): PatchOperation {
  return { op: 'test', path, value: null }
}

function changeOperations(status: ApprovalRequestStatus | undefined, change: object): readonly PatchOperation[] {
  const fields = Object.entries(change).filter(([, value]) => value !== undefined)
  if (fields.length === 0) return []
  if (status !== undefined) return fields.flatMap(([field, value]) => fieldOperations(status, field, value))
  return [isAbsent('/status'), { op: 'add', path: '/status', value: Object.fromEntries(fields) }]
}

function fieldOperations(status: ApprovalRequestStatus, field: string, value: unknown): readonly PatchOperation[] {
  const path = `/status/${field}`
  const there: unknown = fieldsOf(status)[field]
  if (sameJson(there, value)) return []
  const keys = listKeys[field]
  if (keys === undefined || !Array.isArray(value)) return [{ op: 'add', path, value }]
  if (!Array.isArray(there)) return [isAbsent(path), { op: 'add', path, value }]
  return value.flatMap((entry) => entryOperations({ path, keys, list: there.map(fieldsOf) }, fieldsOf(entry)))
}

type KeyedList = { readonly path: string; readonly keys: readonly string[]; readonly list: readonly Fields[] }

function entryOperations({ path, keys, list }: KeyedList, entry: Fields): readonly PatchOperation[] {
  const index = list.findIndex((one) => keys.every((key) => one[key] === entry[key]))
  if (index === -1) return [{ op: 'add', path: `${path}/-`, value: entry }]
  if (path === appendOnly || sameJson(list[index], entry)) return []
  const tests = keys.map((key) => ({ op: 'test' as const, path: `${path}/${index}/${key}`, value: entry[key] }))
  return [...tests, { op: 'replace', path: `${path}/${index}`, value: entry }]
}
