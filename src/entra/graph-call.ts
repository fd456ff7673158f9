import type { AccessToken } from '../app/access-token.ts'
import type { Http, HttpAnswer, HttpFailure } from '../app/http.ts'
import type { Cloud } from '../clouds.ts'
import { textAt } from '../domain/json.ts'
import type { Json } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'

export type GraphPorts = {
  readonly http: Http
  readonly token: AccessToken
  readonly cloud: Pick<Cloud, 'graphURL'>
}

export type GraphCall = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: object }

/**
 * Nobody could say, and why, in our own words. `againMs`: when the service wants to be asked again. `alone`: it is this
 * question that is not answered; others may be.
 */
export type GraphFailure = {
  readonly failure: string
  readonly againMs?: number | undefined
  readonly alone?: boolean
}

/** What Graph said for certain: a document, or that there is no such thing. */
export type GraphAnswer = { readonly document: Json } | 'NotFound'

/** Somebody who has clicked waits for it. */
const limits = { deadlineMs: 3_000, mostBytes: 64 * 1024 }

/** Asks once; twice where the token was refused, since it may have been taken back. */
export async function askGraph<Read>(
  ports: GraphPorts,
  call: GraphCall,
  read: (answer: GraphAnswer) => Read | GraphFailure,
): Promise<Read | GraphFailure> {
  const first = await callGraph(ports, call)
  if (!('status' in first) || first.status !== 401) return judged(first, read)
  ports.token.forget()
  return judged(await callGraph(ports, call), read)
}

async function callGraph({ http, token, cloud }: GraphPorts, call: GraphCall): Promise<HttpAnswer | GraphFailure> {
  const got = await token.get()
  if ('failure' in got) return { failure: got.why }
  const { method, path, body } = call
  const headers = {
    authorization: `Bearer ${got.token}`,
    accept: 'application/json',
    'content-type': 'application/json',
  }
  const text = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await http({ method, url: `${cloud.graphURL}${path}`, headers, ...text, ...limits })
  return 'failure' in answer ? { failure: `Microsoft Graph ${unanswered[answer.failure]}` } : answer
}

const unanswered: Readonly<Record<HttpFailure['failure'], string>> = {
  NotSent: 'cannot be reached',
  Timeout: 'does not answer in time',
  Broken: 'breaks the connection',
  TooLarge: 'answers with more than was asked',
}

function judged<Read>(
  answer: HttpAnswer | GraphFailure,
  read: (answer: GraphAnswer) => Read | GraphFailure,
): Read | GraphFailure {
  if ('failure' in answer) return answer
  const document = documentIn(answer)
  if (answer.status === 200 && document !== undefined) return read({ document })
  const code = textAt(document, 'error', 'code') ?? ''
  // Any server answers 404 for an address that it does not know; Graph says so in its own words.
  if (answer.status === 404 && code === 'Request_ResourceNotFound') return read('NotFound')
  return { failure: wordsOf(answer.status, code), againMs: retryAfterMs(answer), alone: answer.status === 400 }
}

const jsonLimits = { bytes: limits.mostBytes, depth: 8, nodes: 1_000, keys: 100, paths: limits.mostBytes }

function documentIn({ body }: HttpAnswer): Json | undefined {
  const read = readJson(body, jsonLimits)
  return 'fault' in read ? undefined : read.value
}

function wordsOf(status: number, code: string): string {
  const told = /^[A-Za-z]+(?:[._][A-Za-z]+){0,3}$/.test(code) && code.length <= 64 ? ` ${code}` : ''
  const cure =
    status === 403 ? '; the app needs User.Read.All and GroupMember.Read.All, with the consent of an administrator' : ''
  return `Microsoft Graph answers ${status}${told}${cure}`
}

/** RFC 9110 section 10.2.3, in seconds, as Graph sends it. */
function retryAfterMs({ header }: HttpAnswer): number | undefined {
  const text = header('retry-after')?.trim() ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined
}
