import type { Briefing } from '../../src/domain/briefing.ts'
import type { Card, CardAction, CardElement } from '../../src/teams/card-elements.ts'

/** What a person reads on a card from top to bottom, a line for each element; buttons in brackets. */
export function textOf({ body }: Card): readonly string[] {
  return body.flatMap(linesOf)
}

function linesOf(element: CardElement): readonly string[] {
  switch (element.type) {
    case 'TextBlock':
      return [element.text]
    case 'RichTextBlock':
      return [element.inlines.map(({ text }) => text).join('')]
    case 'Input.Text':
      return [`[${element.label}]`]
    case 'Container':
      return element.items.flatMap(linesOf)
    case 'ColumnSet': {
      const [name = [], texts = []] = element.columns.map(({ items }) => items.flatMap(linesOf))
      return texts.map((text, index) => `${index === 0 ? name.join(' ') : ''} | ${text}`)
    }
    case 'ActionSet':
      return [element.actions.map(titleOf).join(' ')]
  }
}

function titleOf(action: CardAction): string {
  const title = `[ ${action.title} ]`
  return action.type === 'Action.Execute' && action.mode === 'secondary' ? `…${title}` : title
}

/** A text as it came, without what the card puts in for clients to show all of it. */
export function plain(text: string): string {
  return text.replace(/[\u200b\u200e]/gu, '').replace(/\u00a0/gu, ' ')
}

/** Every text of a briefing that an approver must see. */
export function textsOf(briefing: Briefing): readonly string[] {
  const { place, outcome, agent, deed, target, details, facts, change, detailed, masked } = briefing
  const asked = outcome.length === 0 ? [briefing.needed, briefing.deadline] : []
  return [
    place,
    agent,
    deed,
    target,
    masked,
    ...asked,
    ...[...outcome, ...details, ...facts].map(({ text }) => text),
    ...details.map(({ label }) => label),
    ...(detailed ? [] : change.lines),
  ]
}
