import type { Instant } from '../domain/instant.ts'
import { at, isObject } from '../domain/json.ts'
import type { Json } from '../domain/json.ts'
import type { JsonFaultKind, JsonLimits } from '../domain/json-fault.ts'
import { readJson } from '../domain/json-reader.ts'
import { readEvent } from './activity-event.ts'
import type { ActivityEvent } from './activity-event.ts'
import { idAt, timeAt } from './activity-fields.ts'

/**
 * What Teams sent, as far as we go by it. The Connector's token vouches for the connection, not for a single field of
 * this, so nothing here counts before the rules have seen it.
 */
export type Activity = {
  /** Of this activity; a repeated sending bears the same. */
  readonly id: string
  /** Such as `invoke`, and for some types a name, such as `adaptiveCard/action`. */
  readonly type: string
  readonly name: string | undefined
  /** When Teams took it. */
  readonly time: Instant | undefined
  readonly channelID: string | undefined
  readonly serviceURL: string | undefined
  readonly recipientID: string | undefined
  /** The tenants that it names: of the channel data, and of the conversation. */
  readonly tenantIDs: readonly (string | undefined)[]
  readonly conversation: ActivityConversation
  readonly sender: Sender
  /** The message to which it is an answer: of a click, the card. */
  readonly replyToID: string | undefined
  /** What happened; undefined for what does not concern us. */
  readonly event: ActivityEvent | undefined
}

type ActivityConversation = {
  /** Of the place: without the message behind which a thread of a channel hangs. */
  readonly id: string
  /** Id of the thread's first message. */
  readonly threadID: string | undefined
  /** `personal`, `groupChat` or `channel`. */
  readonly type: string | undefined
  readonly teamID: string | undefined
  /** Names of team and channel, for people to read; set by whoever made them, so to be made inert. */
  readonly teamName: string | undefined
  readonly channelName: string | undefined
  /** The channel of the team that was chosen when the app was installed. */
  readonly selectedChannelID: string | undefined
}

type Sender = {
  /** `29:…`, which is this bot's name for the person: for mentions alone. */
  readonly id: string | undefined
  /** Object id in Entra: who the person is. */
  readonly objectID: string | undefined
  /** What the person calls himself: never to know him by. */
  readonly name: string | undefined
}

/** Teams' own messages end at 100 kB. */
export const activityLimits: JsonLimits = {
  bytes: 256 * 1024,
  depth: 32,
  nodes: 10_000,
  keys: 1_000,
  paths: 1024 * 1024,
}

/** WrongShape: an object, but without type, id or conversation. */
export type ActivityFault = JsonFaultKind | 'WrongShape'

/** Unknown fields are ignored; a known one of another form, or longer than Teams makes it, counts as missing. */
export function readActivity(body: Uint8Array): Activity | { readonly fault: ActivityFault } {
  const read = readJson(body, activityLimits)
  if ('fault' in read) return { fault: read.fault }
  const id = idAt(read.value, 'id')
  const type = idAt(read.value, 'type')
  const conversation = readConversation(read.value)
  if (id === undefined || type === undefined || conversation === undefined) return { fault: 'WrongShape' }
  return { ...readEnvelope(read.value), id, type, conversation, event: readEvent(read.value, type) }
}

type Envelope = Omit<Activity, 'id' | 'type' | 'conversation' | 'event'>

function readEnvelope(activity: Json): Envelope {
  return {
    name: idAt(activity, 'name'),
    time: timeAt(activity, 'timestamp'),
    channelID: idAt(activity, 'channelId'),
    serviceURL: idAt(activity, 'serviceUrl'),
    recipientID: idAt(activity, 'recipient', 'id'),
    tenantIDs: [idAt(activity, 'channelData', 'tenant', 'id'), idAt(activity, 'conversation', 'tenantId')],
    sender: {
      id: idAt(activity, 'from', 'id'),
      objectID: idAt(activity, 'from', 'aadObjectId'),
      name: idAt(activity, 'from', 'name'),
    },
    replyToID: idAt(activity, 'replyToId'),
  }
}

/**
 * In a channel the conversation is a thread, `19:…@thread.tacv2;messageid=<first message>`. What is installed into a team
 * names the channel that was chosen beside it.
 */
function readConversation(activity: Json): ActivityConversation | undefined {
  const full = idAt(activity, 'conversation', 'id')
  if (full === undefined || !isObject(at(activity, 'conversation'))) return undefined
  const [id = '', ...rest] = full.split(';messageid=')
  if (id === '' || rest.length > 1) return undefined
  return {
    id,
    threadID: rest[0],
    type: idAt(activity, 'conversation', 'conversationType'),
    teamID: idAt(activity, 'channelData', 'team', 'id'),
    teamName: idAt(activity, 'channelData', 'team', 'name'),
    channelName: idAt(activity, 'channelData', 'channel', 'name'),
    selectedChannelID: idAt(activity, 'channelData', 'settings', 'selectedChannel', 'id'),
  }
}
