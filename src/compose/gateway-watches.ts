import { makeRequestBook } from '../app/request-book.ts'
import type { BookedRequest, RequestBook } from '../app/request-book.ts'
import { recordsNamespace as namespace } from '../config.ts'
import { isClosed } from '../domain/executed.ts'
import type { ApprovalChannel, ApprovalRequest, ApproverGroup } from '../domain/kinds.ts'
import { approvalChannels, approvalRequests, approverGroups } from '../kubernetes/kinds.ts'
import type { Live } from '../kubernetes/live-object.ts'
import type { ReadyCheck, Surroundings } from './component.ts'
import { makeWatchSet } from './watch-set.ts'

/** What the gateway knows without asking. */
export type GatewayWatches = {
  readonly book: RequestBook
  readonly channels: () => Iterable<ApprovalChannel>
  readonly groups: () => Iterable<ApproverGroup>
  readonly synced: () => boolean
  readonly checks: () => readonly ReadyCheck[]
  readonly silentSeconds: () => Readonly<Record<string, number>>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

/** Nobody is told the state of a request of which nothing was heard for long. */
const tellsBy = ['approvalrequests', 'approvalchannels']

/** `changed`: what people see may be another now. */
export function watchForGateway(around: Surroundings, changed: () => void): GatewayWatches {
  const watches = makeWatchSet(around, tellsBy)
  const book = makeRequestBook()
  watches.watch<ApprovalRequest, BookedRequest>(
    'approvalrequests',
    { resource: approvalRequests, namespace, trim: booked },
    ({ type, object }) => {
      if (type === 'Added' || type === 'Updated') book.put(object)
      else book.remove(object.uid)
      changed()
    },
  )
  const channels = watches.watch<ApprovalChannel, ApprovalChannel>(
    'approvalchannels',
    { resource: approvalChannels, trim: (channel) => channel },
    () => undefined,
  )
  const groups = watches.watch<ApproverGroup, ApproverGroup>(
    'approvergroups',
    { resource: approverGroups, trim: (group) => group },
    changed,
  )
  return {
    ...watches,
    book,
    channels: () => channels.cache.values(),
    groups: () => groups.cache.values(),
    synced: () => watches.synced(),
  }
}

function booked(request: Live<ApprovalRequest>): BookedRequest {
  const { name, uid } = request.metadata
  return { name, uid, request: isClosed(request) ? undefined : request }
}
