import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Connection } from '../../src/kubernetes/transport.ts'
import { oneTurn } from '../until.ts'
import { makeFaults } from './api-server-faults.ts'
import type { Fault, Faults } from './api-server-faults.ts'
import { FakeObjects } from './api-server-objects.ts'
import { FakeRefusal } from './api-server-refusal.ts'
import { readRequest } from './api-server-request.ts'
import type { SeenRequest } from './api-server-request.ts'
import { FakeVerbs } from './api-server-verbs.ts'
import { misbehave, serveWatch } from './api-server-watch.ts'
import type { FakeWatch } from './api-server-watch.ts'
import { copyOf } from './json-value.ts'
import { localhostCertificate, localhostKey } from './localhost-cert.ts'

/**
 * A Kubernetes API server in this process, over TLS, that stores objects of any kind and lies when told to:
 *
 *     const api = await startFakeApiServer()
 *     api.objects.create({ collection: '/api/v1/configmaps', namespace: 'ns' }, { metadata: { name: 'a' } })
 *     api.faults.next({ do: 'refuse', status: 500 }, { verb: 'list' })
 *     const transport = makeTransport(api.connection(), …)
 *     …
 *     await api.stop()
 *
 * Not there: schemas, validation, CEL, admission, RBAC, managedFields. For these there is the real one.
 */
export type FakeApiServer = {
  readonly url: string
  /** PEM. */
  readonly ca: string
  /** What a transport needs to come in. */
  readonly connection: (token?: Connection['token']) => Connection
  /** Bearer tokens that are let in; delete one and it has expired. Contains `a-token`. TokenRequests add theirs. */
  readonly tokens: Set<string>
  /** The store behind the API, for what somebody else does. */
  readonly objects: FakeObjects
  readonly faults: Faults
  /** Every request that has come, the latest last. */
  readonly requests: SeenRequest[]
  /** Watches that are open now, in the order of their coming. */
  readonly watches: () => readonly FakeWatch[]
  /** TLS connections made so far, and those that are open now. */
  readonly connections: { readonly total: number; readonly open: number }
  /** Sends a bookmark to every watch that wants them. */
  readonly bookmark: () => void
  /** Forgets old versions: a watch from one gets an ERROR event with 410, a continue gets 410. */
  readonly compact: () => void
  readonly expireContinues: () => void
  /** Added to the `Date` header and to times in objects. */
  readonly setClockSkew: (ms: number) => void
  /** Cuts every connection, and refuses new ones until `comeBack`, on the same port. What is stored stays. */
  readonly goDown: () => Promise<void>
  readonly comeBack: () => Promise<void>
  readonly isUp: () => boolean
  readonly stop: () => Promise<void>
}

export type FakeApiServerOptions = {
  /** Put before every resourceVersion, for those who wrongly take it for a number. */
  readonly versionPrefix?: string
  readonly now?: () => number
}

export async function startFakeApiServer(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  let skewMs = 0
  const now = (): number => (options.now ?? Date.now)() + skewMs
  const tokens = new Set(['a-token'])
  const objects = new FakeObjects(now, options.versionPrefix)
  const faults = makeFaults()
  const verbs = new FakeVerbs(objects, tokens, now)
  const requests: SeenRequest[] = []
  const watches = new Set<FakeWatch>()
  const sockets = new Set<Socket>()
  const connections = { total: 0, open: 0 }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('date', new Date(now()).toUTCString())
    const request = await readRequest(incoming)
    requests.push(request)
    const fault = faults.take(request)
    if (fault?.do === 'wait') await fault.until
    if (fault !== undefined && insteadOfServing(fault, response)) return
    if (!tokens.has(tokenOf(request))) throw new FakeRefusal(401, 'Unauthorized')
    if (request.verb === 'watch') openWatch(request, response, fault)
    else await answer(request, response, fault)
  }

  async function answer(request: SeenRequest, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    const { status, body } = verbs.serve(request, fault?.do === 'mutate' ? fault.change : (draft) => draft)
    const told = fault?.do === 'lie' ? fault.change({ ...copyOf(body) }) : body
    await send(response, { status, text: JSON.stringify(told), fault })
  }

  function openWatch(request: SeenRequest, response: ServerResponse, fault: Fault | undefined): void {
    const watch = serveWatch(objects, request, response)
    watches.add(watch)
    response.once('close', () => watches.delete(watch))
    misbehave(watch, fault)
  }

  const server = createServer(
    { cert: localhostCertificate, key: localhostKey, keepAliveTimeout: 120_000 },
    (incoming, response) => {
      serve(incoming, response).catch((error: unknown) => {
        const refusal =
          error instanceof FakeRefusal ? error : new FakeRefusal(500, 'InternalError', { message: String(error) })
        if (response.headersSent) response.destroy()
        else void send(response, { status: refusal.code, text: JSON.stringify(refusal.status()), fault: undefined })
      })
    },
  )
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket) => {
    connections.total += 1
    connections.open += 1
    socket.once('close', () => {
      connections.open -= 1
    })
  })
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0

  async function goDown(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }

  const url = `https://127.0.0.1:${port}`
  return {
    url,
    ca: localhostCertificate,
    connection: (token = () => Promise.resolve('a-token')) => ({ server: url, ca: localhostCertificate, token }),
    tokens,
    objects,
    faults,
    requests,
    watches: () => [...watches],
    connections,
    bookmark: () => {
      for (const watch of watches) watch.bookmark()
    },
    compact: () => {
      objects.compact()
      verbs.expireContinues()
    },
    expireContinues: () => verbs.expireContinues(),
    setClockSkew: (ms) => {
      skewMs = ms
    },
    goDown,
    comeBack: () => listen(port),
    isUp: () => server.listening,
    stop: async () => {
      faults.clear()
      if (server.listening) await goDown()
    },
  }
}

function tokenOf(request: SeenRequest): string {
  return (request.headers.authorization ?? '').replace(/^Bearer /, '')
}

/** True when the fault has taken the place of an answer. */
function insteadOfServing(fault: Fault, response: ServerResponse): boolean {
  if (fault.do === 'hang') return true
  if (fault.do === 'resetBefore') response.destroy()
  else if (fault.do === 'answer') answerAsTold(fault, response)
  else if (fault.do === 'refuse') refuse(fault, response)
  else return false
  return true
}

function answerAsTold(fault: Fault & { readonly do: 'answer' }, response: ServerResponse): void {
  response.writeHead(fault.status, fault.headers)
  if (fault.unended === true) response.write(fault.text)
  else response.end(fault.bytes ?? fault.text)
}

const usualReasons: Readonly<Record<number, string>> = {
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
}

function refuse(fault: Fault & { readonly do: 'refuse' }, response: ServerResponse): void {
  const reason = fault.reason ?? usualReasons[fault.status] ?? 'Unknown'
  const message = fault.message === undefined ? {} : { message: fault.message }
  const text = reason === '' ? '' : JSON.stringify(new FakeRefusal(fault.status, reason, message).status())
  const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
  response.writeHead(fault.status, { 'content-type': 'application/json', ...headers }).end(text)
}

type Sending = { readonly status: number; readonly text: string; readonly fault: Fault | undefined }

async function send(response: ServerResponse, { status, text, fault }: Sending): Promise<void> {
  const bytes = Buffer.from(text)
  const half = bytes.subarray(0, Math.floor(bytes.byteLength / 2))
  const how = fault?.do
  if (how === 'hangAfter') return
  if (how === 'resetAfter') return void response.destroy()
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.byteLength })
  if (how === 'truncate') response.write(half, () => response.destroy())
  else if (how === 'dribble') await dribble(response, bytes)
  else response.end(bytes)
}

async function dribble(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength && !response.destroyed; at += 1) {
    response.write(bytes.subarray(at, at + 1))
    await oneTurn()
  }
  response.end()
}
