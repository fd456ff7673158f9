import { shown } from './card-shown.ts'

/**
 * The parts of an Adaptive Card 1.5 that a card of ours is made of. There are two kinds of text: a TextBlock understands
 * Markdown and therefore takes nothing but the labels of {@link Label}, so that no other text compiles there; a TextRun
 * shows what it is given, letter by letter. Source: https://adaptivecards.io/explorer/
 */
export type CardElement = TextBlock | RichTextBlock | ColumnSet | Container | ActionSet | InputText

export type TextBlock = {
  readonly type: 'TextBlock'
  readonly text: Label
  readonly wrap: true
  readonly weight?: 'Bolder'
  readonly isSubtle?: true
  readonly spacing?: Spacing
}

export type RichTextBlock = {
  readonly type: 'RichTextBlock'
  readonly inlines: readonly TextRun[]
  readonly spacing?: Spacing
  readonly separator?: true
}

export type TextRun = { readonly type: 'TextRun'; readonly text: string } & RunStyle

export type RunStyle = {
  readonly weight?: 'Bolder'
  readonly size?: 'Small'
  readonly fontType?: 'Monospace'
  readonly isSubtle?: true
  readonly italic?: true
}

type ColumnSet = { readonly type: 'ColumnSet'; readonly columns: readonly Column[]; readonly spacing?: Spacing }
type Column = { readonly type: 'Column'; readonly width: string; readonly items: readonly CardElement[] }
type Container = {
  readonly type: 'Container'
  readonly items: readonly CardElement[]
  readonly style?: 'emphasis'
  readonly separator?: true
  readonly spacing?: Spacing
}

type ActionSet = { readonly type: 'ActionSet'; readonly actions: readonly CardAction[] }

export type CardAction = ExecuteAction | OpenUrlAction

/** What a click says. The Bot Connector delivers no click on an action without a verb. */
export type CardVerb = 'approve' | 'deny' | 'changes' | 'comment' | 'record' | 'pause' | 'takeBack'

/** `data` comes back as the client pleases: nothing in it is believed but a handle that is verified. */
export type ExecuteAction = {
  readonly type: 'Action.Execute'
  readonly title: string
  readonly verb: CardVerb
  readonly data: { readonly handle: string }
  readonly mode?: 'secondary'
  readonly associatedInputs?: 'none'
}

type OpenUrlAction = { readonly type: 'Action.OpenUrl'; readonly title: string; readonly url: string }

/** The id by which the words of the approver come back. */
export const commentInput = 'comment'

type InputText = {
  readonly type: 'Input.Text'
  readonly id: typeof commentInput
  readonly label: CommentLabel
  readonly isMultiline: true
  readonly maxLength: number
  readonly isRequired?: true
  readonly errorMessage?: 'Please say why.'
}

type CommentLabel = 'Comment' | 'Comment (needed to deny)' | 'Comment (needed)'

type Spacing = 'None' | 'Small' | 'Medium'

/** Every text that stands in an element which understands Markdown. */
export const labels = [
  'Effect',
  'Asked because',
  'Risk because',
  'Agent says, unchecked',
  'Behind it',
  'Lately',
  'Votes',
  'Change',
  'Not everything is shown here. Open it to approve; you may deny here.',
  'Not everything is shown here, and the Countersign tab is not set up. Approve with kubectl countersign; you may deny here.',
  'This needs a sign-in, and the Countersign tab is not set up. Approve with kubectl countersign; you may deny here.',
  'This came late: no channel could take it before.',
] as const
export type Label = (typeof labels)[number]

export type Card = {
  readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json'
  readonly type: 'AdaptiveCard'
  readonly version: '1.5'
  readonly lang: 'en'
  readonly speak: string
  readonly fallbackText: string
  readonly msteams: { readonly width: 'Full' }
  readonly body: readonly CardElement[]
}

export function label(text: Label, style: Pick<TextBlock, 'weight' | 'isSubtle' | 'spacing'> = {}): TextBlock {
  return { type: 'TextBlock', text, wrap: true, ...style }
}

/** Any text, shown as it is. */
export function run(text: string, style: RunStyle = {}): TextRun {
  return { type: 'TextRun', text: shown(text), ...style }
}

export function line(
  runs: readonly TextRun[],
  style: Pick<RichTextBlock, 'spacing' | 'separator'> = {},
): RichTextBlock {
  return { type: 'RichTextBlock', inlines: runs, ...style }
}

export function box(
  items: readonly CardElement[],
  style: Pick<Container, 'style' | 'separator' | 'spacing'> = {},
): Container {
  return { type: 'Container', items, ...style }
}

/** A label and beside it what it is about; a phone wraps both. */
export function row(name: Label, texts: readonly RichTextBlock[]): ColumnSet {
  return {
    type: 'ColumnSet',
    spacing: 'Small',
    columns: [
      { type: 'Column', width: '96px', items: [label(name, { isSubtle: true })] },
      { type: 'Column', width: 'stretch', items: texts },
    ],
  }
}

export function buttons(actions: readonly CardAction[]): readonly ActionSet[] {
  return actions.length === 0 ? [] : [{ type: 'ActionSet', actions }]
}
