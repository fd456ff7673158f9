import type { Briefing } from '../domain/briefing.ts'
import { inert, shortened } from '../domain/inert.ts'
import type { Masked } from '../domain/mask.ts'
import { announcement } from './card.ts'
import { line, run } from './card-elements.ts'
import type { Card, CardElement } from './card-elements.ts'
import type { Member, Message } from './connector.ts'

const cardType = 'application/vnd.microsoft.card.adaptive'

/** The message that holds a card. Those who are mentioned stand above it, since only a mention rings. */
export function cardMessage(card: Card, briefing: Masked<Briefing>, mentioned: readonly Member[]): Message {
  const message = { ...withCard(card), summary: announcement(briefing) }
  if (mentioned.length === 0) return message
  const entities = mentioned.map(mentionOf)
  return { ...message, text: entities.map(({ text }) => text).join(' '), textFormat: 'xml', entities }
}

/** How it ended, in the words of the card, for those who have read the card before. */
export function endMessage(briefing: Masked<Briefing>): Message {
  const { outcome, summary } = briefing
  const last = outcome.findLast(({ by }) => by === 'Cluster')?.text ?? ''
  const body = outcome.map(({ text, by }) =>
    line([run(text, by === 'Cluster' ? { weight: 'Bolder' } : { italic: true })]),
  )
  const ended = body.length === 0 ? [line([run(summary)])] : body
  return { ...withCard(smallCard(ended)), summary: shortened(`${last}: ${summary}`, longestSummary) }
}

const longestSummary = 240

function withCard(content: object): Message {
  return { type: 'message', attachments: [{ contentType: cardType, content }] }
}

function smallCard(body: readonly CardElement[]): object {
  const $schema = 'http://adaptivecards.io/schemas/adaptive-card.json'
  return { $schema, type: 'AdaptiveCard', version: '1.5', lang: 'en', body }
}

type Mention = {
  readonly type: 'mention'
  readonly text: string
  readonly mentioned: { readonly id: string; readonly name: string }
}

/** The text is XML: what a person is called is not to be read as more than a name. */
function mentionOf({ id, name }: Member): Mention {
  const shown = shortened(inert(name).text, 128).replace(/[<>&]/g, '')
  const called = shown === '' ? 'approver' : shown
  return { type: 'mention', text: `<at>${called}</at>`, mentioned: { id, name: called } }
}

/** Who somebody is, and what makes an approver of him. Nothing in it was written by him. */
export function greetingMessage(objectID: string, tenantID: string): Message {
  const text = [
    `You are ${objectID} in tenant ${tenantID}.`,
    'To let this person approve, add to spec.people of an ApproverGroup:',
    `- { name: YOUR-NAME, entraUser: { tenantID: ${tenantID}, objectID: ${objectID} } }`,
  ].join('\n\n')
  return { type: 'message', text, textFormat: 'plain' }
}
