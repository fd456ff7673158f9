import { notDelivered } from '../app/deliver-ports.ts'
import type { NotDelivered } from '../app/deliver-ports.ts'
import type { HttpAnswer, HttpFailure } from '../app/http.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import { textAt } from '../domain/json.ts'
import type { Json } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'

type Failure = NotDelivered['failure']

/**
 * What the Bot Connector means by its error codes. Source: "Status codes from bot conversational APIs" in the
 * documentation of Teams. A ConversationNotFound comes now and then for conversations that are there. A 404 without a code
 * is not the Connector's: somebody on the way does not know it.
 */
const byCode: Readonly<Record<string, Failure>> = {
  ActivityNotFoundInConversation: 'Gone',
  BotDisabledByAdmin: 'BotBlocked',
  BotNotInConversationRoster: 'NotInstalled',
  BotNotRegistered: 'BotUnknown',
  ConversationBlockedByUser: 'BotBlocked',
  ConversationNotFound: 'NotInstalled',
  ForbiddenOperationException: 'NotInstalled',
  InvalidBotApiHost: 'WrongCloud',
  MessageSizeTooBig: 'TooLarge',
  MessageWritesBlocked: 'BotBlocked',
}

const byStatus: Readonly<Record<number, Failure>> = {
  401: 'CredentialsRefused',
  403: 'NotInstalled',
  404: 'ServiceUnavailable',
  408: 'ServiceUnavailable',
  412: 'Throttled',
  413: 'TooLarge',
  429: 'Throttled',
}

/** Why it was not delivered; undefined for an answer that says that it was. */
export function failureOf(answer: HttpAnswer | HttpFailure, now: Instant): NotDelivered | undefined {
  if ('failure' in answer) {
    const inDoubt = answer.failure !== 'NotSent'
    return { ...notDelivered('ServiceUnavailable', unanswered[answer.failure]), inDoubt }
  }
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  const body = bodyOf(answer)
  const codes = [
    textAt(body, 'error', 'innerHttpError', 'code'),
    textAt(body, 'error', 'subCode'),
    textAt(body, 'error', 'code'),
  ]
  const code = codes.find((one) => one !== undefined && Object.hasOwn(byCode, one))
  const failure = (code === undefined ? undefined : byCode[code]) ?? byStatus[status] ?? otherwise(status)
  const why = `it answers ${status}${code === undefined ? '' : ` ${code}`}`
  return { ...notDelivered(failure, why), againMs: retryAfterMs(answer, now), inDoubt: onTheWay.has(status) }
}

/** A gateway has lost the answer (RFC 9110 sections 15.6.3 and 15.6.5). */
const onTheWay: ReadonlySet<number> = new Set([502, 504])

const unanswered: Readonly<Record<HttpFailure['failure'], string>> = {
  NotSent: 'no connection could be made',
  Timeout: 'there was no answer in time',
  Broken: 'the connection broke before the answer',
  TooLarge: 'the answer was longer than any that is expected',
}

/** Redirects are no answers: the token is for the host that was asked. */
function otherwise(status: number): Failure {
  return status >= 500 || status < 400 ? 'ServiceUnavailable' : 'Rejected'
}

const limits = { bytes: 1024 * 1024, depth: 16, nodes: 50_000, keys: 1_000, paths: 4 * 1024 * 1024 }

/** The answer's JSON; undefined for anything else. */
export function bodyOf({ body }: HttpAnswer): Json | undefined {
  const read = readJson(body, limits)
  return 'fault' in read ? undefined : read.value
}

/** Nobody waits longer than that for a service that has asked for more. */
const longestMs = 10 * 60_000

/** RFC 9110 section 10.2.3: seconds, or a date. */
function retryAfterMs({ header }: HttpAnswer, now: Instant): number | undefined {
  const text = header('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Math.min(longestMs, Number(text) * 1000)
  const time = httpDate(text)
  return time === undefined ? undefined : Math.min(longestMs, Math.max(0, time - now))
}

function httpDate(text: string): Instant | undefined {
  const time = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? parseInstant(text) : time
}
