import { isClosed } from '../domain/executed.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, PostedMessage } from '../domain/kinds.ts'
import { newestFactTime } from '../domain/newest-fact.ts'
import { conclusionOf, isTold, livingCards } from '../domain/notified.ts'
import { standOf } from '../domain/stand.ts'
import type { Stand } from '../domain/stand.ts'

/** What one channel sees of one request. */
export type DeliverySight = {
  readonly request: ApprovalRequest
  readonly channel: string
  /** Is the request to be put before the people of this channel? */
  readonly asked: boolean
  /** Hash of what a card of it shows now. */
  readonly shows: string
  /** All cards of the request, in every channel, those included that were posted and are not noted yet. */
  readonly cards: readonly PostedMessage[]
  /** Those of this channel that the status of the request does not show as they are. */
  readonly unnoted: readonly PostedMessage[]
  /** Channels that exist: the cards of another one are out of reach. */
  readonly channels: ReadonlySet<string>
  /** Cards of this channel on which people clicked although nothing was known of them. */
  readonly strays: readonly string[]
  /** Posts in this channel of which nobody knows whether they were taken. */
  readonly doubts: number
  /** Does the channel take cards, as far as is known? */
  readonly ready: boolean
  readonly now: Instant
}

/** What is to be done, in this order. */
export type DeliveryStep =
  /** Notes a card that is there. */
  | { readonly do: 'note'; readonly card: PostedMessage }
  | { readonly do: 'post' }
  /** Draws a card anew. `ends`: and says below it how it ended. */
  | { readonly do: 'update'; readonly card: PostedMessage; readonly ends: boolean }
  /** Notes that every card shows how it ended. */
  | { readonly do: 'conclude'; readonly reason: ReturnType<typeof conclusionOf> }

/** Decides what one channel has to do about one request. Pure: the same sight gives the same steps. */
export function planDelivery(sight: DeliverySight): readonly DeliveryStep[] {
  const { request, shows, cards, channel } = sight
  const mine = livingCards(cards.filter((card) => card.channel === channel))
  const room = Math.max(0, mostMessages - cards.length)
  const found = sight.strays.slice(0, room).map((ref): PostedMessage => ({ channel, ref }))
  const stale = [...mine, ...found].filter(({ rendered }) => rendered !== shows)
  const ends = hasEnded(request)
  return [
    // Each for itself: one that is refused must not keep another one from being noted.
    ...[...sight.unnoted, ...found].map((card) => ({ do: 'note' as const, card })),
    ...(isToPost(sight, mine) ? [{ do: 'post' as const }] : []),
    ...stale.map((card) => ({ do: 'update' as const, card, ends: ends && card === mine[0] })),
    ...conclusion(sight, stale.length),
  ]
}

/** Of `status.messages`, by the schema of the request. */
const mostMessages = 64

/** One that people delete again and again is not posted for ever, nor one of which nobody knows whether it is there. */
const mostPosts = 3

/** Nobody is asked about what is decided, or over. */
function isToPost(sight: DeliverySight, living: readonly PostedMessage[]): boolean {
  const { request, channel, asked, cards, doubts, now } = sight
  const isOpen = request.status?.decision === undefined && now <= (parseInstant(request.spec.expirationTime) ?? 0)
  const posted = cards.filter((card) => card.channel === channel).length
  return asked && isOpen && living.length === 0 && posted + doubts < mostPosts
}

function conclusion({ request, shows, cards, channels }: DeliverySight, stale: number): readonly DeliveryStep[] {
  if (!isClosed(request) || isTold(request) || stale > 0) return []
  const reachable = livingCards(cards).filter(({ channel }) => channels.has(channel))
  const all = reachable.every(({ rendered }) => rendered === shows)
  return all ? [{ do: 'conclude', reason: conclusionOf(request) }] : []
}

const ended: ReadonlySet<Stand> = new Set<Stand>([
  'Denied',
  'ChangesRequested',
  'Expired',
  'Executed',
  'NotObserved',
  'Unobservable',
  'NeverUsed',
  'TakenBack',
])

/** Is the last word said, as far as is known? */
function hasEnded(request: ApprovalRequest): boolean {
  return ended.has(standOf(request, newestFactTime(request)))
}
