import type { AskableChannel } from '../app/channel-asked.ts'
import { hasChannel } from '../app/channel-asked.ts'
import { noteOfDelivery } from '../app/deliver-notes.ts'
import type { Gauges } from '../app/fact.ts'
import type { ApprovalChannel } from '../domain/kinds.ts'
import { ofRecords } from '../domain/record.ts'
import { approvalChannels } from '../kubernetes/kinds.ts'
import { makeWorkQueue } from '../kubernetes/work-queue.ts'
import type { WorkQueue } from '../kubernetes/work-queue.ts'
import type { Surroundings } from './component.ts'
import { makeOutlets } from './delivery-outlets.ts'
import type { DeliveryPorts } from './delivery-ports.ts'
import type { PublisherDoors } from './delivery-teams.ts'
import type { Term } from './leadership.ts'
import { makeWatchSet } from './watch-set.ts'

/** Puts requests before people, in the leader's term: nobody is to be asked by two replicas. */
export type Delivery = {
  readonly term: Term
  /** Something has changed about this request. Returns at once. */
  readonly changed: (request: string) => void
  readonly gauges: Gauges
}

export function makeDelivery(around: Surroundings, ports: DeliveryPorts & PublisherDoors): Delivery {
  let running: Running | undefined
  return {
    changed: (request) => running?.changed(request),
    gauges: () => running?.gauges() ?? {},
    term: {
      begin: () => {
        running = run(around, ports)
      },
      end: async (cutOff) => {
        const ending = running
        running = undefined
        await ending?.stop(cutOff)
      },
    },
  }
}

type Running = Pick<Delivery, 'changed' | 'gauges'> & { readonly stop: (cutOff: AbortSignal) => Promise<void> }

function run(around: Surroundings, ports: DeliveryPorts & PublisherDoors): Running {
  const outlets = makeOutlets(around, ports)
  const reachable = (): readonly AskableChannel[] => outlets.channels().filter(({ type }) => type === 'Teams')
  const notes = makeNotes(around, ports, () => (watch.synced() ? reachable() : undefined))
  const changed = (request: string): void => {
    outlets.add(request)
    notes.add(request)
  }
  const addAll = (): void => {
    for (const request of ports.requestsKnown()) changed(request)
  }
  const watches = makeWatchSet(around)
  const interest = { resource: approvalChannels, trim: (channel: ApprovalChannel) => channel }
  const watch = watches.watch<ApprovalChannel, ApprovalChannel>('approvalchannels', interest, (change) => {
    outlets.changed(change)
    if (change.type !== 'Updated') addAll()
  })
  watches.start()
  void watch.untilSynced().then(addAll)

  return {
    changed,
    gauges: () => ({
      silentSeconds: watches.silentSeconds(),
      queueDepth: { cards: outlets.depth() },
      channelReady: Object.fromEntries(outlets.channels().map(({ name, ready }) => [name, ready ? 1 : 0])),
    }),
    stop: async (cutOff) => {
      await Promise.all([outlets.stop(cutOff), notes.stop(cutOff), watches.stop()])
    },
  }
}

/** Says of each undecided request whether people know of it. */
function makeNotes(
  { timers, random, log, now, config }: Surroundings,
  { request: find, note }: DeliveryPorts,
  channels: () => readonly AskableChannel[] | undefined,
): WorkQueue {
  const undeliveredMs = config.channels.undeliveredSeconds * 1000

  async function work(name: string): Promise<number | undefined> {
    const known = channels()
    const request = await find(name)
    if (known === undefined || request === undefined) return undefined
    const sight = { request, hasChannel: hasChannel(request, known), undeliveredMs, now: now() }
    const { condition, lookTime } = noteOfDelivery(sight)
    if (condition !== undefined) await note(request, ofRecords({ conditions: [condition] }))
    return lookTime === undefined ? undefined : lookTime - now()
  }

  return makeWorkQueue({
    timers,
    random,
    work,
    failed: (error, request, failures) => log.error('DeliveryNotNoted', error, { request, failures }),
    limits: { workers: 2, workMs: 60_000, backoff: { firstMs: 250, capMs: 15_000 } },
  })
}
