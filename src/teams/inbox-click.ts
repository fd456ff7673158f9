import type { VerifiedToken } from '../app/bearer.ts'
import type { Ballot, KnownRequests } from '../app/cast-vote-ports.ts'
import type { CastOutcome } from '../app/cast-vote.ts'
import { briefingOf, ownDiff } from '../domain/briefing.ts'
import { requestOfHandle } from '../domain/card-handle.ts'
import { firstRefusal } from '../domain/check.ts'
import type { HmacKey } from '../domain/digest.ts'
import type { ShownDiff } from '../domain/effects.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, Verdict } from '../domain/kinds.ts'
import type { CardClick } from './activity-event.ts'
import type { Activity } from './activity.ts'
import type { Card } from './card-elements.ts'
import { cardOf } from './card.ts'
import type { ClickAnswer } from './inbox-answer.ts'
import { ballotOf, clickedRef } from './inbox-ballot.ts'
import { verbsOf, withoutButtons, withRecord } from './inbox-card.ts'
import { clickWords, lateWords, outcomeWords } from './inbox-words.ts'
import type { LateInbound } from './judge-inbound.ts'
import type { InboundChannel } from './rules.ts'

export type ClickPorts = {
  /** Keys by which the handles of cards hold. */
  readonly handleKeys: () => readonly HmacKey[]
  readonly requests: Pick<KnownRequests, 'find'>
  /** The use case of src/app/cast-vote.ts. May reject. */
  readonly cast: (ballot: Ballot) => Promise<CastOutcome>
  /** As much of the masked change as can be had. May reject. */
  readonly wholeDiff: (request: ApprovalRequest) => Promise<ShownDiff>
  /** The request in the tab; undefined where there is none. */
  readonly tabURL: (channel: string, request: ApprovalRequest) => string | undefined
  readonly now: () => Instant
}

/** A click whose connection, conversation and person are proven. Its arrival is as the inbound rules found it. */
export type ProvenClick = {
  readonly click: CardClick
  readonly activity: Activity
  readonly channels: readonly InboundChannel[]
  readonly token: VerifiedToken
  readonly arrival: 'Fresh' | LateInbound['arrival']
  /** To be called when it was not dealt with for good. */
  readonly forget?: () => void
}

/** What became of it. `outcome` is one word for log and metrics; `isDone`: the same click again is to change nothing. */
export type Clicked = {
  readonly answer: ClickAnswer
  readonly outcome:
    | CastOutcome['kind']
    | 'Forged'
    | 'OtherCard'
    | 'UnknownVerb'
    | 'NotOffered'
    | 'Record'
    | 'Stale'
    | 'Replayed'
    | 'Failed'
  readonly isDone: boolean
  readonly channel?: string
  readonly request?: string
}

/** A click on a card that is proven to be ours. */
type CardOfOurs = { readonly proven: ProvenClick; readonly channel: InboundChannel; readonly request: ApprovalRequest }

const verdicts: Readonly<Record<string, Verdict>> = {
  approve: 'Approve',
  deny: 'Deny',
  changes: 'RequestChanges',
  comment: 'Comment',
  pause: 'Pause',
  takeBack: 'Revoke',
}

/**
 * Does what a click asks for, or tells why not. Of the card's data nothing is believed but a handle that holds for a
 * channel of this conversation. Rejects when the cluster gives no usable answer.
 */
export async function handleClick(ports: ClickPorts, proven: ProvenClick): Promise<Clicked> {
  const named = requestNamed(ports, proven)
  if (named === undefined) return words('Forged', clickWords.forged)
  const request = await ports.requests.find(named.uid)
  if (request === undefined) return words('NotFound', outcomeWords({ kind: 'NotFound' }, ports.now()))
  const ours = { proven, channel: named.channel, request }
  const clicked = await onOurCard(ports, ours)
  return { ...clicked, channel: named.channel.name, request: request.metadata.name }
}

function requestNamed({ handleKeys }: ClickPorts, { click, channels }: ProvenClick) {
  for (const channel of channels) {
    const uid = requestOfHandle(handleKeys(), channel.name, click.handle)
    if (uid !== undefined) return { uid, channel }
  }
  return undefined
}

async function onOurCard(ports: ClickPorts, ours: CardOfOurs): Promise<Clicked> {
  const seen = { ...ours, card: cardFor(ports, ours), now: ports.now() }
  const objection = firstRefusal(clickChecks, seen)
  if (objection !== undefined) return objection
  const verdict = verdictOf(ours.proven.click)
  if (verdict === undefined) return record(ports, ours, seen.card)
  // One that came before is cast as well: its first sending may hang or be lost, and both are one vote.
  return told(ports, ours, await ports.cast(ballotOf(ours.proven, { ...ours, verdict })))
}

/** `card`: as it is true now. */
type SeenCard = CardOfOurs & { readonly card: Card; readonly now: Instant }

type ClickCheck = (seen: SeenCard) => Clicked | undefined

/**
 * Why a click on a card of ours casts nothing, in order. Everything else the operator judges. While the request lists no
 * card of this channel, the one that was clicked was posted just now, or by an operator that ended before it could note it:
 * the vote names it, and by that the operator keeps it true from then on. Once it lists one, nobody approves by any other
 * message, which may show something else; whatever stops the agent counts on every copy.
 */
const clickChecks: readonly ClickCheck[] = [
  ({ proven, request, now }) => (proven.arrival === 'Stale' ? words('Stale', staleWords(request, now)) : undefined),
  ({ proven, card }) => (proven.arrival === 'Used' ? readOnly('Replayed', card, clickWords.used) : undefined),
  (seen) => (seen.proven.activity.replyToID === undefined ? otherCard(seen) : undefined),
  (seen) => (verdictOf(seen.proven.click) === 'Approve' && isOnOtherMessage(seen) ? otherCard(seen) : undefined),
  ({ proven: { click } }) =>
    verdictOf(click) === undefined && click.verb !== recordVerb
      ? words('UnknownVerb', clickWords.unknownVerb)
      : undefined,
  // A client may send what no button of the card says: nobody approves what the card does not show.
  ({ proven: { click }, request, card }) =>
    verdictOf(click) === 'Approve' && request.status?.decision === undefined && !verbsOf(card).has('approve')
      ? words('NotOffered', clickWords.notOffered)
      : undefined,
]

const recordVerb = 'record'

function verdictOf({ verb }: CardClick): Verdict | undefined {
  return Object.hasOwn(verdicts, verb) ? verdicts[verb] : undefined
}

function isOnOtherMessage({ proven: { activity }, channel, request }: SeenCard): boolean {
  const listed = (request.status?.messages ?? []).filter((message) => message.channel === channel.name)
  return listed.length > 0 && !listed.some(({ ref }) => ref === clickedRef(activity))
}

function otherCard({ card }: SeenCard): Clicked {
  return readOnly('OtherCard', card, clickWords.otherCard)
}

function readOnly(outcome: Clicked['outcome'], card: Card, text: string): Clicked {
  return { answer: { show: 'Card', card: withoutButtons(card, text) }, outcome, isDone: false }
}

/** What is true of a first sending alone: of one that came before, nobody knows whether it was recorded. */
const nothingSent: ReadonlySet<CastOutcome['kind']> = new Set(['TooOften', 'NotReady'])

function told(ports: ClickPorts, ours: CardOfOurs, outcome: CastOutcome): Clicked {
  const { kind } = outcome
  if (ours.proven.arrival === 'Again' && nothingSent.has(kind)) {
    return { answer: { show: 'Error', words: clickWords.notKnown }, outcome: kind, isDone: false }
  }
  if (kind === 'Counted') {
    const card = cardFor(ports, { ...ours, request: outcome.request })
    return { answer: { show: 'Card', card }, outcome: kind, isDone: true }
  }
  const text = outcomeWords(outcome, ports.now())
  const show = kind === 'NotReady' || kind === 'NotStored' ? 'Error' : 'Words'
  return { answer: { show, words: text }, outcome: kind, isDone: kind === 'Refused' || kind === 'Recorded' }
}

async function record(ports: ClickPorts, { request }: CardOfOurs, card: Card): Promise<Clicked> {
  const { change } = briefingOf({ request, diff: await ports.wholeDiff(request) }, ports.now())
  const lines = change.lines.slice(0, mostLines)
  const whole = withRecord(card, request.metadata.name, { ...change, lines })
  return { answer: { show: 'Card', card: whole }, outcome: 'Record', isDone: false }
}

/** More than that nobody reads in a chat, and hardly ever fits. */
const mostLines = 1_000

/** The card as it is true now, under the handle that was proven. */
function cardFor({ now, tabURL }: ClickPorts, { proven, channel, request }: CardOfOurs): Card {
  const briefing = briefingOf({ request, diff: ownDiff(request) }, now())
  return cardOf(briefing, { handle: proven.click.handle, tabURL: tabURL(channel.name, request) })
}

function staleWords(request: ApprovalRequest, now: Instant): string {
  if (request.status?.decision !== undefined) return lateWords(request, now)
  return 'Your click took too long to arrive, so it changed nothing. Click again.'
}

function words(outcome: Clicked['outcome'], text: string): Clicked {
  return { answer: { show: 'Words', words: text }, outcome, isDone: false }
}
