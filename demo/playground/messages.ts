/** A message of the bot, as far as it is looked at here: an activity of the Bot Framework. */
export type BotActivity = {
  readonly text?: string
  readonly entities?: readonly { readonly mentioned?: { readonly id: string } }[]
  readonly attachments?: readonly { readonly content?: CardNode }[]
}

/** Any element of an Adaptive Card. */
export type CardNode = {
  readonly type?: string
  readonly text?: string
  readonly title?: string
  readonly verb?: string
  readonly mode?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly inlines?: readonly CardNode[]
  readonly body?: readonly CardNode[]
  readonly items?: readonly CardNode[]
  readonly columns?: readonly CardNode[]
  readonly actions?: readonly CardNode[]
}

/** A message that was posted, with everything that it has shown. */
export type PostedMessage = {
  /** In a channel the thread that it began, or in which it is a reply. */
  readonly conversationID: string
  readonly messageID: string
  /** As posted, and after each update; never empty. */
  readonly versions: readonly BotActivity[]
}

/** What the bot has posted, by conversation and message. */
export type Messages = {
  readonly all: () => readonly PostedMessage[]
  /** A new message, or a new version of one that is there. */
  readonly put: (place: Pick<PostedMessage, 'conversationID' | 'messageID'>, activity: BotActivity) => void
}

export function makeMessages(): Messages {
  const messages = new Map<string, PostedMessage>()
  return {
    all: () => [...messages.values()],
    put: ({ conversationID, messageID }, activity) => {
      const key = JSON.stringify([conversationID, messageID])
      const versions = [...(messages.get(key)?.versions ?? []), activity]
      messages.set(key, { conversationID, messageID, versions })
    },
  }
}

/** Every word of the card, a line for each of its texts, without the marks that only say where a line may break. */
export function textOf(activity: BotActivity): string {
  return nodesOf(activity)
    .flatMap(({ type, text = '', inlines = [] }) => {
      if (type === 'TextBlock') return [text]
      return type === 'RichTextBlock' ? [inlines.map((run) => run.text ?? '').join('')] : []
    })
    .join('\n')
    .replaceAll(/[\u200b\u200e]/g, '')
    .replaceAll('\u00a0', ' ')
}

/** The buttons, in order. */
export function actionsOf(activity: BotActivity): readonly CardNode[] {
  return nodesOf(activity).filter(({ type = '' }) => type.startsWith('Action.'))
}

function nodesOf({ attachments = [] }: BotActivity): readonly CardNode[] {
  return attachments.flatMap(({ content }) => (content === undefined ? [] : within(content)))
}

function within(node: CardNode): readonly CardNode[] {
  const { body = [], items = [], columns = [], actions = [] } = node
  return [node, ...[...body, ...columns, ...items, ...actions].flatMap(within)]
}
