import type { Ref } from '../app/ports.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import type { Change } from './change.ts'

/**
 * The undecided requests, and those who wait for one to be decided. The watch tells of a decision once and forgets the
 * request; the latest of them are remembered, since a decision may overtake the answer to the call that opened it.
 */
export type Undecided = {
  readonly values: () => Iterable<ApprovalRequest>
  readonly get: (name: string) => ApprovalRequest | undefined
  /** A call of ours has just been told of it; the watch may be behind. */
  readonly opened: (request: ApprovalRequest) => void
  readonly changed: (change: Change<ApprovalRequest>) => void
  /** The request once it is decided; undefined when it is deleted, or `until` ends first. */
  readonly decided: (request: Ref, until: AbortSignal) => Promise<ApprovalRequest | undefined>
}

const mostRemembered = 1000

type Waiter = (request: ApprovalRequest | undefined) => void

export function makeUndecided(): Undecided {
  const requests = new Map<string, ApprovalRequest>()
  const over = new Map<string, ApprovalRequest | undefined>()
  const waiting = new Map<string, Set<Waiter>>()

  function end(uid: string, request: ApprovalRequest | undefined): void {
    over.set(uid, request)
    for (const oldest of over.keys()) {
      if (over.size <= mostRemembered) break
      over.delete(oldest)
    }
    for (const tell of waiting.get(uid) ?? []) tell(request)
    waiting.delete(uid)
  }

  function put(request: ApprovalRequest): void {
    if (request.status?.decision === undefined && !over.has(uidOf(request))) {
      requests.set(request.metadata.name, request)
    }
  }

  function forget({ metadata }: ApprovalRequest): void {
    if (requests.get(metadata.name)?.metadata.uid === metadata.uid) requests.delete(metadata.name)
  }

  return {
    values: () => requests.values(),
    get: (name) => requests.get(name),
    opened: put,
    changed: ({ type, object }) => {
      if (type === 'Added' || type === 'Updated') return put(object)
      forget(object)
      end(uidOf(object), type === 'Left' ? object : undefined)
    },
    decided: ({ uid }, until) =>
      new Promise((resolve) => {
        if (over.has(uid) || until.aborted) return resolve(over.get(uid))
        const tellers = waiting.get(uid) ?? new Set()
        const leave = (): void => tell(undefined)
        const tell = (request: ApprovalRequest | undefined): void => {
          until.removeEventListener('abort', leave)
          tellers.delete(tell)
          if (tellers.size === 0) waiting.delete(uid)
          resolve(request)
        }
        tellers.add(tell)
        waiting.set(uid, tellers)
        until.addEventListener('abort', leave)
      }),
  }
}

function uidOf({ metadata }: ApprovalRequest): string {
  return metadata.uid ?? ''
}
