import { notDelivered } from '../app/deliver-ports.ts'
import type { NotDelivered } from '../app/deliver-ports.ts'
import type { ApprovalChannel, Conversation, TeamsChannel } from '../domain/kinds.ts'
import type { CardPlace } from './message-ref.ts'
import { isOfTeam } from './of-team.ts'

/** Where the cards of a channel go. */
export type PublishPlace = {
  readonly serviceURL: string
  readonly tenantID: string
  /** Of the channel, or of the chat. */
  readonly conversationID: string
  /** Where everybody who may be mentioned is a member: the team, or the chat. */
  readonly rosterID: string
  readonly botID: string
  /** For people: `Platform > Approvals`, else the id. */
  readonly name: string
}

/** The place that the channel names, or the only one of a team in which its bot is. */
export function placeOf({ spec: { teams }, status }: ApprovalChannel): PublishPlace | NotDelivered {
  if (teams === undefined) return notDelivered('TypeNotSupported', 'it is no channel of Teams')
  const known = (status?.conversations ?? []).filter((one) => isOurs(one, teams))
  if (known.length === 0) return notDelivered('NotInstalled', notSeen)
  if (isGiven(teams.channelID)) return named(teams, teams.channelID, known)
  const [only, ...others] = known.filter(isOfTeam)
  if (only === undefined) return notDelivered('NotInstalled', onlyChats)
  if (others.length > 0) {
    return notDelivered('SeveralConversations', `it is in ${[only, ...others].map(nameOf).join(', ')}`)
  }
  return placeIn(teams, only, only.conversationID)
}

const notSeen = 'nothing was heard yet from a team or chat of this tenant in which the app is'
const onlyChats = 'it was heard from chats alone, and a chat is no place for cards unless channelID names it'

function isOurs({ tenantID, teamID }: Conversation, teams: TeamsChannel): boolean {
  const sameTenant = tenantID.toLowerCase() === teams.tenantID.toLowerCase()
  return sameTenant && (!isGiven(teams.teamID) || teamID === teams.teamID)
}

/** The app is installed into a team as a whole, so another channel of the team, or tenant, tells by which service. */
function named(teams: TeamsChannel, channelID: string, known: readonly Conversation[]): PublishPlace | NotDelivered {
  const itself = known.find(({ conversationID }) => conversationID === channelID)
  const near = itself ?? known.find(({ teamID }) => isGiven(teamID)) ?? known[0]
  if (near === undefined) return notDelivered('NotInstalled', notSeen)
  const place = placeIn(teams, near, channelID)
  return itself === undefined ? { ...place, name: channelID } : place
}

function placeIn({ appID }: TeamsChannel, near: Conversation, conversationID: string): PublishPlace {
  const { serviceURL, tenantID, teamID, botID } = near
  return {
    serviceURL,
    tenantID,
    conversationID,
    rosterID: isGiven(teamID) ? teamID : conversationID,
    botID: isGiven(botID) ? botID : `28:${appID}`,
    name: nameOf(near),
  }
}

function nameOf({ name, conversationID }: Conversation): string {
  return isGiven(name) ? name : conversationID
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}

/** Channels of teams hold threads; chats hold messages. */
export function hasThreads(conversationID: string): boolean {
  return /@thread\.(?:tacv2|skype)$/.test(conversationID)
}

/** The conversation in which a message is spoken of: in a channel the thread that it begins. */
export function threadOf({ conversationID, messageID }: CardPlace): string {
  return hasThreads(conversationID) ? `${conversationID};messageid=${messageID}` : conversationID
}
