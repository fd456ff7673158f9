import { createHash } from 'node:crypto'
import { notDelivered } from '../app/deliver-ports.ts'
import type { NotDelivered, Posted, Publisher, Updated } from '../app/deliver-ports.ts'
import { briefingOf, ownDiff } from '../domain/briefing.ts'
import type { Briefing } from '../domain/briefing.ts'
import { cardHandle } from '../domain/card-handle.ts'
import type { HmacKey } from '../domain/digest.ts'
import type { ApprovalChannel, ApprovalRequest } from '../domain/kinds.ts'
import type { Masked } from '../domain/mask.ts'
import { newestFactTime } from '../domain/newest-fact.ts'
import type { Card } from './card-elements.ts'
import { cardOf } from './card.ts'
import type { Connector, Member, Message, Sent } from './connector.ts'
import { messageRef, readMessageRef } from './message-ref.ts'
import { cardMessage, endMessage, greetingMessage } from './publish-message.ts'
import { hasThreads, placeOf, threadOf } from './publish-place.ts'
import type { PublishPlace } from './publish-place.ts'

export type PublishPorts = {
  readonly connector: Connector
  /** The channel as it is now. */
  readonly channel: () => ApprovalChannel
  /** The key of card handles; undefined while there is none. */
  readonly handleKey: () => HmacKey | undefined
  /** The request in the tab; undefined where there is none. */
  readonly tabURL: (request: ApprovalRequest) => string | undefined
}

/** The way to the people of one channel of Teams. */
export function makeTeamsPublisher(ports: PublishPorts): Publisher {
  let roster: readonly Member[] = []
  const known = (oid: string): readonly Member[] => roster.filter(({ objectID }) => sameID(objectID, oid)).slice(0, 1)
  return {
    shows: (request) => hashOf(drawn(ports, request, '').card),
    post: (request, ring, signal) => post(until(ports, signal), request, ring.flatMap(known)),
    update: (request, ref, signal) => update(until(ports, signal), request, ref),
    reply: (request, ref, signal) => reply(until(ports, signal), request, ref),
    target: () => {
      const place = placeOf(ports.channel())
      return 'outcome' in place ? undefined : place.name
    },
    check: async (signal) => {
      const place = placeOf(ports.channel())
      if ('outcome' in place) return place
      if (ports.handleKey() === undefined) return noKey
      const read = await until(ports, signal).connector.members(place.serviceURL, place.rosterID)
      if (read.outcome !== 'Read') return read
      roster = read.members
      return { outcome: 'Fine' }
    },
    greet: async ({ conversationID, serviceURL, objectID }, signal) => {
      const { tenantID = '' } = ports.channel().spec.teams ?? {}
      const { connector } = until(ports, signal)
      return postedAs(await connector.post(serviceURL, conversationID, greetingMessage(objectID, tenantID)))
    },
  }
}

function until(ports: PublishPorts, signal: AbortSignal | undefined): PublishPorts {
  return signal === undefined ? ports : { ...ports, connector: ports.connector.until(signal) }
}

async function post(
  ports: PublishPorts,
  request: ApprovalRequest,
  rung: readonly Member[],
): Promise<Posted | NotDelivered> {
  const { place, handle } = begin(ports, request)
  if ('outcome' in place) return place
  if (handle === undefined) return noKey
  const { card, briefing } = drawn(ports, request, handle)
  return postedAs(await postAt(ports.connector, place, cardMessage(card, briefing, rung)))
}

async function update(ports: PublishPorts, request: ApprovalRequest, ref: string): Promise<Updated | NotDelivered> {
  const { place, handle } = begin(ports, request)
  const where = readMessageRef(ref)
  if ('outcome' in place) return place
  if (handle === undefined) return noKey
  if (where === undefined) return unknownRef
  const { card, briefing } = drawn(ports, request, handle)
  const thread = { conversationID: threadOf(where), messageID: where.messageID }
  return ports.connector.update(place.serviceURL, thread, cardMessage(card, briefing, []))
}

async function reply(ports: PublishPorts, request: ApprovalRequest, ref: string): Promise<Posted | NotDelivered> {
  const place = placeOf(ports.channel())
  const where = readMessageRef(ref)
  if ('outcome' in place) return place
  if (where === undefined) return unknownRef
  return postedAs(await ports.connector.post(place.serviceURL, threadOf(where), endMessage(briefed(request))))
}

const noKey = notDelivered('HandleKeyMissing', 'there is no key of card handles yet')
const unknownRef = notDelivered('Gone', 'its place is not written as Teams has it')

type Begun = { readonly place: PublishPlace | NotDelivered; readonly handle: string | undefined }

function begin({ channel, handleKey }: PublishPorts, { metadata }: ApprovalRequest): Begun {
  const one = channel()
  const key = handleKey()
  const subject = { requestUID: metadata.uid ?? '', channel: one.metadata.name }
  return { place: placeOf(one), handle: key && cardHandle(key, subject) }
}

type Drawn = { readonly card: Card; readonly briefing: Masked<Briefing> }

function drawn({ tabURL }: PublishPorts, request: ApprovalRequest, handle: string): Drawn {
  const briefing = briefed(request)
  return { briefing, card: cardOf(briefing, { handle, tabURL: tabURL(request) }) }
}

/** As of its newest fact, so that the card changes when the request does, and not with every minute. */
function briefed(request: ApprovalRequest): Masked<Briefing> {
  return briefingOf({ request, diff: ownDiff(request) }, newestFactTime(request))
}

/** Whoever may press a button is not part of what is shown: a new key of handles draws nothing anew. */
function hashOf(card: Card): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(card)).digest('hex')}`
}

function postAt(connector: Connector, place: PublishPlace, message: Message): Promise<Sent | NotDelivered> {
  const { serviceURL, conversationID, tenantID, botID } = place
  return hasThreads(conversationID)
    ? connector.createThread(serviceURL, { channelID: conversationID, tenantID, botID }, message)
    : connector.post(serviceURL, conversationID, message)
}

function postedAs(sent: Sent | NotDelivered): Posted | NotDelivered {
  return sent.outcome === 'Sent' ? { outcome: 'Posted', ref: messageRef(sent) } : sent
}

function sameID(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
