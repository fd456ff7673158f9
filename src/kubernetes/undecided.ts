import type { Ref } from '../app/ports.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import type { Change } from './change.ts'
import { makeWaiters } from './waiters.ts'

/**
 * The undecided requests, and those who wait for one to be decided. The watch tells of a decision once and forgets the
 * request; the latest of them are remembered, since a decision may overtake the answer to the call that opened it.
 */
export type Undecided = {
  readonly values: () => Iterable<ApprovalRequest>
  readonly get: (name: string) => ApprovalRequest | undefined
  readonly size: () => number
  /** A call of ours has just read or made it; the watch may be behind, or never tell. */
  readonly seen: (request: ApprovalRequest) => void
  readonly changed: (change: Change<ApprovalRequest>) => void
  /** The request once it is decided; undefined when it is deleted, or `until` ends first. */
  readonly decided: (request: Ref, until: AbortSignal) => Promise<ApprovalRequest | undefined>
}

const mostRemembered = 1000

export function makeUndecided(): Undecided {
  const requests = new Map<string, ApprovalRequest>()
  const waiters = makeWaiters<ApprovalRequest>(mostRemembered)

  function put(request: ApprovalRequest): void {
    const isOpen = request.status?.decision === undefined && !waiters.ended(uidOf(request))
    if (isOpen) requests.set(request.metadata.name, request)
  }

  function forget({ metadata }: ApprovalRequest): void {
    if (requests.get(metadata.name)?.metadata.uid === metadata.uid) requests.delete(metadata.name)
  }

  function leave(request: ApprovalRequest, decided: ApprovalRequest | undefined): void {
    forget(request)
    waiters.end(uidOf(request), decided)
  }

  return {
    values: () => requests.values(),
    get: (name) => requests.get(name),
    size: () => requests.size,
    seen: (request) => (request.status?.decision === undefined ? put(request) : leave(request, request)),
    changed: ({ type, object }) => {
      if (type === 'Added' || type === 'Updated') put(object)
      else leave(object, type === 'Left' ? object : undefined)
    },
    decided: ({ uid }, until) => waiters.wait(uid, until),
  }
}

function uidOf({ metadata }: ApprovalRequest): string {
  return metadata.uid ?? ''
}
