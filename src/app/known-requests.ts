import type { ApprovalRequest } from '../domain/kinds.ts'
import type { KnownRequests } from './cast-vote-ports.ts'
import type { RequestBook } from './request-book.ts'

/** Requests out of the book; `read` reads one that is closed, by its name. */
export function makeKnownRequests(
  book: Pick<RequestBook, 'get' | 'changed'>,
  read: (name: string) => Promise<ApprovalRequest | undefined>,
): KnownRequests {
  async function find(uid: string): Promise<ApprovalRequest | undefined> {
    const booked = book.get(uid)
    if (booked === undefined || booked.request !== undefined) return booked?.request
    const live = await read(booked.name)
    return live?.metadata.uid === uid ? live : undefined
  }

  return {
    find,
    once: async (uid, isSo, until) => {
      for (;;) {
        // Before the reading: what happens meanwhile is not to be missed.
        const next = book.changed(uid, until)
        const request = await find(uid)
        if (request === undefined || until.aborted) return request !== undefined && isSo(request) ? request : undefined
        if (isSo(request)) return request
        await next
      }
    },
  }
}
