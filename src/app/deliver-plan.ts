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
  readonly now: Instant
}

/** What is to be done, in this order. */
export type DeliveryStep =
  /** Notes cards that are there. */
  | { readonly do: 'note'; readonly cards: readonly PostedMessage[] }
  | { readonly do: 'post' }
  /** Draws a card anew. `ends`: and says below it how it ended. */
  | { readonly do: 'update'; readonly card: PostedMessage; readonly ends: boolean }
  /** Notes that every card shows how it ended. */
  | { readonly do: 'conclude'; readonly reason: ReturnType<typeof conclusionOf> }

/** Decides what one channel has to do about one request. Pure: the same sight gives the same steps. */
export function planDelivery(sight: DeliverySight): readonly DeliveryStep[] {
  const { request, shows, cards, channel } = sight
  const mine = livingCards(cards.filter((card) => card.channel === channel))
  const found = sight.strays.map((ref): PostedMessage => ({ channel, ref }))
  const stale = [...mine, ...found].filter(({ rendered }) => rendered !== shows)
  const ends = hasEnded(request)
  return [
    ...(sight.unnoted.length + found.length === 0
      ? []
      : [{ do: 'note' as const, cards: [...sight.unnoted, ...found] }]),
    ...(isToPost(sight, mine) ? [{ do: 'post' as const }] : []),
    ...stale.map((card) => ({ do: 'update' as const, card, ends: ends && card === mine[0] })),
    ...conclusion(sight, stale.length),
  ]
}

/** One that people delete again and again is not posted for ever. */
const mostPosts = 3

/** Nobody is asked about what is decided, or over. */
function isToPost({ request, channel, asked, cards, now }: DeliverySight, living: readonly PostedMessage[]): boolean {
  const isOpen = request.status?.decision === undefined && now <= (parseInstant(request.spec.expirationTime) ?? 0)
  const posted = cards.filter((card) => card.channel === channel).length
  return asked && isOpen && living.length === 0 && posted < mostPosts
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
