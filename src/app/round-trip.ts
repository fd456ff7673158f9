import type { ApprovalChannel, Greeting } from '../domain/kinds.ts'

/**
 * How far a message to the bot has come: not seen yet; noted by the gateway, which has verified it; answered by the
 * operator. Times are milliseconds on a clock that nobody sets.
 */
export type Trip =
  | { readonly stage: 'Awaited' }
  | { readonly stage: 'Noted'; readonly greeting: Greeting; readonly channel: string; readonly notedMs: number }
  | { readonly stage: 'Answered'; readonly greeting: Greeting; readonly notedMs: number; readonly answeredMs: number }

type Sight = {
  readonly channel: ApprovalChannel
  /** Of the greetings that were there before anybody was asked to write. */
  readonly before: ReadonlySet<string>
  readonly atMs: number
}

/** The trip after a channel was seen as it is now. The same object when that is no news. */
export function stepped(trip: Trip, { channel, before, atMs }: Sight): Trip {
  const there = channel.status?.greetings ?? []
  const { name } = channel.metadata
  if (trip.stage === 'Awaited') {
    const greeting = there.find((one) => !before.has(greetingKey(name, one)))
    return greeting === undefined ? trip : { stage: 'Noted', greeting, channel: name, notedMs: atMs }
  }
  if (trip.stage === 'Answered' || trip.channel !== name) return trip
  const { greeting, notedMs } = trip
  const waits = there.some((one) => greetingKey(name, one) === greetingKey(name, greeting))
  return waits ? trip : { stage: 'Answered', greeting, notedMs, answeredMs: atMs }
}

/** Ids of messages are unique in a conversation alone. */
export function greetingKey(channel: string, { conversationID, messageID }: Greeting): string {
  return JSON.stringify([channel, conversationID, messageID])
}

/** Channels of one bot: of a chat with one person alone, any of them may get what is written there. */
export function isSameBot(one: ApprovalChannel, other: ApprovalChannel): boolean {
  const [here, there] = [one.spec.teams, other.spec.teams]
  if (here === undefined || there === undefined) return false
  return isSameID(here.appID, there.appID) && isSameID(here.tenantID, there.tenantID)
}

function isSameID(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
