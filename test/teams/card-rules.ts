import { labels } from '../../src/teams/card-elements.ts'

type Plain = Readonly<Record<string, unknown>>

/** What only our own code puts into a text: where it may be broken, and in which direction it goes on. */
const alive = /(?![\u200b\u200e\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const known: ReadonlySet<unknown> = new Set(labels)
const verbs: ReadonlySet<unknown> = new Set(['approve', 'deny', 'changes', 'comment', 'record', 'pause', 'takeBack'])

/**
 * The elements that a card of ours may consist of, and the properties that the schema of Adaptive Cards 1.5 gives them; of
 * other elements, some understand Markdown, some load something, and some hide something.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'Action.Execute': ['title', 'verb', 'data', 'mode', 'associatedInputs'],
  'Action.OpenUrl': ['title', 'url', 'mode'],
  ActionSet: ['actions'],
  AdaptiveCard: ['$schema', 'version', 'lang', 'speak', 'fallbackText', 'msteams', 'body'],
  Column: ['width', 'items'],
  ColumnSet: ['columns', 'spacing'],
  Container: ['items', 'style', 'separator', 'spacing'],
  'Input.Text': ['id', 'label', 'isMultiline', 'maxLength', 'isRequired', 'errorMessage'],
  RichTextBlock: ['inlines', 'spacing', 'separator'],
  TextBlock: ['text', 'wrap', 'weight', 'isSubtle', 'spacing'],
  TextRun: ['text', 'weight', 'size', 'fontType', 'isSubtle', 'italic'],
}

/** The only values of these properties that the schema knows, of those that we use. */
const values: Readonly<Record<string, ReadonlySet<unknown>>> = {
  version: new Set(['1.5']),
  mode: new Set(['secondary']),
  associatedInputs: new Set(['none']),
  style: new Set(['emphasis']),
  spacing: new Set(['None', 'Small', 'Medium']),
  weight: new Set(['Bolder']),
  size: new Set(['Small']),
  fontType: new Set(['Monospace']),
  separator: new Set([true]),
  isSubtle: new Set([true]),
  italic: new Set([true]),
}

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
  TextRun: ({ text }) => [
    ...(/\{\{\s*(?:date|time)/i.test(String(text)) ? ['a client would replace a text'] : []),
    ...(/\p{M}{5}/u.test(String(text)) ? ['marks are heaped on a letter'] : []),
    ...(/ {2}/.test(String(text)) ? ['a client would show two blanks as one'] : []),
    ...(alive.test(String(text)) ? ['a character does something'] : []),
  ],
}

/** What is wrong with a card by our own rules, which are stricter than the schema of Adaptive Cards. */
export function faultsOf(card: unknown): readonly string[] {
  const elements = elementsOf(card)
  const bytes = new TextEncoder().encode(JSON.stringify(card)).byteLength
  return [
    ...(bytes < 28 * 1024 ? [] : [`the card has ${bytes} bytes`]),
    ...elements.flatMap((element) => [...strangers(element), ...(rules[String(element['type'])]?.(element) ?? [])]),
    ...(elements.filter(({ type, mode }) => String(type).startsWith('Action.') && mode !== 'secondary').length > 6
      ? ['there are more than six buttons']
      : []),
  ]
}

function strangers(element: Plain): readonly string[] {
  const { type, ...rest } = element
  const properties = allowed[String(type)]
  if (properties === undefined) return [`there is a ${String(type)}`]
  return Object.entries(rest).flatMap(([name, value]) => [
    ...(properties.includes(name) ? [] : [`${String(type)} has ${name}`]),
    ...(values[name]?.has(value) === false ? [`${name} is ${String(value)}`] : []),
  ])
}

/** Every object with a type, however deep. */
export function elementsOf(value: unknown): readonly Plain[] {
  if (Array.isArray(value)) return value.flatMap(elementsOf)
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(elementsOf)
  return 'type' in value ? [value, ...inner] : inner
}
