import type { AccessToken } from '../app/access-token.ts'
import { notDelivered } from '../app/deliver-ports.ts'
import type { NotDelivered } from '../app/deliver-ports.ts'
import type { Http, HttpAnswer, HttpFailure, HttpRequest } from '../app/http.ts'
import type { Cloud } from '../clouds.ts'
import type { Instant } from '../domain/instant.ts'
import type { Json } from '../domain/json.ts'
import { bodyOf, failureOf } from './connector-answer.ts'
import type { Pace } from './connector-pace.ts'
import { allowedServiceURL } from './service-url.ts'

export type ConnectorPorts = {
  readonly http: Http
  readonly token: AccessToken
  readonly cloud: Pick<Cloud, 'serviceHosts'>
  readonly pace: Pace
  readonly now: () => Instant
  /** For one call. */
  readonly deadlineMs: number
  /** Aborted, no call is made any more, and no answer is waited for. */
  readonly signal?: AbortSignal
}

/** One call of the Connector's API. */
export type Call = {
  readonly method: HttpRequest['method']
  readonly path: string
  readonly body?: object
  /** The thread in whose limit it counts. */
  readonly pacedBy: string
}

/** `body`: undefined when it is no JSON. */
type Answered = { readonly outcome: 'Answered'; readonly body: Json | undefined }

/** Makes a call, with a token, if its host is on the list and the pace lets it. Never rejects for what a service does. */
export async function send(ports: ConnectorPorts, serviceURL: string, call: Call): Promise<Answered | NotDelivered> {
  const base = allowedServiceURL(ports.cloud, serviceURL)
  if (base === undefined) return notDelivered('ServiceUrlNotAllowed', 'the host of its service is not on the list')
  if (ports.signal?.aborted === true) return givenUp
  const againMs = ports.pace.take(call.pacedBy)
  if (againMs > 0) return { ...notDelivered('Paced', 'many messages go there just now'), againMs }
  const answer = await exchange(ports, base, call)
  if ('outcome' in answer) return answer
  const failure = failureOf(answer, ports.now())
  return failure ?? { outcome: 'Answered', body: 'status' in answer ? bodyOf(answer) : undefined }
}

/** It was not sent, and says nothing of the service. */
const givenUp = notDelivered('Paced', 'it is not waited for any more')

async function exchange(ports: ConnectorPorts, base: string, call: Call): Promise<Answer> {
  const first = await withToken(ports, base, call)
  if (isRefused(first)) ports.token.forget()
  return isRefused(first) || isUnsent(first) ? withToken(ports, base, call) : first
}

type Answer = HttpAnswer | HttpFailure | NotDelivered

/** A token may be taken back before its time: one more try with a new one. */
function isRefused(answer: Answer): boolean {
  return 'status' in answer && answer.status === 401
}

/** What was certainly not sent can do no harm when it is sent again. */
function isUnsent(answer: Answer): boolean {
  return 'failure' in answer && answer.failure === 'NotSent'
}

const mostBytes = 1024 * 1024

async function withToken(
  { http, token, deadlineMs, signal }: ConnectorPorts,
  base: string,
  { method, path, body }: Call,
): Promise<Answer> {
  const got = await unlessAborted(token.get(), signal)
  if (got === undefined) return givenUp
  if ('failure' in got) {
    return notDelivered(got.failure === 'Refused' ? 'CredentialsRefused' : 'LoginUnreachable', got.why)
  }
  const headers = {
    authorization: `Bearer ${got.token}`,
    'content-type': 'application/json',
    accept: 'application/json',
  }
  const text = body === undefined ? {} : { body: JSON.stringify(body) }
  return http({ method, url: `${base}${path}`, headers, ...text, deadlineMs, mostBytes, signal })
}

/** Undefined when the signal is aborted first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return promise
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>()
  const end = (): void => resolve(undefined)
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', end))
}
