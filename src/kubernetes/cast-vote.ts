import type { Cast } from '../app/cast-vote-ports.ts'
import { ApiError } from './api-error.ts'
import { approvalVotes } from './kinds.ts'
import type { Objects } from './objects.ts'

/** Somebody waits for the answer to a click, which the Bot Connector gives up after ten to fifteen seconds. */
const deadlineMs = 6_000

/**
 * Creates votes, as the gateway, which reads none. A name is made of request and click, so that one which is there already
 * is of the same click, perhaps of a try whose answer was lost.
 */
export function makeCast(objects: Pick<Objects, 'create'>): Cast {
  return async (vote) => {
    try {
      const stored = await objects.create(approvalVotes, vote, { deadlineMs })
      if (typeof stored !== 'string') return 'Stored'
      return stored === 'AlreadyExists' ? stored : 'Refused'
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.reason === 'AlreadyExists') return error.reason
      // An admission policy, or missing rights: the next try would be refused as well.
      if (error.status === 403) return 'Refused'
      throw error
    }
  }
}
