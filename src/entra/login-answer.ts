import type { HttpAnswer, HttpFailure } from '../app/http.ts'
import { at, isList, textAt } from '../domain/json.ts'
import type { Json } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'

/** Why there is no token; `why` has no text of the login's own, which could cite a secret. */
export type LoginFailure = { readonly failure: 'Unreachable' | 'Refused'; readonly why: string }

/** What the login answers. `lifeMs`: from when it was asked. */
export function readLogin(
  answer: HttpAnswer | HttpFailure,
): { readonly token: string; readonly lifeMs: number } | LoginFailure {
  if ('failure' in answer) return { failure: 'Unreachable', why: `the login ${unanswered[answer.failure]}` }
  const read = readJson(answer.body, limits)
  const document = 'fault' in read ? undefined : read.value
  if (answer.status !== 200) return refusalIn(answer.status, document)
  return tokenIn(document) ?? { failure: 'Unreachable', why: 'the login answers with something else than a token' }
}

function tokenIn(document: Json | undefined): { readonly token: string; readonly lifeMs: number } | undefined {
  const token = textAt(document, 'access_token') ?? ''
  const seconds = secondsIn(at(document, 'expires_in'))
  const isBearer = textAt(document, 'token_type')?.toLowerCase() === 'bearer'
  return isBearer && visible.test(token) && seconds !== undefined ? { token, lifeMs: seconds * 1000 } : undefined
}

const limits = { bytes: 64 * 1024, depth: 8, nodes: 1_000, keys: 100, paths: 64 * 1024 }
const visible = /^[\x21-\x7e]{1,16384}$/

/** Some logins write the number as a text. */
function secondsIn(value: Json | undefined): number | undefined {
  const seconds = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof seconds === 'number' && seconds >= 0 ? seconds : undefined
}

const unanswered: Readonly<Record<HttpFailure['failure'], string>> = {
  NotSent: 'cannot be reached',
  Timeout: 'does not answer in time',
  Broken: 'breaks the connection',
  TooLarge: 'answers with more than a token',
}

/** Errors of OAuth (RFC 6749 section 5.2) that say nothing against the app. */
const passing = new Set(['server_error', 'temporarily_unavailable'])

/** An answer that is no error of OAuth is not the login's: a proxy, or another address. */
function refusalIn(status: number, document: Json | undefined): LoginFailure {
  const error = /^[a-z_]{1,64}$/.exec(textAt(document, 'error') ?? '')?.[0]
  if (error === undefined) return { failure: 'Unreachable', why: `the login answers ${status}` }
  const isPassing = passing.has(error) || status === 429 || status >= 500
  if (isPassing) return { failure: 'Unreachable', why: `the login answers ${status} ${error}` }
  return { failure: 'Refused', why: meaningOf(error, numberIn(document)) }
}

function meaningOf(error: string, number: number | undefined): string {
  if (number === undefined) return `the login says ${error}`
  return `${meanings[number] ?? 'the login refuses the app'} (${error}, AADSTS${number})`
}

function numberIn(document: Json | undefined): number | undefined {
  const codes = at(document, 'error_codes')
  const listed = isList(codes) ? codes[0] : undefined
  if (typeof listed === 'number' && Number.isSafeInteger(listed) && listed > 0) return listed
  const found = /^AADSTS(\d{1,9})\b/.exec(textAt(document, 'error_description') ?? '')?.[1]
  return found === undefined ? undefined : Number(found)
}

/** What the commonest numbers mean for an app. Source: "Microsoft Entra authentication and authorization error codes". */
const meanings: Readonly<Record<number, string>> = {
  53003: 'a policy of Conditional Access blocks the app',
  70011: 'the scope is none of this cloud',
  70021: 'no federated credential of the app fits the token in the file',
  90002: 'there is no such tenant in this cloud',
  500011: 'the service is not known in the tenant',
  700016: 'the app is not known in the tenant',
  700024: 'the token in the file is not valid at this time',
  700211: 'no federated credential of the app fits the issuer of the token in the file',
  700212: 'no federated credential of the app fits the audience of the token in the file',
  700213: 'no federated credential of the app fits the subject of the token in the file',
  7000112: 'the app is disabled in the tenant',
  7000215: 'the client secret is wrong',
  7000222: 'the client secret has expired',
}
