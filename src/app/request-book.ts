import type { ApprovalRequest } from '../domain/kinds.ts'

/** A request as it is remembered: all of it while something may still happen to it, its name afterwards. */
export type BookedRequest = {
  readonly name: string
  readonly uid: string
  /** Undefined once it is closed: thousands of those stay, each for a month. */
  readonly request: ApprovalRequest | undefined
}

/** Requests by their uid, and those who wait for one to change. */
export type RequestBook = {
  readonly get: (uid: string) => BookedRequest | undefined
  readonly values: () => Iterable<BookedRequest>
  /** It is so now. */
  readonly put: (booked: BookedRequest) => void
  readonly remove: (uid: string) => void
  /** Resolves at the next change of the request, its leaving included, or when `until` ends. */
  readonly changed: (uid: string, until: AbortSignal) => Promise<void>
}

export function makeRequestBook(): RequestBook {
  const byUID = new Map<string, BookedRequest>()
  const waiting = new Map<string, Set<() => void>>()

  function tell(uid: string): void {
    const told = waiting.get(uid)
    waiting.delete(uid)
    for (const wake of told ?? []) wake()
  }

  function changed(uid: string, until: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (until.aborted) return resolve()
      const mine = waiting.get(uid) ?? new Set()
      const wake = (): void => {
        until.removeEventListener('abort', wake)
        mine.delete(wake)
        if (mine.size === 0 && waiting.get(uid) === mine) waiting.delete(uid)
        resolve()
      }
      mine.add(wake)
      waiting.set(uid, mine)
      until.addEventListener('abort', wake)
    })
  }

  return {
    get: (uid) => byUID.get(uid),
    values: () => byUID.values(),
    put: (booked) => {
      byUID.set(booked.uid, booked)
      tell(booked.uid)
    },
    remove: (uid) => {
      byUID.delete(uid)
      tell(uid)
    },
    changed,
  }
}
