import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, PostedMessage } from '../domain/kinds.ts'
import { goneCard, notifiedCondition } from '../domain/notified.ts'
import { ofRecords } from '../domain/record.ts'
import { timestamp } from '../domain/request.ts'
import type { DeliveryMemory } from './deliver-memory.ts'
import { planDelivery } from './deliver-plan.ts'
import type { DeliverySight, DeliveryStep } from './deliver-plan.ts'
import { isOfPlace, notDelivered } from './deliver-ports.ts'
import type { NotDelivered, Posted, Publisher, Updated } from './deliver-ports.ts'
import type { OperatorRequests, StatusNote } from './ports.ts'

export type DeliverPorts = {
  readonly publisher: Publisher
  readonly memory: DeliveryMemory
  readonly note: OperatorRequests['note']
  /** Whom a new card of this request is to ring; asked once for each card. */
  readonly ring: (request: ApprovalRequest) => readonly string[]
  /** Milliseconds until a card of this request may be posted; 0: it is to be posted now, and others may have to wait. */
  readonly turnMs: (request: ApprovalRequest) => number
  /** Told what became of each sending. */
  readonly sent: (what: 'Posted' | 'Updated' | 'Replied', outcome: Posted | Updated | NotDelivered) => void
  readonly now: () => Instant
  /** Aborted, no further step is begun. */
  readonly signal: AbortSignal
}

/** Of several failures, the one that lets the next try come first. `failure` undefined: all is done. */
export type Delivered = { readonly failure: NotDelivered | undefined }

/**
 * Brings the cards of one request in one channel to where they should be. What was posted is in memory before it is
 * noted. Rejects when the API server gives no usable answer, or, after all else was done, does not take a note; then
 * nothing is lost as long as memory lives.
 */
export async function deliver(ports: DeliverPorts, sight: DeliverySight): Promise<Delivered> {
  const failures: NotDelivered[] = []
  const notNoted: NotNoted[] = []
  for (const step of planDelivery(sight)) {
    const outcome = ports.signal.aborted ? givenUp : await carryOut(ports, sight, step)
    if (outcome instanceof NotNoted) notNoted.push(outcome)
    else if (outcome !== undefined) failures.push(outcome)
  }
  for (const error of notNoted) throw error
  return { failure: failures.toSorted((a, b) => (a.againMs ?? 0) - (b.againMs ?? 0))[0] }
}

const givenUp = notDelivered('Paced', 'it is not waited for any more')

type Outcome = Promise<NotDelivered | NotNoted | undefined>

async function carryOut(ports: DeliverPorts, sight: DeliverySight, step: DeliveryStep): Outcome {
  switch (step.do) {
    case 'note':
      return noteCard(ports, sight, step.card)
    case 'post':
      return post(ports, sight)
    case 'update':
      return update(ports, sight, step)
    case 'conclude':
      return conclude(ports, sight, step.reason)
  }
}

async function post(ports: DeliverPorts, sight: DeliverySight): Outcome {
  const { request, channel, shows } = sight
  const againMs = ports.turnMs(request)
  if (againMs > 0) return { ...notDelivered('Paced', 'no card is to be posted just now'), againMs }
  const posted = await ports.publisher.post(request, ports.ring(request), ports.signal)
  ports.sent('Posted', posted)
  if (posted.outcome === 'NotDelivered') return posted
  const card = { channel, ref: posted.ref, rendered: shows, time: timestamp(ports.now()) }
  return noteCard(ports, sight, card)
}

type UpdateStep = Extract<DeliveryStep, { readonly do: 'update' }>

async function update(ports: DeliverPorts, sight: DeliverySight, { card, ends }: UpdateStep): Outcome {
  const { request, shows } = sight
  const updated = await ports.publisher.update(request, card.ref, ports.signal)
  ports.sent('Updated', updated)
  if (updated.outcome === 'NotDelivered') {
    const isLost = isOutOfReach(ports, sight, { card, failure: updated.failure })
    return isLost ? noteCard(ports, sight, { ...card, rendered: goneCard }) : updated
  }
  const failure = ends ? await reply(ports, sight, card) : undefined
  return failure ?? noteCard(ports, sight, { ...card, rendered: shows })
}

/** About a quarter of an hour, by the pauses between tries. */
const mostRefusals = 20

type Refused = { readonly card: PostedMessage; readonly failure: NotDelivered['failure'] }

/** Is there no card any more that could be drawn anew? A channel that takes nothing at all says nothing of one card. */
function isOutOfReach(
  { memory }: DeliverPorts,
  { request, ready }: DeliverySight,
  { card, failure }: Refused,
): boolean {
  if (failure === 'Gone') return true
  const isRefused = unwanted.has(failure) || (ready && isOfPlace(failure))
  return isRefused && memory.count(request, 'Update', card.ref) >= mostRefusals
}

/** What the service will not take as it is, however often it is sent. */
const unwanted: ReadonlySet<string> = new Set(['Rejected', 'TooLarge'])

/** Replies of which nobody knows whether they stand there: people are not told for ever. */
const mostLostReplies = 3

/** What nobody can reply to, or nobody takes, is not worth more tries: the card itself says it. */
async function reply(
  { publisher, sent, memory, signal }: DeliverPorts,
  { request }: DeliverySight,
  { ref }: PostedMessage,
): Promise<NotDelivered | undefined> {
  const replied = await publisher.reply(request, ref, signal)
  sent('Replied', replied)
  if (replied.outcome === 'Posted' || replied.failure === 'Gone' || unwanted.has(replied.failure)) return undefined
  if (replied.failure === 'Paced' || replied.failure === 'Throttled') return replied
  const [what, most] = replied.inDoubt === true ? (['LostReply', mostLostReplies] as const) : plainReply
  return memory.count(request, what, ref) < most ? replied : undefined
}

const plainReply = ['Reply', mostRefusals] as const

async function noteCard(
  ports: DeliverPorts,
  { request }: DeliverySight,
  card: PostedMessage,
): Promise<NotNoted | undefined> {
  ports.memory.put(request, card)
  const conditions = request.status?.conditions ?? []
  const isNotified = conditions.some(({ type, status }) => type === 'Notified' && status === 'True')
  const notified = isNotified ? {} : { conditions: [notifiedCondition(request, 'Delivered', ports.now())] }
  return note(ports, request, { messages: [card], ...notified })
}

function conclude(
  ports: DeliverPorts,
  { request }: DeliverySight,
  reason: Extract<DeliveryStep, { readonly do: 'conclude' }>['reason'],
): Promise<NotNoted | undefined> {
  return note(ports, request, { conditions: [notifiedCondition(request, reason, ports.now())] })
}

class NotNoted extends Error {
  override readonly name = 'NotNoted'
}

/** What is not taken keeps no other card from being drawn: it is told in the end. */
async function note(ports: DeliverPorts, request: ApprovalRequest, what: StatusNote): Promise<NotNoted | undefined> {
  const outcome = await ports.note(request, ofRecords(what))
  if (outcome === 'Stored') return undefined
  if (outcome !== 'NotFound') return new NotNoted(`the cards of a request could not be noted: ${outcome}`)
  ports.memory.forget(request.metadata.name)
  return undefined
}
