import { once } from 'node:events'
import { createServer } from 'node:https'
import { Server as NetServer } from 'node:net'
import type { Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SecureContextOptions } from 'node:tls'
import type { HttpAnswer } from './respond.ts'
import { unavailable } from './respond.ts'

/** The path says what a failed call means: when nobody answers, the API server prints it to the agent. */
export const admissionPath = '/outage-not-a-denial/nobody-was-asked/same-command-again-later'

export type Tls = { readonly certificate: string; readonly key: string }

/** One body, with what the connection tells about it. */
export type Posted = {
  readonly body: Uint8Array
  /** The body is larger than may be: this is its beginning. */
  readonly cutOff: boolean
  /** `?timeout=` of the API server, in milliseconds; undefined when it says none. */
  readonly timeoutMs: number | undefined
  /** Aborted when the API server has closed the connection. */
  readonly gone: AbortSignal
}

export type ServerPorts = {
  /** Never rejects: a bug is answered by whoever handles, as a refusal. */
  readonly answer: (posted: Posted) => HttpAnswer | Promise<HttpAnswer>
  readonly limits: ServerLimits
}

type ServerLimits = {
  readonly bodyBytes: number
  /** Longer than the 90 s after which the API server drops an idle connection, else calls meet a closing one. */
  readonly keepAliveMs: number
  readonly headersMs: number
}

export type AdmissionServer = {
  readonly listen: (where: { readonly host: string; readonly port: number }) => Promise<number>
  /** New handshakes use it from now on; open connections keep theirs. */
  readonly useCertificate: (tls: Tls) => void
  /** Answers 503 to what comes from now on, and closes each connection after its answer; open calls go on. */
  readonly drain: () => void
  /**
   * Takes no new connection. Those that are there are still answered: a call may be on its way on one of them, and the
   * API server gives up a call whose connection ends under it.
   */
  readonly refuse: () => void
  /** Closes the connections on which nothing goes on; resolves when the others have ended too. */
  readonly close: () => Promise<void>
}

/**
 * Bare https, HTTP/1.1 only, as the API server speaks it. No framework: this is the path of every write of an agent.
 */
export function makeServer(tls: Tls, ports: ServerPorts): AdmissionServer {
  const { limits } = ports
  let draining = false
  const server: Server = createServer({ ...secured(tls), ALPNProtocols: ['http/1.1'] }, (request, response) => {
    // Nothing that one call brings may end the process, and with it all the others.
    handle(request, response, { ...ports, draining: () => draining }).catch(() => response.destroy())
  })
  let ended: Promise<unknown> = Promise.resolve()
  /** An HTTP server's own `close` ends idle connections at once, whatever is on its way on them. */
  const refuse = (): void => {
    if (!server.listening) return
    ended = once(server, 'close')
    NetServer.prototype.close.call(server)
  }
  server.keepAliveTimeout = limits.keepAliveMs
  server.headersTimeout = limits.headersMs
  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.removeListener('error', reject)
          const address = server.address()
          resolve(typeof address === 'object' && address !== null ? address.port : port)
        })
      }),
    useCertificate: (next) => server.setSecureContext(secured(next)),
    drain: () => {
      draining = true
    },
    refuse,
    close: async () => {
      draining = true
      refuse()
      server.closeIdleConnections()
      await ended
    },
  }
}

function secured({ certificate, key }: Tls): SecureContextOptions {
  return { cert: certificate, key, minVersion: 'TLSv1.2' }
}

type Handling = ServerPorts & { readonly draining: () => boolean }

async function handle(request: IncomingMessage, response: ServerResponse, ports: Handling): Promise<void> {
  const { path, query } = placeOf(request.url ?? '/')
  if (request.method !== 'POST' || path !== admissionPath) return send(response, notFound)
  const gone = makeGone(response)
  const body = await read(request, ports.limits.bodyBytes)
  if (body === 'Broken') return
  if (body.cutOff) response.setHeader('connection', 'close')
  const { cutOff } = body
  const posted = {
    body: body.body,
    cutOff,
    timeoutMs: timeoutOf(query),
    get gone() {
      return gone()
    },
  }
  const answer = ports.draining() ? unavailable(1) : await ports.answer(posted)
  if (ports.draining()) response.setHeader('connection', 'close')
  send(response, answer)
}

/** Made for who asks for it, hence not for the many calls that are answered at once: an abort takes longer than a verdict. */
function makeGone(response: ServerResponse): () => AbortSignal {
  let gone: AbortController | undefined
  return () => {
    if (gone !== undefined) return gone.signal
    const controller = new AbortController()
    gone = controller
    if (response.closed) controller.abort()
    else response.once('close', () => response.writableFinished || controller.abort())
    return controller.signal
  }
}

const notFound: HttpAnswer = { status: 404, headers: {}, body: '' }

type Read = Pick<Posted, 'body' | 'cutOff'>

/** How many times the limit is still taken from the wire: who is cut off while sending may not see the answer. */
const patience = 4

/** By events: an iterator over the chunks takes as long as everything else that this file does. */
function read(request: IncomingMessage, mostBytes: number): Promise<Read | 'Broken'> {
  const kept: Uint8Array[] = []
  let size = 0
  return new Promise((resolve) => {
    const end = (): void => resolve(whole(kept, size > mostBytes))
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.byteLength
      if (size <= mostBytes || kept.length === 0) kept.push(chunk)
      if (size <= patience * mostBytes) return
      request.removeAllListeners('data').pause()
      end()
    })
    request.on('end', end)
    request.on('error', () => resolve('Broken'))
    request.on('close', () => resolve('Broken'))
  })
}

function whole(kept: readonly Uint8Array[], cutOff: boolean): Read {
  const [first = new Uint8Array()] = kept
  return { body: cutOff || kept.length === 1 ? first : Buffer.concat(kept), cutOff }
}

/** The target of a request line as clients send it, in origin form (RFC 9112, 3.2.1): no URL has to be made of it. */
function placeOf(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?')
  return mark === -1 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

/** Go writes a duration in whole seconds here: `?timeout=30s`. */
function timeoutOf(query: string): number | undefined {
  const seconds = /^(?:.*&)?timeout=(\d{1,4})s(?:&|$)/.exec(query)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  if (response.destroyed) return
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
