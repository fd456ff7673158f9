import type { Cloud } from '../clouds.ts'
import { firstRefusal } from '../domain/check.ts'
import type { Instant } from '../domain/instant.ts'
import { textAt } from '../domain/json.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Activity } from './activity.ts'
import { cardInvoke } from './activity-event.ts'
import type { InboundRefusal } from './inbound-refusals.ts'
import { longestRef, messageRef } from './message-ref.ts'
import { allowedServiceURL, sameServiceURL } from './service-url.ts'

/** What of an ApprovalChannel decides whether something that came in is for it. */
export type InboundChannel = {
  /** Of the ApprovalChannel. */
  readonly name: string
  readonly tenantID: string
  /** Application id of its bot. */
  readonly appID: string
  /** Of its team, when it is for one team alone. */
  readonly teamID?: string | undefined
  /** The conversations in which its cards are, without message ids. */
  readonly conversationIDs: readonly string[]
}

/** An activity with what was proven about its connection. */
export type Arrival = {
  /** Of a token that holds. */
  readonly claims: JsonObject
  readonly activity: Activity
  readonly cloud: Cloud
  /** All Teams channels of this cloud. */
  readonly channels: readonly InboundChannel[]
  readonly now: Instant
}

type InboundCheck = (arrival: Arrival) => InboundRefusal | undefined

/** By how much an activity may be older than our clock, or younger. Teams itself gives up after 15 seconds. */
export const freshMs = 5 * 60_000

/** What is done by this bot. */
const types: ReadonlySet<string> = new Set(['message', 'installationUpdate', 'conversationUpdate', 'invoke'])

/**
 * What must be so beside the token, in order (Bot Connector authentication, and the rules of our own that the token does
 * not cover: it vouches for the connection, not for what is in the body).
 */
const inboundChecks: readonly InboundCheck[] = [
  ({ activity }) => (activity.channelID === 'msteams' ? undefined : 'OtherChannel'),
  serviceURL,
  ({ activity, cloud }) =>
    allowedServiceURL(cloud, activity.serviceURL ?? '') === undefined ? 'ServiceUrlNotAllowed' : undefined,
  ({ claims, activity }) => (activity.recipientID === `28:${textAt(claims, 'aud')}` ? undefined : 'OtherRecipient'),
  ({ activity }) => (activity.tenantIDs.some((id) => id === undefined) ? 'TenantMissing' : undefined),
  (arrival) => (channelsOf(arrival).length > 0 ? undefined : 'TenantNotAllowed'),
  typeAndName,
  ({ activity }) => (isUnderstood(activity) ? undefined : 'NotUnderstood'),
  ({ activity: { event } }) => (event?.kind === 'CardClick' && !event.byHand ? 'NotByHand' : undefined),
  ({ activity: { event, sender } }) =>
    event?.kind === 'CardClick' && !isObjectID(sender.objectID) ? 'PersonUnknown' : undefined,
  (arrival) =>
    arrival.activity.event?.kind === 'CardClick' && channelsHere(arrival).length === 0
      ? 'OtherConversation'
      : undefined,
  ({ activity: { time }, now }) => (time === undefined || Math.abs(now - time) > freshMs ? 'Stale' : undefined),
]

/** The first objection, or nothing. */
export function inboundRefusal(arrival: Arrival): InboundRefusal | undefined {
  return firstRefusal(inboundChecks, arrival)
}

/** The channels of the bot and tenant that it is for. */
export function channelsOf({ claims, activity, channels }: Arrival): readonly InboundChannel[] {
  const app = textAt(claims, 'aud')
  return channels.filter(
    ({ appID, tenantID }) => sameID(app, appID) && activity.tenantIDs.every((id) => sameID(id, tenantID)),
  )
}

/** Those of them whose conversation it is. */
export function channelsHere(arrival: Arrival): readonly InboundChannel[] {
  const { id } = arrival.activity.conversation
  return channelsOf(arrival).filter(({ conversationIDs }) => conversationIDs.includes(id))
}

function serviceURL({ claims, activity }: Arrival): InboundRefusal | undefined {
  const said = activity.serviceURL
  const signed = textAt(claims, 'serviceurl')
  if (said === undefined || signed === undefined) return 'OtherServiceUrl'
  return sameServiceURL(said, signed) ? undefined : 'OtherServiceUrl'
}

function typeAndName({ activity: { type, name } }: Arrival): InboundRefusal | undefined {
  if (!types.has(type)) return 'TypeNotAllowed'
  return type === 'invoke' && name !== cardInvoke ? 'TypeNotAllowed' : undefined
}

/** Of a click, the message must be one that a vote can name. */
function isUnderstood({ type, event, conversation, replyToID = '' }: Activity): boolean {
  if (event === undefined) return type === 'conversationUpdate'
  const ref = messageRef({ conversationID: conversation.id, messageID: replyToID })
  return event.kind !== 'CardClick' || ref.length <= longestRef
}

/** Entra's ids are GUIDs, which are written in either case. */
function sameID(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase()
}

function isObjectID(text: string | undefined): boolean {
  return text !== undefined && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)
}
