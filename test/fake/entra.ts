import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Http } from '../../src/app/http.ts'
import { makeHttp } from '../../src/http/send.ts'

/** An account of the fake tenant. `groups`: also those through other groups. Undefined: it does not say. */
export type Account = {
  readonly userType?: string | null | undefined
  readonly accountEnabled?: boolean | null | undefined
  readonly groups?: readonly string[]
}

/** How it goes wrong. `Hang`: no answer ever comes. `Drop`: the connection breaks. */
export type EntraFault =
  | 'Hang'
  | 'Drop'
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }

/** One call as it came in. */
export type EntraCall = {
  readonly to: 'login' | 'user' | 'groups' | 'elsewhere'
  readonly method: string
  readonly path: string
  readonly body: string
  readonly token: string
}

/** The login and Microsoft Graph of one tenant, at one address on this machine. */
export type FakeEntra = {
  readonly url: string
  /** Real HTTP with a deadline for people without patience. */
  readonly http: Http
  readonly calls: EntraCall[]
  readonly accounts: Map<string, Account>
  /** Client secrets and assertions that are good. */
  readonly proofs: Set<string>
  /** How long tokens last, in seconds. */
  lifeSeconds: unknown
  /** Asked for every call: how it goes wrong, if it does. */
  fault: (call: EntraCall) => EntraFault | undefined
  /** All tokens that were given out are refused from now on. */
  readonly takeTokensBack: () => void
  readonly close: () => Promise<void>
}

export const tenant = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'

/** A GUID that ends with these hexadecimal digits. */
export function guid(end: string | number): string {
  return `00000000-0000-4000-8000-${String(end).padStart(12, '0')}`
}

export async function startEntra(): Promise<FakeEntra> {
  const server = createServer((request, response) => void handle(made, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const send = makeHttp()
  let tokens = new Set<string>()
  const made: FakeEntra & State = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    http: (request) => send({ ...request, deadlineMs: Math.min(250, request.deadlineMs) }),
    calls: [],
    accounts: new Map(),
    proofs: new Set(['good']),
    lifeSeconds: 3599,
    fault: () => undefined,
    takeTokensBack: () => {
      tokens = new Set()
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
    newToken: () => {
      const token = `token-${made.calls.length}`
      tokens.add(token)
      return token
    },
    isGood: (token) => tokens.has(token),
  }
  return made
}

type State = { readonly newToken: () => string; readonly isGood: (token: string) => boolean }

async function handle(entra: FakeEntra & State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { method = '', url: path = '', headers } = request
  const call: EntraCall = {
    to: placeOf(path),
    method,
    path,
    body,
    token: (headers.authorization ?? '').replace(/^Bearer /, ''),
  }
  entra.calls.push(call)
  const fault = entra.fault(call)
  if (fault === 'Hang') return
  if (fault === 'Drop') return void request.socket.destroy()
  const answer = fault ?? answerTo(entra, call)
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {})
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(text)
}

function placeOf(path: string): EntraCall['to'] {
  if (path.toLowerCase() === `/${tenant}/oauth2/v2.0/token`) return 'login'
  if (/^\/v1\.0\/users\/[^/?]+\?\$select=userType,accountEnabled$/.test(path)) return 'user'
  return /^\/v1\.0\/users\/[^/?]+\/checkMemberGroups$/.test(path) ? 'groups' : 'elsewhere'
}

type Answer = Exclude<EntraFault, string>

function answerTo(entra: FakeEntra & State, call: EntraCall): Answer {
  if (call.to === 'login') return logIn(entra, call)
  if (!entra.isGood(call.token)) return { status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } }
  const account = entra.accounts.get(call.path.split(/[/?]/)[3] ?? '')
  if (account === undefined || call.to === 'elsewhere') return notFound
  if (call.to === 'user') {
    const { userType, accountEnabled } = { userType: 'Member', accountEnabled: true, ...account }
    return { status: 200, body: { '@odata.context': `${entra.url}/v1.0/$metadata#users`, userType, accountEnabled } }
  }
  const { groupIds } = JSON.parse(call.body) as { groupIds: readonly string[] }
  if (groupIds.length > 20 || groupIds.some((id) => !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id))) {
    return { status: 400, body: { error: { code: 'Request_BadRequest' } } }
  }
  return { status: 200, body: { value: groupIds.filter((id) => (account.groups ?? []).includes(id)) } }
}

const notFound: Answer = {
  status: 404,
  body: { error: { code: 'Request_ResourceNotFound', message: 'no such thing' } },
}

function logIn(entra: FakeEntra & State, { body }: EntraCall): Answer {
  const form = new URLSearchParams(body)
  const proof = form.get('client_secret') ?? form.get('client_assertion') ?? ''
  if (form.get('grant_type') !== 'client_credentials' || !entra.proofs.has(proof)) {
    const error_description = `AADSTS7000215: Invalid client secret provided. '${proof}'. Trace ID: x`
    return { status: 401, body: { error: 'invalid_client', error_description, error_codes: [7000215] } }
  }
  return { status: 200, body: { token_type: 'Bearer', expires_in: entra.lifeSeconds, access_token: entra.newToken() } }
}
