import { at, isList, textAt } from '../domain/json.ts'
import type { Json } from '../domain/json.ts'
import { idAt } from './activity-fields.ts'

/** What an activity says that happened. */
export type ActivityEvent =
  | { readonly kind: 'Message'; readonly text: string }
  | CardClick
  /** The bot was put into the conversation, or taken out of it. */
  | { readonly kind: 'Installed' | 'Removed' }

/** A button of a card was pressed. */
export type CardClick = {
  readonly kind: 'CardClick'
  /** Which button. */
  readonly verb: string
  /** From the card's data, of which nothing else is taken: it names the request, if it is one of ours. */
  readonly handle: string
  /** What the person typed, whole; empty when nothing. Longer than a vote takes it is to be refused, never cut. */
  readonly comment: string
  /** False when Teams itself asked for a newer card: that is nobody's decision. */
  readonly byHand: boolean
}

/** Names of a card's data. Inputs are merged into them under their own ids. */
const cardData = { handle: 'handle', comment: 'comment' } as const

/** The one invoke that concerns us. */
export const cardInvoke = 'adaptiveCard/action'

/** Longer texts are cut: a message is only looked at for a few known words. */
const mostText = 2_000
/** Of a comment, with which the person is told that it is too long. */
const mostComment = 8_000

const readers: Readonly<Record<string, (activity: Json) => ActivityEvent | undefined>> = {
  message: (activity) => ({ kind: 'Message', text: (textAt(activity, 'text') ?? '').slice(0, mostText) }),
  invoke: readClick,
  installationUpdate: readInstallation,
  conversationUpdate: readMembership,
}

/** Undefined when nothing happened that concerns us, or when it is not said as Teams says it. */
export function readEvent(activity: Json, type: string): ActivityEvent | undefined {
  return Object.hasOwn(readers, type) ? readers[type]?.(activity) : undefined
}

function readClick(activity: Json): CardClick | undefined {
  const action = at(activity, 'value', 'action')
  if (textAt(activity, 'name') !== cardInvoke || textAt(action, 'type') !== 'Action.Execute') return undefined
  const verb = idAt(action, 'verb')
  const data = readData(at(action, 'data'))
  const trigger = at(activity, 'value', 'trigger')
  const byHand = trigger === undefined || trigger === 'manual'
  return verb === undefined || data === undefined ? undefined : { kind: 'CardClick', verb, ...data, byHand }
}

function readData(data: Json | undefined): Pick<CardClick, 'handle' | 'comment'> | undefined {
  const handle = idAt(data, cardData.handle)
  const comment = textAt(data, cardData.comment) ?? ''
  return handle === undefined || comment.length > mostComment ? undefined : { handle, comment }
}

/** `add-upgrade` and `remove-upgrade` come when a new version of the app takes the place of the old one. */
function readInstallation(activity: Json): ActivityEvent | undefined {
  const action = textAt(activity, 'action')
  if (action === 'add' || action === 'add-upgrade') return { kind: 'Installed' }
  return action === 'remove' ? { kind: 'Removed' } : undefined
}

/** Who else comes and goes is nothing to us. */
function readMembership(activity: Json): ActivityEvent | undefined {
  const bot = idAt(activity, 'recipient', 'id')
  const has = (list: string): boolean => {
    const members = at(activity, list)
    return bot !== undefined && isList(members) && members.some((member) => textAt(member, 'id') === bot)
  }
  if (has('membersAdded')) return { kind: 'Installed' }
  return has('membersRemoved') ? { kind: 'Removed' } : undefined
}
