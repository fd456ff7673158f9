import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Http, HttpAnswer, HttpFailure } from '../../src/app/http.ts'
import { at, isList, isObject, textAt } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'
import type { Timers } from '../../src/kubernetes/timers.ts'

/**
 * How a call goes wrong. `carriedOut`: the service has done it nevertheless. `Hang`: no answer ever comes. `Drop`: the
 * connection breaks. `Refused`: there is no connection at all. `Twice`: it is answered twice, which is one too many.
 */
export type ConnectorFault =
  | {
      readonly do: 'Answer'
      readonly status: number
      readonly code?: string
      readonly retryAfter?: string
      readonly carriedOut?: boolean
    }
  | { readonly do: 'Hang' | 'Drop'; readonly carriedOut?: boolean }
  | { readonly do: 'Refused' | 'Twice' }

/** A call as it came in. */
type ConnectorCall = {
  readonly method: string
  readonly path: string
  readonly body: Json | undefined
  readonly token: string
}

/** One message as people in the conversation see it now. */
export type SeenMessage = {
  readonly id: string
  /** The channel or chat, without a thread. */
  readonly conversation: string
  /** Of the message whose thread it is in; its own for one that begins a thread. */
  readonly thread: string
  /** What it shows: the texts of its card, each on a line. */
  shown: string
  /** Titles of its buttons. */
  buttons: readonly string[]
  /** Ids of those who were mentioned when it was posted. */
  readonly rung: readonly string[]
  /** The handle in its buttons. */
  handle: string | undefined
  readonly activity: Json
}

export type BotConnector = {
  /** Calls it in this process, by the fake clock. */
  readonly http: Http
  readonly calls: ConnectorCall[]
  /** Everything that stands in a conversation, oldest first. */
  readonly seen: (conversation?: string) => readonly SeenMessage[]
  /** Somebody deletes a message. */
  readonly remove: (id: string) => void
  /** Tokens that are taken; `good` is one. */
  readonly tokens: Set<string>
  /** Asked for every call: how it goes wrong, if it does. */
  fault: (call: ConnectorCall) => ConnectorFault | undefined
  readonly handle: (call: ConnectorCall) => Handled
  /** Members of every conversation: `29:` id and object id. */
  members: readonly { readonly id: string; readonly aadObjectId?: string; readonly name: string }[]
}

/** What becomes of one call. */
type Handled = Reply | HttpFailure | 'Hang' | 'Drop'

type Reply = { readonly status: number; readonly body: unknown; readonly retryAfter?: string }

const root = '/teams'

/** An id is never given twice, whatever was deleted. */
type Board = SeenMessage[] & { next: number }

/** The Bot Connector, as far as a bot that posts cards needs it. Messages are numbered over all conversations. */
export function makeBotConnector({ sleep }: Pick<Timers, 'sleep'>): BotConnector {
  const messages: Board = Object.assign([], { next: 1_795_000_000_000 })
  const calls: ConnectorCall[] = []
  const made: BotConnector = {
    calls,
    tokens: new Set(['good']),
    fault: () => undefined,
    members: [],
    seen: (conversation) => messages.filter((one) => conversation === undefined || one.conversation === conversation),
    remove: (id) => void messages.splice(0, Infinity, ...messages.filter((one) => one.id !== id)),
    handle: (call) => answer(made, call, messages),
    http: async ({ method, url, headers, body, deadlineMs, signal }) => {
      if (isCut(signal)) return { failure: 'NotSent' }
      const { pathname, search } = new URL(url)
      const token = (headers['authorization'] ?? '').replace('Bearer ', '')
      const call = {
        method,
        path: `${pathname}${search}`,
        token,
        body: body === undefined ? undefined : JSON.parse(body),
      }
      const result = made.handle(call)
      if (result !== 'Hang') return result === 'Drop' ? { failure: 'Broken' } : asAnswer(result)
      await sleep(deadlineMs, signal)
      return { failure: isCut(signal) ? 'Broken' : 'Timeout' }
    },
  }
  return made
}

function isCut(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** What becomes of a call; the faults are looked up here, for the way in this process and over the network alike. */
function answer(connector: BotConnector, call: ConnectorCall, messages: Board): Handled {
  connector.calls.push(call)
  const fault = connector.fault(call)
  if (fault === undefined || fault.do === 'Twice') return carryOut(connector, call, messages)
  if (fault.do === 'Refused') return { failure: 'NotSent' }
  if ('carriedOut' in fault && fault.carriedOut) carryOut(connector, call, messages)
  if (fault.do !== 'Answer') return fault.do
  const { status, code, retryAfter } = fault
  const body = code === undefined ? undefined : { error: { code, message: 'as told' } }
  return { status, body, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

function carryOut(connector: BotConnector, call: ConnectorCall, messages: Board): Reply {
  if (!connector.tokens.has(call.token)) return refuse(401, 'Unauthorized')
  if (!call.path.startsWith(`${root}/v3/conversations`)) return refuse(404, 'NotFound')
  const [conversation = '', kind, id] = call.path
    .slice(`${root}/v3/conversations`.length + 1)
    .replace(/\?.*/, '')
    .split('/')
    .map(decodeURIComponent)
  if (conversation === '') return begin(call, messages)
  if (kind === 'pagedmembers') return { status: 200, body: pageOf(connector, call.path) }
  if (call.method === 'POST') {
    const posted = put(messages, call.body ?? null, conversation)
    return { status: 201, body: { id: posted.id } }
  }
  const found = messages.find((one) => one.id === id && one.conversation === withoutThread(conversation))
  if (found === undefined) return refuse(404, 'ActivityNotFoundInConversation')
  Object.assign(found, looksOf(call.body ?? null))
  return { status: 200, body: { id } }
}

/** Two on a page, so that there are several. */
function pageOf({ members }: BotConnector, path: string): object {
  const from = Number(new URLSearchParams(path.split('?')[1]).get('continuationToken') ?? '0')
  const continuationToken = from + 2 < members.length ? String(from + 2) : undefined
  return { members: members.slice(from, from + 2), continuationToken }
}

function begin({ body }: ConnectorCall, messages: Board): Reply {
  const channel = textAt(body, 'channelData', 'channel', 'id') ?? ''
  const isWhole = at(body, 'isGroup') === true && textAt(body, 'bot', 'id') !== undefined
  if (channel === '' || !isWhole) return refuse(400, 'Bad Argument')
  const posted = put(messages, at(body, 'activity') ?? null, channel)
  return { status: 201, body: { id: `${channel};messageid=${posted.id}`, activityId: posted.id } }
}

function put(messages: Board, activity: Json, conversation: string): SeenMessage {
  const id = String(messages.next)
  messages.next += 1
  const [, thread = id] = conversation.split(';messageid=')
  const rung = listAt(activity, 'entities').map((one) => textAt(one, 'mentioned', 'id') ?? '')
  const seen = { id, conversation: withoutThread(conversation), thread, rung, activity, ...looksOf(activity) }
  messages.push(seen)
  return seen
}

/** What a person sees of a message. */
export function looksOf(activity: Json): Pick<SeenMessage, 'shown' | 'buttons' | 'handle'> {
  const content = at(listAt(activity, 'attachments')[0], 'content')
  const texts: string[] = []
  const buttons: string[] = []
  let handle: string | undefined
  const walk = (node: Json | undefined): void => {
    if (isList(node)) return node.forEach(walk)
    if (!isObject(node)) return
    const type = textAt(node, 'type') ?? ''
    if (type === 'RichTextBlock')
      texts.push(
        listAt(node, 'inlines')
          .map((run) => textAt(run, 'text'))
          .join(''),
      )
    if (type === 'TextBlock') texts.push(textAt(node, 'text') ?? '')
    if (type.startsWith('Action.')) {
      buttons.push(textAt(node, 'title') ?? '')
      handle ??= textAt(node, 'data', 'handle')
    }
    for (const value of Object.values(node)) walk(value)
  }
  walk(at(content, 'body'))
  const shown = content === undefined ? (textAt(activity, 'text') ?? '') : texts.join('\n')
  return { shown, buttons, handle }
}

function listAt(value: Json | undefined, key: string): readonly Json[] {
  const found = at(value, key)
  return isList(found) ? found : []
}

function withoutThread(conversation: string): string {
  return conversation.split(';messageid=')[0] ?? ''
}

function refuse(status: number, code: string): Reply {
  return { status, body: { error: { code, message: 'no' } } }
}

function asAnswer(result: Reply | HttpFailure): HttpAnswer | HttpFailure {
  if ('failure' in result) return result
  const body = result.body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(result.body))
  const header = (name: string): string | undefined =>
    name.toLowerCase() === 'retry-after' ? result.retryAfter : undefined
  return { status: result.status, header, body }
}

/** The same over a real socket. `url`: its service URL; `host`: for the list of those that are allowed. */
export type RunningConnector = BotConnector & {
  readonly url: string
  readonly host: string
  readonly stop: () => Promise<void>
}

export async function startBotConnector(): Promise<RunningConnector> {
  const made = makeBotConnector({ sleep: () => Promise.resolve() })
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => void serve(made, incoming, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  const { port } = server.address() as AddressInfo
  return Object.assign(made, {
    url: `http://127.0.0.1:${port}${root}/`,
    host: `127.0.0.1:${port}`,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  })
}

async function serve(made: BotConnector, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  const token = (incoming.headers.authorization ?? '').replace('Bearer ', '')
  const { method = '', url = '' } = incoming
  const call = { method, path: url, token, body: text === '' ? undefined : JSON.parse(text) }
  const isTwice = made.fault(call)?.do === 'Twice'
  const result = made.handle(call)
  if (result === 'Hang') return
  if (result === 'Drop' || 'failure' in result) return void incoming.socket.destroy()
  const body = result.body === undefined ? '' : JSON.stringify(result.body)
  if (isTwice) return void incoming.socket.end(raw(result.status, body).repeat(2))
  response.writeHead(result.status, result.retryAfter === undefined ? {} : { 'retry-after': result.retryAfter })
  response.end(body)
}

function raw(status: number, body: string): string {
  return `HTTP/1.1 ${status} Told\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
