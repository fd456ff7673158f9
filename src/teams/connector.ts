import { notDelivered } from '../app/deliver-ports.ts'
import type { NotDelivered, Updated } from '../app/deliver-ports.ts'
import { at, isList, textAt } from '../domain/json.ts'
import type { Json } from '../domain/json.ts'
import { idAt } from './activity-fields.ts'
import { send } from './connector-call.ts'
import type { ConnectorPorts } from './connector-call.ts'
import type { CardPlace } from './message-ref.ts'

/** What is sent: a message of the Bot Framework's Activity schema. */
export type Message = { readonly type: 'message' } & Readonly<Record<string, unknown>>

/** A new thread in a channel of a team, begun by a message. */
type NewThread = {
  readonly channelID: string
  readonly tenantID: string
  /** The bot's own id, `28:<app id>`. */
  readonly botID: string
}

export type Sent = { readonly outcome: 'Sent' } & CardPlace

/** Somebody in a conversation, by the bot's own name for him, and by his object id in Entra. */
export type Member = { readonly id: string; readonly objectID: string; readonly name: string }

/**
 * The calls of the Bot Connector's REST API that a bot needs that posts cards. Nothing goes to a host that is not on the
 * cloud's list. Where nobody can say whether a message was taken, it is not delivered, and may be there nevertheless.
 */
export type Connector = {
  readonly createThread: (serviceURL: string, thread: NewThread, message: Message) => Promise<Sent | NotDelivered>
  readonly post: (serviceURL: string, conversationID: string, message: Message) => Promise<Sent | NotDelivered>
  readonly update: (serviceURL: string, place: CardPlace, message: Message) => Promise<Updated | NotDelivered>
  /** Everybody in a team or chat; as many as can be read in some pages. */
  readonly members: (serviceURL: string, conversationID: string) => Promise<Read>
  /** The same calls, given up when the signal is aborted. */
  readonly until: (signal: AbortSignal) => Connector
}

type Read = { readonly outcome: 'Read'; readonly members: readonly Member[] } | NotDelivered

export function makeConnector(ports: ConnectorPorts): Connector {
  return {
    createThread: async (serviceURL, { channelID, tenantID, botID }, message) => {
      const channelData = { channel: { id: channelID }, tenant: { id: tenantID } }
      const body = { isGroup: true, bot: { id: botID }, tenantId: tenantID, channelData, activity: message }
      const call = { method: 'POST', path: '/v3/conversations', body, pacedBy: channelID } as const
      const answer = await send(ports, serviceURL, call)
      return answer.outcome === 'Answered' ? sentIn(channelID, idAt(answer.body, 'activityId')) : answer
    },
    post: async (serviceURL, conversationID, message) => {
      const path = `/v3/conversations/${encodeURIComponent(conversationID)}/activities`
      const call = { method: 'POST', path, body: message, pacedBy: conversationID } as const
      const answer = await send(ports, serviceURL, call)
      return answer.outcome === 'Answered' ? sentIn(conversationID, idAt(answer.body, 'id')) : answer
    },
    update: async (serviceURL, { conversationID, messageID }, message) => {
      const [conversation, activity] = [conversationID, messageID].map(encodeURIComponent)
      const path = `/v3/conversations/${conversation}/activities/${activity}`
      const body = { ...message, id: messageID }
      const answer = await send(ports, serviceURL, { method: 'PUT', path, body, pacedBy: conversationID })
      return answer.outcome === 'Answered' ? { outcome: 'Updated' } : answer
    },
    members: (serviceURL, conversationID) => readMembers(ports, serviceURL, conversationID),
    until: (signal) => makeConnector({ ...ports, signal }),
  }
}

/** It was taken, but without an id it can never be drawn again: as good as lost. */
function sentIn(conversationID: string, messageID: string | undefined): Sent | NotDelivered {
  if (messageID === undefined || /\s/.test(messageID)) {
    return { ...notDelivered('ServiceUnavailable', 'it answers without the id of the message'), inDoubt: true }
  }
  return { outcome: 'Sent', conversationID, messageID }
}

const mostPages = 10
const pageSize = 500
const longestToken = 4096

/** A list that cannot be read is an empty one: nobody is mentioned then. */
async function readMembers(ports: ConnectorPorts, serviceURL: string, conversationID: string): Promise<Read> {
  const members: Member[] = []
  let rest = ''
  for (let page = 0; page < mostPages; page += 1) {
    const path = `/v3/conversations/${encodeURIComponent(conversationID)}/pagedmembers?pageSize=${pageSize}${rest}`
    const answer = await send(ports, serviceURL, { method: 'GET', path, pacedBy: conversationID })
    if (answer.outcome !== 'Answered') return answer
    const listed = at(answer.body, 'members')
    if (isList(listed)) members.push(...listed.flatMap(memberIn))
    const token = textAt(answer.body, 'continuationToken') ?? ''
    if (token === '' || token.length > longestToken) break
    rest = `&continuationToken=${encodeURIComponent(token)}`
  }
  return { outcome: 'Read', members }
}

function memberIn(value: Json): readonly Member[] {
  const id = idAt(value, 'id')
  const objectID = idAt(value, 'aadObjectId') ?? idAt(value, 'objectId')
  return id === undefined || objectID === undefined ? [] : [{ id, objectID, name: idAt(value, 'name') ?? '' }]
}
