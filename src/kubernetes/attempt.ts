import type { Dispatcher } from 'undici'
import { ApiError } from './api-error.ts'
import type { NoAnswer } from './api-error.ts'
import { parseStatus } from './api-status.ts'
import { exchange } from './exchange.ts'
import type { Answered } from './exchange.ts'
import type { Life } from './life.ts'
import type { Call, Connection, Reply } from './transport.ts'

/** What every call of a transport shares. */
export type Line = {
  /** The path under which the API server lives, without a slash at its end; mostly empty. */
  readonly prefix: string
  readonly userAgent: string
  readonly token: Connection['token']
}

/** A line with a connection on it. */
type OpenLine = Line & { readonly client: Dispatcher }

const mostErrorBytes = 256 * 1024

/**
 * Sends a call once, and once more with a new token when the answer is 401 (the server has not looked at the call
 * then). Resolves on a 2xx with its body still to come; rejects with ApiError.
 */
export async function open(line: OpenLine, call: Call, life: Life): Promise<Answered> {
  const token = await tokenFor(line, call, { life, rejected: undefined })
  const answered = await send(line, call, { life, token })
  if (answered.status !== 401 || token === undefined) return succeeded(answered, call)
  await readAll(answered, mostErrorBytes).catch(() => 'TooLarge')
  const renewed = await tokenFor(line, call, { life, rejected: token })
  return succeeded(await send(line, call, { life, token: renewed }), call)
}

/** The whole answer as text. Rejects with ApiError. */
export async function readReply(
  answered: Answered,
  call: Call,
  read: { life: Life; mostBytes: number },
): Promise<Reply> {
  const bytes = await readAll(answered, read.mostBytes).catch((error: unknown) => {
    throw unanswered(call, { life: read.life, sent: true, error })
  })
  if (bytes === 'TooLarge') throw noReply(call, 'ReplyTooLarge')
  return { status: answered.status, text: decode(bytes, call), date: dateOf(answered.headers['date']) }
}

/** An ApiError for a call that has got no answer, or only the beginning of one. */
export function unanswered(call: Call, why: { life: Life; sent: boolean; error: unknown }): ApiError {
  const ending = why.life.ending()
  const reason: NoAnswer = ending === undefined || ending === 'Over' ? 'Connection' : ending
  return new ApiError({
    asked: asked(call),
    status: 0,
    reason,
    outcomeUnknown: why.sent && call.method !== 'GET',
    cause: ending === undefined ? withoutExtras(why.error) : undefined,
  })
}

async function tokenFor(
  line: Line,
  call: Call,
  ask: { life: Life; rejected: string | undefined },
): Promise<string | undefined> {
  const { life, rejected } = ask
  const ended = new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(unanswered(call, { life, sent: false, error: undefined }))
    if (life.signal.aborted) stop()
    else life.signal.addEventListener('abort', stop, { once: true })
  })
  const token = (async () => line.token(rejected))().catch((error: unknown) => {
    throw new ApiError({ asked: asked(call), status: 0, reason: 'TokenUnavailable', cause: withoutExtras(error) })
  })
  return Promise.race([token, ended])
}

async function send(line: OpenLine, call: Call, how: { life: Life; token: string | undefined }): Promise<Answered> {
  const outcome = await exchange(line.client, requestOf(line, call, how.token), how.life.signal)
  if (outcome.kind === 'Answered') return outcome
  throw unanswered(call, { life: how.life, sent: outcome.sent, error: outcome.error })
}

function requestOf(line: Line, call: Call, token: string | undefined): Dispatcher.DispatchOptions {
  const body = call.body ?? null
  return {
    method: call.method,
    path: line.prefix + pathAndQuery(call),
    headers: {
      accept: call.accept ?? 'application/json',
      'user-agent': line.userAgent,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === null ? {} : { 'content-type': call.contentType ?? 'application/json' }),
    },
    body,
    idempotent: false,
  }
}

function pathAndQuery(call: Call): string {
  if (!/^\/[^?#]*$/.test(call.path)) throw new TypeError(`a path starts with / and has no query: ${call.path}`)
  const query = new URLSearchParams()
  for (const [key, values] of Object.entries(call.query ?? {})) {
    for (const value of [values].flat()) query.append(key, value)
  }
  return query.size > 0 ? `${call.path}?${query.toString()}` : call.path
}

async function succeeded(answered: Answered, call: Call): Promise<Answered> {
  const { status } = answered
  if (status >= 200 && status < 300) return answered
  const bytes = await readAll(answered, mostErrorBytes).catch(() => 'TooLarge' as const)
  const said = parseStatus(bytes === 'TooLarge' ? '' : Buffer.from(bytes).toString())
  throw new ApiError({
    asked: asked(call),
    status,
    reason: said.reason ?? `Http${status}`,
    words: said.words,
    retryAfterSeconds: secondsOf(answered.headers['retry-after']) ?? said.retryAfterSeconds,
    details: said.details,
    outcomeUnknown: status >= 500 && call.method !== 'GET',
  })
}

async function readAll(answered: Answered, mostBytes: number): Promise<Uint8Array | 'TooLarge'> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answered.body) {
    size += chunk.byteLength
    if (size > mostBytes) return 'TooLarge'
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function decode(bytes: Uint8Array, call: Call): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw noReply(call, 'UnreadableReply')
  }
}

function noReply(call: Call, reason: NoAnswer): ApiError {
  return new ApiError({ asked: asked(call), status: 0, reason, outcomeUnknown: call.method !== 'GET' })
}

function asked(call: Call): string {
  return `${call.method} ${call.path.slice(0, 300)}`
}

/** Errors of Node and undici hang sockets and certificates on themselves; a log needs neither. */
function withoutExtras(error: unknown): Error {
  const [code, message] = ['code', 'message'].map((key) => textAt(error, key).slice(0, 200))
  return new Error([code, message].filter((text) => text !== '').join(': '))
}

function textAt(value: unknown, key: string): string {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  return typeof text === 'string' ? text : ''
}

function secondsOf(header: string | readonly string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) : undefined
}

function dateOf(header: string | readonly string[] | undefined): number | undefined {
  const time = typeof header === 'string' ? Date.parse(header) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
