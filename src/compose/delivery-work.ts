import { channelsAsked, nextEscalation } from '../app/channel-asked.ts'
import type { AskableChannel } from '../app/channel-asked.ts'
import { deliver } from '../app/deliver.ts'
import type { DeliverPorts } from '../app/deliver.ts'
import type { DeliverySight } from '../app/deliver-plan.ts'
import type { NotDelivered, Posted, Publisher } from '../app/deliver-ports.ts'
import type { ApprovalChannel, ApprovalRequest } from '../domain/kinds.ts'
import type { Surroundings } from './component.ts'
import type { DeliveryPorts } from './delivery-ports.ts'
import type { ChannelState } from './delivery-state.ts'

export type DeliveryWork = {
  readonly ports: Pick<DeliveryPorts, 'request' | 'note' | 'strays' | 'ring'> & {
    /** All channels, for whom to ask through which. */
    readonly channels: () => readonly AskableChannel[]
  }
  readonly state: ChannelState
  readonly channel: ApprovalChannel
  readonly publisher: Publisher
  /** Aborted, what is under way is given up. */
  readonly signal: AbortSignal
}

/** Works on one request in one channel. Resolves to when to look again, in milliseconds. */
export async function workCards(
  around: Surroundings,
  working: DeliveryWork,
  name: string,
): Promise<number | undefined> {
  const { ports, state } = working
  const request = await ports.request(name)
  if (request === undefined) {
    state.memory.forget(name)
    state.doubts.forget(name)
    state.retries.done(name)
    return undefined
  }
  const { failure } = await deliver(portsOf(around, working, request), await sightOf(around, working, request))
  if (failure !== undefined) return state.retries.failed(name, failure)
  state.retries.done(name)
  const next = request.status?.decision === undefined ? nextEscalation(request, around.now()) : undefined
  return next === undefined ? undefined : next - around.now()
}

async function sightOf(
  { now }: Surroundings,
  { ports, state, channel, publisher }: DeliveryWork,
  request: ApprovalRequest,
): Promise<DeliverySight> {
  const { name } = channel.metadata
  const channels = ports.channels()
  const strays = await ports.strays(request, name)
  // It may be ready for nobody else, until a card of somebody has shown that it is.
  const known = channels.map((one) => (one.name === name ? { ...one, ready: state.isAsked() } : one))
  return {
    request,
    channel: name,
    asked: channelsAsked(request, known, now()).includes(name),
    shows: publisher.shows(request),
    cards: state.memory.cards(request),
    unnoted: state.memory.unnoted(request),
    channels: new Set(channels.map((one) => one.name)),
    strays,
    doubts: state.doubts.of(request),
    ready: state.isReady(),
    now: now(),
  }
}

function portsOf(
  { now, measure }: Surroundings,
  { ports, state, channel, publisher, signal }: DeliveryWork,
  request: ApprovalRequest,
): DeliverPorts {
  const { brake, doubts, health, heard, memory } = state
  const { agent } = request.spec.requester
  const uid = request.metadata.uid ?? ''

  function posted(outcome: Posted | NotDelivered): void {
    const isDone = outcome.outcome === 'Posted'
    health.tried(uid, isDone, now())
    if (isDone) brake.posted(agent, now())
    else if (outcome.inDoubt === true) doubts.add(request)
  }

  return {
    publisher,
    memory,
    note: ports.note,
    now,
    signal,
    turnMs: state.turnMs,
    ring: () => (brake.mayRing(agent, now()) ? ports.ring(request, channel) : []),
    sent: (what, outcome) => {
      const result = outcome.outcome === 'NotDelivered' ? outcome.failure : 'Done'
      measure({ fact: 'Sent', channel: channel.metadata.name, what, result })
      if (what === 'Posted' && outcome.outcome !== 'Updated') posted(outcome)
      heard(what, outcome)
    },
  }
}
