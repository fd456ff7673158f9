import type { Login } from './login.ts'
import type { BotActivity, Messages } from './messages.ts'

/** How the Bot Connector goes wrong: it never answers, or answers this. */
export type Fault = 'Hang' | { readonly status: number; readonly retryAfter?: number }

/** What came, as it came. */
export type Asked = {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

export type Answered = {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export type FrontPorts = {
  /** Address of the Playground, whose connector takes a token for nothing. */
  readonly playgroundURL: () => string
  readonly login: Pick<Login, 'holds'>
  readonly messages: Messages
}

/**
 * Stands before the Playground's connector: looks at the token, hands the call on without it, and keeps what was posted.
 * Rejects when the Playground gives no answer.
 */
export async function front({ playgroundURL, login, messages }: FrontPorts, asked: Asked): Promise<Answered> {
  if (!login.holds(asked.authorization))
    return { status: 401, body: JSON.stringify({ error: { code: 'Unauthorized' } }) }
  const { method, path, body } = asked
  const headers = { 'content-type': 'application/json' }
  const sent = body === '' ? {} : { body }
  const answer = await fetch(`${playgroundURL()}${path}`, { method, headers, ...sent })
  const text = await answer.text()
  if (answer.ok && method !== 'GET') keep(messages, asked, text)
  return { status: answer.status, body: text }
}

type Placed = { readonly id?: string; readonly activityId?: string }

const conversationPath = /\/v3\/conversations\/(?<conversation>[^/]+)\/activities(?:\/(?<message>[^/?]+))?/

function keep(messages: Messages, { path, body }: Asked, text: string): void {
  const placed: Placed = text === '' ? {} : JSON.parse(text)
  const { conversation, message } = conversationPath.exec(path)?.groups ?? {}
  if (conversation === undefined) return keepThread(messages, placed, JSON.parse(body))
  const conversationID = decodeURIComponent(conversation)
  const messageID = message === undefined ? placed.id : decodeURIComponent(message)
  messages.put({ conversationID, messageID: messageID ?? '' }, JSON.parse(body))
}

function keepThread(messages: Messages, { id, activityId }: Placed, asked: { readonly activity: BotActivity }): void {
  messages.put({ conversationID: id ?? '', messageID: activityId ?? '' }, asked.activity)
}
