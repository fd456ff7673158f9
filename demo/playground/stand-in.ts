import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { choosePort } from '../../cluster/port.ts'
import { completed } from './activity.ts'
import type { PlaygroundActivity } from './activity.ts'
import { front } from './connector-front.ts'
import type { Answered, Asked, Fault } from './connector-front.ts'
import { makeLogin } from './login.ts'
import type { Login } from './login.ts'
import { makeMessages } from './messages.ts'
import type { Messages, PostedMessage } from './messages.ts'
import { appID, appSecret, tenantID } from './people.ts'
import { makeSigner } from './signer.ts'
import type { Signer } from './signer.ts'

/** The two that it stands between. Asked for each call, since either may be started later, or again. */
export type StandInPorts = {
  /** Origin of Countersign's gateway. */
  readonly gatewayURL: () => string
  /** Origin of the Playground. */
  readonly playgroundURL: () => string
}

/** One local server that stands for Microsoft, between Countersign and the Playground. */
export type StandIn = {
  /** What of Countersign's configuration leads here instead of to Microsoft. Nothing in it switches a check off. */
  readonly microsoft: Readonly<Record<'loginURL' | 'botMetadataURL', string>> & {
    readonly serviceHosts: readonly string[]
  }
  /** Where the Playground sends what people do. */
  readonly appEndpoint: string
  /** The service URL of everything that comes from there. */
  readonly serviceURL: string
  /** Every message of the bot, oldest first. */
  readonly messages: () => readonly PostedMessage[]
  /** What people did, as it was signed and handed to Countersign, oldest first. */
  readonly sent: () => readonly PlaygroundActivity[]
  /** Signs an activity and hands it to Countersign, as if it came again. */
  readonly send: (activity: PlaygroundActivity) => Promise<Answered>
  /** From now on the Bot Connector goes wrong like this; undefined: not any more. What hangs is cut off then. */
  readonly fail: (fault: Fault | undefined) => void
  /** How many calls wait in vain for an answer. */
  readonly hanging: () => number
  readonly stop: () => Promise<void>
}

type Parts = StandInPorts & {
  readonly origin: string
  readonly login: Login
  readonly signer: Signer
  readonly messages: Messages
  readonly sent: PlaygroundActivity[]
  /** Calls that will get no answer. */
  readonly hanging: Set<ServerResponse>
  fault: Fault | undefined
}

/** Starts it on a free port of the own machine. */
export async function startStandIn(ports: StandInPorts): Promise<StandIn> {
  const port = await choosePort()
  const origin = `http://127.0.0.1:${port}`
  const parts = makeParts(ports, origin)
  const server = createServer((incoming, response) => void serve(parts, incoming, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    microsoft: {
      loginURL: origin,
      botMetadataURL: `${origin}${paths.metadata}`,
      serviceHosts: [`127.0.0.1:${port}`],
    },
    appEndpoint: `${origin}${paths.messages}`,
    serviceURL: `${origin}${paths.connector}`,
    messages: parts.messages.all,
    sent: () => [...parts.sent],
    send: (activity) => handOn(parts, activity),
    fail: (fault) => {
      parts.fault = fault
      for (const response of parts.hanging) response.destroy()
      parts.hanging.clear()
    },
    hanging: () => parts.hanging.size,
    stop: () => close(server),
  }
}

const paths = {
  messages: '/api/messages',
  metadata: '/v1/.well-known/openidconfiguration',
  keys: '/v1/.well-known/keys',
  connector: '/_connector',
} as const

function makeParts(ports: StandInPorts, origin: string): Parts {
  return {
    ...ports,
    origin,
    login: makeLogin({ tenantID, appID, secret: appSecret }),
    signer: makeSigner(appID),
    messages: makeMessages(),
    sent: [],
    hanging: new Set(),
    fault: undefined,
  }
}

async function serve(parts: Parts, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url: path = '/', headers } = incoming
  const answer = await text(incoming)
    .then((body) => answerTo(parts, { method, path, body, authorization: headers.authorization }))
    .catch((error: unknown) => ({ status: 502, body: JSON.stringify({ error: String(error) }), headers: {} }))
  if (answer === 'Hang') return void parts.hanging.add(response)
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
  response.end(answer.body)
}

async function answerTo(parts: Parts, asked: Asked): Promise<Answered | 'Hang'> {
  const { path, method, body } = asked
  if (path.startsWith(`${paths.connector}/`)) return connector(parts, asked)
  if (path === paths.metadata) return found(parts.signer.metadata(`${parts.origin}${paths.keys}`))
  if (path === paths.keys) return found(parts.signer.keys())
  if (path === paths.messages && method === 'POST') return handOn(parts, JSON.parse(body))
  const tenant = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(path)?.[1]
  if (tenant === undefined) return { status: 404, body: '{}' }
  const { status, body: given } = parts.login.give(decodeURIComponent(tenant), new URLSearchParams(body))
  return { status, body: JSON.stringify(given) }
}

function found(body: object): Answered {
  return { status: 200, body: JSON.stringify(body) }
}

async function connector(parts: Parts, asked: Asked): Promise<Answered | 'Hang'> {
  const { fault } = parts
  if (fault === undefined) return front(parts, asked)
  if (fault === 'Hang') return 'Hang'
  const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
  return { status: fault.status, body: JSON.stringify({ error: { code: 'ServiceError' } }), headers }
}

/** Vouches for an activity and passes it to Countersign, and the answer back as it is. */
async function handOn({ gatewayURL, signer, sent }: Parts, activity: PlaygroundActivity): Promise<Answered> {
  const whole = completed(activity, tenantID)
  sent.push(whole)
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${signer.token(whole.serviceUrl ?? '')}`,
  }
  const answer = await fetch(`${gatewayURL()}${paths.messages}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(whole),
  })
  return { status: answer.status, body: await answer.text() }
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
