import type { Card, CardElement, CardVerb } from './card-elements.ts'
import { line, run } from './card-elements.ts'
import { mostBytes } from './card-size.ts'
import { sizeOf } from './card.ts'

/** The verbs of a card's buttons. */
export function verbsOf({ body }: Card): ReadonlySet<CardVerb> {
  const actions = body.flatMap((element) => (element.type === 'ActionSet' ? element.actions : []))
  return new Set(actions.flatMap((action) => (action.type === 'Action.Execute' ? [action.verb] : [])))
}

/** The card for reading: words of ours on top, and nothing to press or fill in. */
export function withoutButtons(card: Card, words: string): Card {
  const rest = card.body.filter(({ type }) => type !== 'ActionSet' && type !== 'Input.Text')
  return { ...card, body: [line([run(words, { weight: 'Bolder' })]), ...rest] }
}

/**
 * The card with as many lines of the record below it as there is room for, and where the rest is to be seen. Its buttons
 * stay as they are: to have looked at more is no reason for another button, since a client may show less.
 */
export function withRecord(card: Card, name: string, { lines, totalLines, missing }: RecordLines): Card {
  const drawn = (shown: number): Card => ({
    ...card,
    body: [...card.body, ...recordOf(lines.slice(0, shown), endWords({ name, shown, totalLines, missing }))],
  })
  return drawn(mostThat((shown) => sizeOf(drawn(shown)) < mostBytes, lines.length))
}

export type RecordLines = {
  readonly lines: readonly string[]
  readonly totalLines: number
  readonly missing?: string | undefined
}

type End = Pick<RecordLines, 'totalLines' | 'missing'> & { readonly name: string; readonly shown: number }

function recordOf(lines: readonly string[], end: string): readonly CardElement[] {
  const text = lines.length === 0 ? [] : [line([run(lines.join('\n'), { fontType: 'Monospace', size: 'Small' })])]
  return [line([run('Full record', { weight: 'Bolder' })], { separator: true }), ...text, line([run(end)])]
}

function endWords({ name, shown, totalLines, missing }: End): string {
  if (totalLines === 0) return 'There is nothing more to show.'
  const all = shown >= totalLines && missing === undefined
  if (all) return `All ${totalLines} lines are shown.`
  const why = missing === undefined ? '' : ` (${missing})`
  return `${shown} of ${totalLines} lines are shown here${why}. All of it: kubectl countersign show ${name}`
}

/** The greatest number up to `most` that fits, when every smaller one fits as well; 0 when none does. */
function mostThat(fits: (count: number) => boolean, most: number): number {
  if (fits(most)) return most
  let [low, high] = [0, most]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}
