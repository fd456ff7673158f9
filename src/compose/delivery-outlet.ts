import type { Publisher } from '../app/deliver-ports.ts'
import type { ApprovalChannel } from '../domain/kinds.ts'
import { makeWorkQueue } from '../kubernetes/work-queue.ts'
import type { WorkQueuePorts } from '../kubernetes/work-queue.ts'
import { makeChannelKeeper } from './channel-keeper.ts'
import type { Surroundings } from './component.ts'
import type { DeliveryPorts } from './delivery-ports.ts'
import { makeChannelState } from './delivery-state.ts'
import { workCards } from './delivery-work.ts'
import type { DeliveryWork } from './delivery-work.ts'
import { makePace } from './pace.ts'

/** What one channel is sent, in queues of its own: whatever hangs there holds up nothing else. */
export type Outlet = {
  readonly channel: () => ApprovalChannel
  readonly isReady: () => boolean
  /** The channel is so now. */
  readonly changed: (channel: ApprovalChannel) => void
  /** There is another way to its people now. */
  readonly renewed: () => void
  /** Something has changed about this request. */
  readonly add: (request: string) => void
  /** Requests that wait for a worker. */
  readonly depth: () => number
  readonly stop: (cutOff: AbortSignal) => Promise<void>
}

export type OutletPorts = DeliveryWork['ports'] &
  Pick<DeliveryPorts, 'announce' | 'requestsKnown'> & {
    /** Makes the way to the people of the channel, as it and its credentials are now. */
    readonly publisherFor: (channel: () => ApprovalChannel) => Publisher
  }

const workers = 4
const care = 'channel'

export function makeOutlet(around: Surroundings, ports: OutletPorts, first: ApprovalChannel): Outlet {
  let channel = first
  let publisher = ports.publisherFor(() => channel)
  const tend = (): void => tending.add(care)
  const recoveryMs = makeRecoveries(around)
  const state = makeChannelState(around, {
    recovered: () => {
      const waitMs = recoveryMs()
      state.retries.failing().forEach((request) => cards.addAfter(request, waitMs))
    },
    opened: () => [...ports.requestsKnown()].forEach(cards.add),
    changed: tend,
  })
  const here = { channel: () => channel, publisher: () => publisher }
  const keeper = makeChannelKeeper(around, { ...here, announce: ports.announce, ...state })
  const tending = queue(around, 'ChannelNotKept', { workers: 1, work: (_care, signal) => keeper.keep(signal) })
  const cards = queue(around, 'CardNotNoted', {
    workers,
    work: (request, signal) => workCards(around, { ports, state, channel, publisher, signal }, request),
  })
  tend()

  return {
    channel: () => channel,
    isReady: state.isReady,
    changed: (now) => {
      channel = now
      tend()
    },
    renewed: () => {
      publisher = ports.publisherFor(() => channel)
      state.renewed()
      tend()
      state.retries.failing().forEach(cards.add)
    },
    add: cards.add,
    depth: cards.depth,
    stop: (cutOff) => Promise.all([cards.stop(cutOff), tending.stop(cutOff)]).then(() => undefined),
  }
}

/** However often a service fails and recovers, what failed is not tried again by that more often. */
const recoveriesMs = 5_000

/** In how many milliseconds what failed may be tried again, since the service has recovered. */
function makeRecoveries({ timers }: Surroundings): () => number {
  const pace = makePace(timers, recoveriesMs)
  return () => {
    const waitMs = pace.waitMs()
    if (waitMs === 0) pace.wrote()
    return waitMs
  }
}

type Queue = {
  readonly workers: number
  readonly work: (key: string, signal: AbortSignal) => Promise<number | undefined>
}

/** `event`: what is logged when the API server gives no usable answer. */
function queue({ timers, random, log }: Surroundings, event: string, { work, workers: count }: Queue) {
  const ports: WorkQueuePorts = {
    timers,
    random,
    work,
    failed: (error, key, failures) => log.error(event, error, { key, failures }),
    limits: { workers: count, workMs: 60_000, backoff: { firstMs: 250, capMs: 15_000 } },
  }
  return makeWorkQueue(ports)
}
