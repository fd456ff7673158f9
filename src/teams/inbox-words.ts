import type { CastOutcome } from '../app/cast-vote.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, DecisionWord } from '../domain/kinds.ts'
import { moment } from '../domain/moment.ts'
import { refusalTold } from '../domain/refusal-cures.ts'
import { isSaid, safe } from '../domain/safe-text.ts'
import { longestComment } from '../domain/vote-comment.ts'
import type { InboundRefusal } from './inbound-refusals.ts'

/** What a person is told of a click that did not bring a new card. */
export function outcomeWords(outcome: Exclude<CastOutcome, { readonly kind: 'Counted' }>, now: Instant): string {
  switch (outcome.kind) {
    case 'NotFound':
      return 'This request is not there any more. Your click changed nothing.'
    case 'AlreadyDecided':
      return lateWords(outcome.request, now)
    case 'CommentMissing':
      return 'Nothing was sent yet: please write the reason into the comment, and click again.'
    case 'CommentTooLong':
      return `Nothing was sent yet: the comment may have at most ${longestComment} characters. Shorten it, and click again.`
    case 'TooOften':
      return 'Nothing was sent: you have answered this request very often. Wait a minute, and click again.'
    case 'NotReady':
      return 'Nothing was sent: Countersign is starting. Click again in some seconds.'
    case 'NotStored':
      return 'Nothing was recorded: the cluster has refused it. Tell your administrator, and answer with kubectl countersign.'
    case 'Recorded':
      return recordedWords(outcome.request)
    case 'Refused':
      return refusedWords(outcome, now)
  }
}

function recordedWords({ status }: ApprovalRequest): string {
  return status?.decision === undefined
    ? 'Recorded; it is being applied. This card changes when it is.'
    : 'Recorded; it has not been judged yet, and the request is decided already.'
}

function refusedWords({ refusal, request }: Extract<CastOutcome, { readonly kind: 'Refused' }>, now: Instant): string {
  if (refusal === 'AlreadyDecided' && request.status?.decision !== undefined) return lateWords(request, now)
  return `Your answer does not count (${safe(refusal)}). ${refusalTold(refusal, 'Card')}`
}

const did: Readonly<Record<Exclude<DecisionWord, 'Expired'>, { readonly by: string; readonly was: string }>> = {
  Approved: { by: 'approved this', was: 'This was approved' },
  Denied: { by: 'denied this', was: 'This was denied' },
  ChangesRequested: { by: 'asked for changes', was: 'Changes were asked for' },
}

/** `Bo Lind denied this at 10:24Z. Your click changed nothing.` */
export function lateWords({ status = {} }: ApprovalRequest, now: Instant): string {
  return `${decidedWords(status, now)} Your click changed nothing.`
}

function decidedWords(status: NonNullable<ApprovalRequest['status']>, now: Instant): string {
  const { decision, decidedBy, decisionTime } = status
  if (decision === undefined) return 'Nothing is decided yet.'
  const when = `at ${moment(decisionTime, now)}`
  if (decision === 'Expired') return `Nobody answered in time: it expired ${when}, which is not a denial.`
  const { by, was } = did[decision]
  return isSaid(decidedBy) ? `${safe(decidedBy)} ${by} ${when}.` : `${was} ${when}.`
}

/** What a person is told whose click was proven to come from Teams, and is not one that counts. */
const refusalWords: Partial<Readonly<Record<InboundRefusal, string>>> = {
  TenantNotAllowed: 'Only people of the organisation of this channel can answer here. Nothing was changed.',
  NotByHand: 'This card is up to date when you open the channel again.',
  PersonUnknown: 'Teams does not say who you are, so your click cannot count. Nothing was changed.',
  OtherConversation: 'This card was copied here. Answer it in the channel in which it was posted; nothing was changed.',
  TypeNotAllowed: 'Countersign cannot do this.',
  NotUnderstood: 'Countersign does not understand this click. Use the newest card; nothing was changed.',
}

/** Undefined where nobody is to be told anything. */
export function inboundWords(refusal: InboundRefusal): string | undefined {
  return refusalWords[refusal]
}

/** Further words for clicks that cast nothing. */
export const clickWords = {
  unknownVerb: 'Countersign does not know this button. Use the newest card; nothing was changed.',
  forged: 'This card is not one that Countersign has posted here. Nothing was changed.',
  notOffered:
    'This cannot be approved by a click: it needs a sign-in, or not everything is shown on the card. Nothing was changed.',
  used: 'Another click came before with the mark of this one, so it changed nothing. Click again in the channel.',
  notKnown: 'It is not known yet whether this was recorded. Wait a minute, and click again.',
  failed:
    'Countersign could not reach the cluster, so it is not known whether this was recorded. Click again in a moment.',
  otherCard: 'This is not the newest card of the request. Use the newest one in the channel; nothing was changed.',
} as const
