import { labels } from '../../src/teams/card-elements.ts'

type Plain = Readonly<Record<string, unknown>>

const known: ReadonlySet<unknown> = new Set(labels)
const verbs: ReadonlySet<unknown> = new Set(['approve', 'deny', 'changes', 'comment', 'record', 'pause', 'takeBack'])

/** The elements that a card of ours may consist of; others understand Markdown, load something, or hide something. */
const allowed: ReadonlySet<unknown> = new Set([
  'Action.Execute',
  'Action.OpenUrl',
  'ActionSet',
  'AdaptiveCard',
  'Column',
  'ColumnSet',
  'Container',
  'Input.Text',
  'RichTextBlock',
  'TextBlock',
  'TextRun',
])

/** What no element may have: it hides, it leads somewhere, or it makes clients click by themselves. */
const forbidden = [
  'maxLines',
  'isVisible',
  'selectAction',
  'refresh',
  'authentication',
  'fallback',
  'requires',
  'height',
]

const rules: Readonly<Record<string, (element: Plain) => readonly string[]>> = {
  TextBlock: ({ text, wrap }) => [
    ...(wrap === true ? [] : ['a TextBlock does not wrap']),
    ...(known.has(text) ? [] : [`a TextBlock says what is no label: ${String(text)}`]),
  ],
  'Action.Execute': ({ verb, data }) => [
    ...(verbs.has(verb) ? [] : [`an action has the verb ${String(verb)}`]),
    ...(Object.keys(data ?? {}).join() === 'handle' ? [] : ['the data hold more than a handle']),
  ],
  'Action.OpenUrl': ({ url }) => (String(url).startsWith('https://') ? [] : ['a link is not https']),
  'Input.Text': ({ id, value }) => (id === 'comment' && value === undefined ? [] : ['an input is not ours']),
  TextRun: ({ text }) => (/\{\{\s*(?:date|time)/i.test(String(text)) ? ['a client would replace a text'] : []),
}

/** What is wrong with a card by our own rules, which are stricter than the schema of Adaptive Cards. */
export function faultsOf(card: unknown): readonly string[] {
  const elements = elementsOf(card)
  const bytes = new TextEncoder().encode(JSON.stringify(card)).byteLength
  return [
    ...(bytes < 28 * 1024 ? [] : [`the card has ${bytes} bytes`]),
    ...elements.flatMap((element) => [
      ...(allowed.has(element['type']) ? [] : [`there is a ${String(element['type'])}`]),
      ...forbidden.filter((name) => name in element).map((name) => `${String(element['type'])} has ${name}`),
      ...(rules[String(element['type'])]?.(element) ?? []),
    ]),
    ...(elements.filter(({ type, mode }) => String(type).startsWith('Action.') && mode !== 'secondary').length > 6
      ? ['there are more than six buttons']
      : []),
  ]
}

/** Every object with a type, however deep. */
export function elementsOf(value: unknown): readonly Plain[] {
  if (Array.isArray(value)) return value.flatMap(elementsOf)
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(elementsOf)
  return 'type' in value ? [value, ...inner] : inner
}
