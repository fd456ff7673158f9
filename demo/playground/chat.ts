import { setTimeout as wait } from 'node:timers/promises'
import { actionsOf, textOf } from './messages.ts'
import type { BotActivity, CardNode, PostedMessage } from './messages.ts'
import { people } from './people.ts'
import type { PersonKey } from './people.ts'
import type { ClickAnswer, Playground } from './playground.ts'
import type { StandIn } from './stand-in.ts'

/** A card as people see it now. */
type SeenCard = {
  readonly message: PostedMessage
  readonly text: string
  /** Verbs of its buttons, in order. */
  readonly verbs: readonly string[]
}

export type Click = { readonly request: string; readonly verb: string; readonly comment?: string }

/** What a person is shown after a click: the words of a new card, a sentence, or an error. */
export type Shown = { readonly as: 'Card' | 'Words' | 'Error'; readonly text: string }

/** The chat, as demonstration and tests look at it and act in it. */
export type Chat = {
  /** All cards of a request, oldest first. */
  readonly cardsOf: (request: string) => readonly SeenCard[]
  /** Resolves with the newest card of the request once it is so; by default, once it is there. */
  readonly untilCard: (request: string, isSo?: (card: SeenCard) => boolean) => Promise<SeenCard>
  /** Resolves with the replies in the thread of the request's newest card once there are some. */
  readonly untilReply: (request: string) => Promise<readonly string[]>
  /**
   * A member presses a button of the request's newest card, or one that it had before: a client may show an old card.
   * Rejects when the card never had it.
   */
  readonly click: (who: PersonKey, click: Click) => Promise<Shown>
}

const pollMs = 50
const longestMs = 30_000

type ChatParts = { readonly standIn: Pick<StandIn, 'messages'>; readonly playground: Pick<Playground, 'invoke'> }

export function makeChat(parts: ChatParts): Chat {
  return {
    cardsOf: (request) => cardsOf(parts, request),
    untilCard: (request, isSo) => untilCard(parts, request, isSo),
    untilReply: (request) => untilReply(parts, request),
    click: (who, click) => press(parts, who, click),
  }
}

function cardsOf({ standIn }: ChatParts, request: string): readonly SeenCard[] {
  return standIn.messages().flatMap((message) => (textOf(first(message)).includes(request) ? [seen(message)] : []))
}

async function untilCard(
  parts: ChatParts,
  request: string,
  isSo: (card: SeenCard) => boolean = () => true,
): Promise<SeenCard> {
  const newest = (): SeenCard | undefined => cardsOf(parts, request).at(-1)
  const card = await until(() => {
    const found = newest()
    return found !== undefined && isSo(found) ? found : undefined
  })
  if (card !== undefined) return card
  throw new Error(`the card of ${request} is not as it should be: ${newest()?.text ?? 'there is none'}`)
}

async function untilReply(parts: ChatParts, request: string): Promise<readonly string[]> {
  const { message } = await untilCard(parts, request)
  const replies = await until(() => {
    const found = parts.standIn.messages().filter((one) => isReply(one, message))
    return found.length > 0 ? found : undefined
  })
  if (replies === undefined) throw new Error(`nobody replied in the thread of ${request}`)
  return replies.map((reply) => textOf(last(reply)))
}

async function press(parts: ChatParts, who: PersonKey, { request, verb, comment }: Click): Promise<Shown> {
  const { message } = await untilCard(parts, request)
  const button = buttonOf(message, verb)
  if (button === undefined) throw new Error(`the card of ${request} never had a button ${verb}`)
  const { type, title, data } = button
  const inputs = comment === undefined ? {} : { comment }
  const { conversationID, messageID } = message
  const action = { type, title, verb, data: { ...data, ...inputs } }
  return shown(await parts.playground.invoke({ from: people[who].id, conversationID, messageID, action }))
}

async function until<T>(find: () => T | undefined): Promise<T | undefined> {
  const end = performance.now() + longestMs
  for (;;) {
    const found = find()
    if (found !== undefined || performance.now() > end) return found
    await wait(pollMs)
  }
}

function first({ versions: [activity = {}] }: PostedMessage): BotActivity {
  return activity
}

function last({ versions }: PostedMessage): BotActivity {
  return versions.at(-1) ?? {}
}

function seen(message: PostedMessage): SeenCard {
  const activity = last(message)
  return { message, text: textOf(activity), verbs: actionsOf(activity).flatMap(({ verb }) => verb ?? []) }
}

function isReply(one: PostedMessage, { conversationID, messageID }: PostedMessage): boolean {
  return one.conversationID === conversationID && one.messageID !== messageID
}

/** As the newest version that had it shows it. */
function buttonOf({ versions }: PostedMessage, verb: string): CardNode | undefined {
  return versions
    .toReversed()
    .flatMap(actionsOf)
    .find((action) => action.verb === verb)
}

const kinds: Readonly<Record<string, Shown['as']>> = {
  'application/vnd.microsoft.card.adaptive': 'Card',
  'application/vnd.microsoft.activity.message': 'Words',
}

function shown({ type, value }: ClickAnswer): Shown {
  const as = kinds[type] ?? 'Error'
  if (typeof value === 'string') return { as, text: value }
  return { as, text: as === 'Card' ? textOf({ attachments: [{ content: value }] }) : JSON.stringify(value) }
}
