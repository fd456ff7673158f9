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
  const state = makeChannelState(around, {
    recovered: () => state.retries.failing().forEach((request) => cards.add(request)),
    opened: () => {
      for (const request of ports.requestsKnown()) cards.add(request)
    },
    changed: tend,
  })
  const here = { channel: () => channel, publisher: () => publisher, announce: ports.announce }
  const keeper = makeChannelKeeper(around, { ...here, health: state.health, checked: state.heard })
  const tending = queue(around, 'ChannelNotKept', { workers: 1, work: keeper.keep })
  const work = (request: string) => workCards(around, { ports, state, channel, publisher }, request)
  const cards = queue(around, 'CardNotNoted', { workers, work })
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
      tend()
      for (const request of state.retries.failing()) cards.add(request)
    },
    add: cards.add,
    depth: cards.depth,
    stop: async (cutOff) => {
      await Promise.all([cards.stop(cutOff), tending.stop(cutOff)])
    },
  }
}

type Queue = {
  readonly workers: number
  readonly work: (key: string) => Promise<number | undefined>
}

/** `event`: what is logged when the API server gives no usable answer. */
function queue({ timers, random, log }: Surroundings, event: string, { work, workers: count }: Queue) {
  const ports: WorkQueuePorts = {
    timers,
    random,
    work: async (key) => work(key),
    failed: (error, key, failures) => log.error(event, error, { key, failures }),
    limits: { workers: count, workMs: 60_000, backoff: { firstMs: 250, capMs: 15_000 } },
  }
  return makeWorkQueue(ports)
}
