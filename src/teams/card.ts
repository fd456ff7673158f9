import type { Briefing } from '../domain/briefing.ts'
import { shortened } from '../domain/inert.ts'
import type { Masked } from '../domain/mask.ts'
import { approveBy, needsSignIn, openActions, takeBackAction } from './card-actions.ts'
import type { ApproveBy, CardLinks } from './card-actions.ts'
import { box, buttons, commentInput, label, line, run } from './card-elements.ts'
import type { Card, CardElement } from './card-elements.ts'
import { changeBox, detailBox, factRows, footerLine } from './card-facts.ts'
import { isWhole, leastMeasure, measures, mostBytes, within } from './card-size.ts'
import type { Measure } from './card-size.ts'

/**
 * The card of a request, for every state it can be in: what is asked, in the order in which every channel tells it, the
 * buttons that fit the state, and a footer. It is smaller than 28 KB whatever the request holds. A card that does not
 * show everything has no button that approves at once.
 */
export function cardOf(briefing: Masked<Briefing>, links: CardLinks): Card {
  for (const measure of measures) {
    const card = drawn(briefing, measure, links)
    if (sizeOf(card) < mostBytes) return card
  }
  return drawn(briefing, leastMeasure, links)
}

/** Bytes of the card on the wire. */
export function sizeOf(card: Card): number {
  return new TextEncoder().encode(JSON.stringify(card)).byteLength
}

/** The line that rings the phone: plain text, for the summary of the message. */
export function announcement(briefing: Masked<Briefing>): string {
  const { outcome, agent, summary, cluster, risk } = briefing
  const [first] = outcome
  const text =
    first === undefined ? `Approve? ${agent} wants to ${summary}` : `${first.text}: ${agent} wanted to ${summary}`
  const tail = [cluster, risk].filter((part) => part !== '').map((part) => shortened(part, 64))
  return [shortened(text, longestAnnouncement), ...tail].join(' · ')
}

const longestAnnouncement = 240

function drawn(briefing: Briefing, measure: Measure, links: CardLinks): Card {
  const shown = within(briefing, measure)
  const whole = isWhole(shown, briefing)
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.5',
    lang: 'en',
    speak: speech(briefing),
    fallbackText: `This client cannot show the request${named(briefing)}. Use another one, or kubectl countersign.`,
    msteams: { width: 'Full' },
    body: [
      ...head(shown),
      ...detailBox(shown),
      ...factRows(shown),
      ...changeBox(shown),
      ...answers(shown, whole, links),
      footerLine(shown, whole),
    ],
  }
}

/** Words of ours alone: what is spoken may hold marks. */
function speech({ outcome, risk }: Briefing): string {
  return outcome.length === 0
    ? `Countersign asks for an approval. The risk is ${risk}.`
    : 'Countersign: this is decided.'
}

/** Its name is ours; what is none is not repeated. */
function named({ request: { name } }: Briefing): string {
  return /^apr-[a-z0-9-]{1,60}$/.test(name) ? ` ${name}` : ''
}

/** Place and risk, what is asked or how it ended, deed and target. */
function head({
  place,
  needed,
  deadline,
  outcome,
  agent,
  deed,
  target,
  undelivered,
}: Briefing): readonly CardElement[] {
  const strong = { weight: 'Bolder' } as const
  const asked = [line([run(`${needed} · ${deadline}`)], { spacing: 'None' })]
  const ended = outcome.map(({ text, by }) =>
    line([run(text, by === 'Cluster' ? strong : { italic: true })], { spacing: 'None' }),
  )
  return [
    line([run(place, strong)]),
    ...(outcome.length === 0 ? asked : ended),
    ...(undelivered && outcome.length === 0 ? [label('This came late: no channel could take it before.')] : []),
    line([run(agent), run(outcome.length === 0 ? ' wants to ' : ' wanted to '), run(deed, strong)], {
      separator: true,
    }),
    ...(target === '' ? [] : [line([run(target, strong)], { spacing: 'None' })]),
  ]
}

/** The comment and the buttons, while there is something to say. */
function answers(briefing: Briefing, whole: boolean, links: CardLinks): readonly CardElement[] {
  if (briefing.stand === 'AwaitingAgent') return buttons([takeBackAction(links)])
  if (briefing.outcome.length > 0) return []
  const by = approveBy(briefing, whole, links)
  return [...notice(briefing, whole, by), comment(briefing), ...buttons(openActions(briefing, by, links))]
}

function notice(briefing: Briefing, whole: boolean, by: ApproveBy): readonly CardElement[] {
  const text = noticeOf(briefing, whole, by)
  return text === undefined ? [] : [box([label(text, { weight: 'Bolder' })], { separator: true })]
}

const cut = 'Not everything is shown here. Open it to approve; you may deny here.'
const cutAlone =
  'Not everything is shown here, and the Countersign tab is not set up. Approve with kubectl countersign; you may deny here.'
const signInAlone =
  'This needs a sign-in, and the Countersign tab is not set up. Approve with kubectl countersign; you may deny here.'

function noticeOf(briefing: Briefing, whole: boolean, by: ApproveBy) {
  if (by !== 'Elsewhere') return whole ? undefined : cut
  if (!whole) return cutAlone
  return needsSignIn(briefing) ? signInAlone : undefined
}

const longestComment = 1024
const commentLabels = { Optional: 'Comment', OnDeny: 'Comment (needed to deny)', Always: 'Comment (needed)' } as const

/** A client may send it empty all the same: who reads a click looks again. */
function comment({ comment: rule }: Briefing): CardElement {
  return {
    type: 'Input.Text',
    id: commentInput,
    label: commentLabels[rule],
    isMultiline: true,
    maxLength: longestComment,
    ...(rule === 'Always' ? ({ isRequired: true, errorMessage: 'Please say why.' } as const) : {}),
  }
}
