import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, PostedMessage } from '../domain/kinds.ts'
import { goneCard, notifiedCondition } from '../domain/notified.ts'
import { ofRecords } from '../domain/record.ts'
import { timestamp } from '../domain/request.ts'
import type { DeliveryMemory } from './deliver-memory.ts'
import { planDelivery } from './deliver-plan.ts'
import type { DeliverySight, DeliveryStep } from './deliver-plan.ts'
import type { NotDelivered, Posted, Publisher, Updated } from './deliver-ports.ts'
import type { OperatorRequests, StatusNote } from './ports.ts'

export type DeliverPorts = {
  readonly publisher: Publisher
  readonly memory: DeliveryMemory
  readonly note: OperatorRequests['note']
  /** Whom a new card of this request is to ring; asked once for each card. */
  readonly ring: (request: ApprovalRequest) => readonly string[]
  /** Told what became of each sending. */
  readonly sent: (what: 'Posted' | 'Updated' | 'Replied', outcome: Posted | Updated | NotDelivered) => void
  readonly now: () => Instant
}

/** Of several failures, the one that lets the next try come first. `failure` undefined: all is done. */
export type Delivered = { readonly failure: NotDelivered | undefined }

/**
 * Brings the cards of one request in one channel to where they should be. What was posted is in memory before it is
 * noted. Rejects when the API server gives no usable answer; then nothing is lost as long as memory lives.
 */
export async function deliver(ports: DeliverPorts, sight: DeliverySight): Promise<Delivered> {
  const failures: NotDelivered[] = []
  for (const step of planDelivery(sight)) {
    const failure = await carryOut(ports, sight, step)
    if (failure !== undefined) failures.push(failure)
  }
  return { failure: failures.toSorted((a, b) => (a.againMs ?? 0) - (b.againMs ?? 0))[0] }
}

async function carryOut(
  ports: DeliverPorts,
  sight: DeliverySight,
  step: DeliveryStep,
): Promise<NotDelivered | undefined> {
  switch (step.do) {
    case 'note':
      return noteCards(ports, sight, step.cards)
    case 'post':
      return post(ports, sight)
    case 'update':
      return update(ports, sight, step)
    case 'conclude':
      return conclude(ports, sight, step.reason)
  }
}

async function post(ports: DeliverPorts, sight: DeliverySight): Promise<NotDelivered | undefined> {
  const { request, channel, shows } = sight
  const posted = await ports.publisher.post(request, ports.ring(request))
  ports.sent('Posted', posted)
  if (posted.outcome === 'NotDelivered') return posted
  const card = { channel, ref: posted.ref, rendered: shows, time: timestamp(ports.now()) }
  return noteCards(ports, sight, [card])
}

type UpdateStep = Extract<DeliveryStep, { readonly do: 'update' }>

async function update(
  ports: DeliverPorts,
  sight: DeliverySight,
  { card, ends }: UpdateStep,
): Promise<NotDelivered | undefined> {
  const { request, shows } = sight
  const updated = await ports.publisher.update(request, card.ref)
  ports.sent('Updated', updated)
  if (updated.outcome === 'NotDelivered') {
    // Somebody took it away: there is nothing left that could show something wrong.
    return updated.failure === 'Gone' ? noteCards(ports, sight, [{ ...card, rendered: goneCard }]) : updated
  }
  const failure = ends ? await reply(ports, sight, card) : undefined
  return failure ?? noteCards(ports, sight, [{ ...card, rendered: shows }])
}

/** What nobody can reply to, or nobody takes, is not worth more tries: the card itself says it. */
async function reply(
  { publisher, sent }: DeliverPorts,
  { request }: DeliverySight,
  { ref }: PostedMessage,
): Promise<NotDelivered | undefined> {
  const replied = await publisher.reply(request, ref)
  sent('Replied', replied)
  return replied.outcome === 'Posted' || lost.has(replied.failure) ? undefined : replied
}

const lost: ReadonlySet<string> = new Set(['Gone', 'Rejected', 'TooLarge'])

async function noteCards(
  ports: DeliverPorts,
  { request }: DeliverySight,
  messages: readonly PostedMessage[],
): Promise<undefined> {
  for (const card of messages) ports.memory.put(request, card)
  const conditions = request.status?.conditions ?? []
  const isNotified = conditions.some(({ type, status }) => type === 'Notified' && status === 'True')
  const notified = isNotified ? {} : { conditions: [notifiedCondition(request, 'Delivered', ports.now())] }
  return note(ports, request, { messages, ...notified })
}

function conclude(
  ports: DeliverPorts,
  { request }: DeliverySight,
  reason: Extract<DeliveryStep, { readonly do: 'conclude' }>['reason'],
): Promise<undefined> {
  return note(ports, request, { conditions: [notifiedCondition(request, reason, ports.now())] })
}

class NotNoted extends Error {
  override readonly name = 'NotNoted'
}

async function note(ports: DeliverPorts, request: ApprovalRequest, what: StatusNote): Promise<undefined> {
  const outcome = await ports.note(request, ofRecords(what))
  if (outcome === 'NotFound') ports.memory.forget(request.metadata.name)
  else if (outcome !== 'Stored') throw new NotNoted(`the cards of a request could not be noted: ${outcome}`)
}
