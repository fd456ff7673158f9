import type { ChannelReason } from '../domain/channel-reasons.ts'
import type { ApprovalRequest, Greeting } from '../domain/kinds.ts'

/** What is wrong with a whole channel. */
export type ChannelFault = Exclude<ChannelReason, 'Installed'>

/**
 * What is wrong with one message alone. `Gone`: somebody deleted it. `Throttled`: the service wants to be asked later.
 * `Paced`: not sent, so as not to be throttled. `Rejected`: the service does not take it as it is.
 */
type MessageFault = 'Gone' | 'Throttled' | 'Paced' | 'TooLarge' | 'Rejected'

/** Why something was not delivered, as far as is known; `why` is for people, without bodies, tokens and secrets. */
export type NotDelivered = {
  readonly outcome: 'NotDelivered'
  readonly failure: ChannelFault | MessageFault
  readonly why: string
  /** When the service wants to be asked again, in milliseconds. */
  readonly againMs?: number | undefined
  /** Nobody knows whether it was taken: sent again, it may be there twice. */
  readonly inDoubt?: boolean
}

export function notDelivered(failure: NotDelivered['failure'], why: string): NotDelivered {
  return { outcome: 'NotDelivered', failure, why }
}

export type Posted = { readonly outcome: 'Posted'; readonly ref: string }
export type Updated = { readonly outcome: 'Updated' }

/**
 * The way to the people of one channel. None of it rejects for what a service or a network does. Once `signal` is aborted,
 * nothing more is sent, and no answer is waited for.
 */
export type Publisher = {
  /** Hash of what the card of a request shows as it is now. Another hash means that it must be drawn again. */
  readonly shows: (request: ApprovalRequest) => string
  /**
   * Posts the card, and rings those of these people (object ids) whom the channel knows. When nobody can say whether it
   * was taken, it is not delivered, and in doubt.
   */
  readonly post: (
    request: ApprovalRequest,
    ring: readonly string[],
    signal?: AbortSignal,
  ) => Promise<Posted | NotDelivered>
  /** Draws the card anew where it is. The same again changes nothing. */
  readonly update: (request: ApprovalRequest, ref: string, signal?: AbortSignal) => Promise<Updated | NotDelivered>
  /** Says below the card how it ended. */
  readonly reply: (request: ApprovalRequest, ref: string, signal?: AbortSignal) => Promise<Posted | NotDelivered>
  /** Where cards go, for people to read; undefined while that is not known. */
  readonly target: () => string | undefined
  /** Could a card be posted now? Posts nothing. */
  readonly check: (signal?: AbortSignal) => Promise<{ readonly outcome: 'Fine' } | NotDelivered>
  /** Tells somebody who wrote to the bot who he is. */
  readonly greet: (greeting: Greeting, signal?: AbortSignal) => Promise<Posted | NotDelivered>
}

const messageFaults: ReadonlySet<string> = new Set<MessageFault>(['Gone', 'Throttled', 'Paced', 'TooLarge', 'Rejected'])

/** The fault of the whole channel, if it is one. */
export function channelFault({ failure }: NotDelivered): ChannelFault | undefined {
  return isMessageFault(failure) ? undefined : failure
}

function isMessageFault(failure: NotDelivered['failure']): failure is MessageFault {
  return messageFaults.has(failure)
}

const placeFaults: ReadonlySet<string> = new Set<ChannelFault>([
  'NotInstalled',
  'SeveralConversations',
  'BotBlocked',
  'WrongCloud',
])

/**
 * Is that wrong with the place alone to which something was sent? An old card may be where the bot is no longer, while new
 * ones go elsewhere.
 */
export function isOfPlace(failure: NotDelivered['failure']): boolean {
  return placeFaults.has(failure)
}

/** The way to nobody, for as long as this is what is wrong. */
export function noPublisher(missing: NotDelivered): Publisher {
  const fail = (): Promise<NotDelivered> => Promise.resolve(missing)
  return { shows: () => '', post: fail, update: fail, reply: fail, target: () => undefined, check: fail, greet: fail }
}
