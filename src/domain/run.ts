import { createHash } from 'node:crypto'
import { canonical } from './canonical.ts'
import type { Digest } from './digest.ts'
import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest } from './kinds.ts'

/** Whose burst of actions it is: one command has one credential, and in a pod one pod. */
export type RunKey = {
  readonly accountUID: string
  readonly podUID: string | undefined
  readonly credentialID: string | undefined
}

const togetherMs = 60_000
const letters = '0123456789abcdefghjkmnpqrstvwxyz'
const idLength = 6

/**
 * The run that an action belongs to: that of the agent's newest undecided request, when it is fresh, else a new one.
 * `undecided`: the agent's own. Two replicas may name two runs for one command; each then has its own patience, which harms nobody.
 */
export function runOf(
  key: RunKey,
  digest: Digest,
  seen: { readonly undecided: readonly ApprovalRequest[]; readonly now: Instant },
): string {
  const fresh = seen.undecided
    .filter((request) => isOf(key, request) && seen.now - openedAt(request, seen.now) <= togetherMs)
    .toSorted((a, b) => openedAt(b, seen.now) - openedAt(a, seen.now))[0]
  return fresh?.spec.requester.run ?? newRun(key, digest)
}

/** What is left of the run's patience, in milliseconds; counted from its oldest undecided request. */
export function patienceLeft(
  run: string,
  seen: { readonly undecided: readonly ApprovalRequest[]; readonly now: Instant; readonly patienceMs: number },
): number {
  const opened = seen.undecided
    .filter(({ spec }) => spec.requester.run === run)
    .map((request) => openedAt(request, seen.now))
  return seen.patienceMs - (seen.now - Math.min(seen.now, ...opened))
}

function isOf({ accountUID, podUID, credentialID }: RunKey, { spec }: ApprovalRequest): boolean {
  const { uid, run = '', pod, credentialID: credential } = spec.requester
  return run !== '' && uid === accountUID && (podUID ?? credentialID) === (pod?.uid ?? credential)
}

function openedAt({ metadata }: ApprovalRequest, now: Instant): Instant {
  return parseInstant(metadata.creationTimestamp ?? '') ?? now
}

function newRun({ accountUID, podUID, credentialID }: RunKey, digest: Digest): string {
  const bytes = createHash('sha256')
    .update(canonical([accountUID, podUID ?? credentialID ?? '', digest]))
    .digest()
  return `b-${Array.from(bytes.subarray(0, idLength), (byte) => letters[byte & 31]).join('')}`
}
