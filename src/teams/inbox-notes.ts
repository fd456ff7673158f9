import { inert, shortened } from '../domain/inert.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalChannelStatus, Conversation, Greeting } from '../domain/kinds.ts'
import { present } from '../domain/present.ts'
import { timestamp } from '../domain/request.ts'
import type { NotedChannel } from '../app/channel-notes.ts'
import type { Activity } from './activity.ts'
import { isOfTeam } from './of-team.ts'

/** As many as the schema of a channel holds. */
const mostConversations = 32
const mostGreetings = 16

const longestName = 512

/** Where the bot can post from now on; undefined for a chat with one person, in which no request is put before anybody. */
export function conversationOf(activity: Activity, serviceURL: string, now: Instant): Conversation | undefined {
  const { conversation, recipientID, tenantIDs } = activity
  const [tenantID] = tenantIDs
  if (conversation.type === 'personal' || tenantID === undefined) return undefined
  return present({
    conversationID: conversation.selectedChannelID ?? conversation.id,
    serviceURL,
    tenantID,
    teamID: shortEnough(conversation.teamID),
    name: nameOf(activity),
    botID: shortEnough(recipientID),
    time: timestamp(now),
  })
}

/**
 * Notes the conversation, once; what is said again, as it is again and again, changes nothing. When the list is full, one of
 * a team takes the place of the chat that was noted first; otherwise whoever comes later takes nobody's place.
 */
export function withConversation(
  { conversations = [] }: ApprovalChannelStatus,
  noted: Conversation,
): NotedChannel | undefined {
  const isSame = (one: Conversation): boolean => one.conversationID === noted.conversationID
  const before = conversations.find(isSame)
  if (before !== undefined && saysSame(before, noted)) return undefined
  // A name that is not said again stays known.
  const kept = { ...(before?.name === undefined ? {} : { name: before.name }), ...noted }
  const others = withRoomFor(
    noted,
    conversations.filter((one) => !isSame(one)),
  )
  return others && { conversations: [...others, kept] }
}

function withRoomFor(noted: Conversation, others: readonly Conversation[]): readonly Conversation[] | undefined {
  if (others.length < mostConversations) return others
  const chat = isOfTeam(noted) ? others.findIndex((one) => !isOfTeam(one)) : -1
  return chat === -1 ? undefined : others.toSpliced(chat, 1)
}

/** Drops the conversation, and all of the team when the bot left a team. */
export function withoutConversation(
  { conversations = [] }: ApprovalChannelStatus,
  { conversation }: Activity,
): NotedChannel | undefined {
  const { id, teamID } = conversation
  const rest = conversations.filter(
    (one) => one.conversationID !== id && (teamID === undefined || one.teamID !== teamID),
  )
  return rest.length === conversations.length ? undefined : { conversations: rest }
}

/** What is to be answered; undefined when Teams does not say who wrote it. */
export function greetingOf(
  { id, conversation, sender }: Activity,
  serviceURL: string,
  now: Instant,
): Greeting | undefined {
  if (sender.objectID === undefined || shortEnough(sender.objectID, 64) === undefined) return undefined
  const { threadID } = conversation
  const conversationID = threadID === undefined ? conversation.id : `${conversation.id};messageid=${threadID}`
  return { conversationID, serviceURL, messageID: id, objectID: sender.objectID, time: timestamp(now) }
}

/** Notes the greeting, unless one of the same conversation waits already. */
export function withGreeting({ greetings = [] }: ApprovalChannelStatus, noted: Greeting): NotedChannel | undefined {
  const waits = greetings.some(({ conversationID }) => conversationID === noted.conversationID)
  return waits || greetings.length >= mostGreetings ? undefined : { greetings: [...greetings, noted] }
}

function nameOf({ conversation: { teamName, channelName } }: Activity): string | undefined {
  const parts = [teamName, channelName].filter((part) => part !== undefined && part !== '')
  return parts.length === 0 ? undefined : shortened(inert(parts.join(' > ')).text, longestName)
}

function saysSame(before: Conversation, noted: Conversation): boolean {
  const keys = ['serviceURL', 'tenantID', 'teamID', 'botID', 'name'] as const
  return keys.every((key) => noted[key] === undefined || noted[key] === before[key])
}

/** An id that is longer than its field is none of Teams'. */
function shortEnough(id: string | undefined, most = 256): string | undefined {
  return id === undefined || id.length > most ? undefined : id
}
