import type { RawAnswer } from '../app/raw.ts'
import type { Card } from './card-elements.ts'

/**
 * What the person who clicked sees: a card in place of the one that was clicked, or a sentence below it. `Error`: the
 * sentence is about us, and the click may be repeated. Words are never empty: Teams takes an empty answer for a failure,
 * and sends the click again.
 */
export type ClickAnswer =
  { readonly show: 'Card'; readonly card: Card } | { readonly show: 'Words' | 'Error'; readonly words: string }

/** The answer to an invoke; the HTTP status is 200 whatever it says. Source: Universal Action Model, response format. */
export function invokeAnswer(answer: ClickAnswer): RawAnswer {
  return { status: 200, headers: json, body: JSON.stringify(bodyOf(answer)) }
}

/** Anything else that was taken needs no content. */
export const taken: RawAnswer = { status: 200, headers: {}, body: '' }

/** Nothing that a stranger sends is told more than this. */
export function refused(status: number): RawAnswer {
  return { status, headers: {}, body: '' }
}

/** Not now; the Bot Connector sends a click again for some seconds. */
export const notReady: RawAnswer = { status: 503, headers: { 'retry-after': '2' }, body: '' }

const json = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }

function bodyOf(answer: ClickAnswer): object {
  if (answer.show === 'Card') {
    return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: answer.card }
  }
  const words = inertWords(answer.words)
  if (answer.show === 'Words') {
    return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: words }
  }
  const value = { code: 'NotNow', message: words }
  return { statusCode: 500, type: 'application/vnd.microsoft.error', value }
}

const longestWords = 1_000

/** No client has promised to show these words letter by letter, so nothing in them can become a link, a mention or an emphasis. */
function inertWords(text: string): string {
  const plain = text.replaceAll(/[[\]<>*_~`\\|#]/g, ' ').trim()
  return (plain === '' ? 'Done.' : plain).slice(0, longestWords)
}
