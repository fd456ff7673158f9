import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/** One line of /readyz. `detail` says what is missing. */
export type HealthCheck = { readonly name: string; readonly ok: boolean; readonly detail?: string }

export type HealthPorts = {
  readonly checks: () => readonly HealthCheck[]
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
  /** Something here went wrong; the server goes on. */
  readonly failed: (error: unknown) => void
}

export type HealthServer = {
  /** The port on which it listens. */
  readonly port: number
  /** Resolves when nothing listens any more and every connection is closed. */
  readonly close: () => Promise<void>
}

/**
 * /livez, /readyz and /metrics in plain HTTP, GET and HEAD. Liveness says only that the event loop turns: an API server
 * that is away makes us unready, and a restart would not bring it back. Rejects when the port cannot be had.
 */
export async function serveHealth(
  listen: { readonly host: string; readonly port: number },
  ports: HealthPorts,
): Promise<HealthServer> {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8192 },
    (request, response) => {
      answer(ports, request, response).catch((error: unknown) => {
        ports.failed(error)
        send(response, { status: 500, text: 'internal error\n' })
      })
    },
  )
  const port = await listening(server, listen)
  server.on('error', ports.failed)
  return { port, close: () => closed(server) }
}

type Reply = {
  readonly status: number
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

async function answer(ports: HealthPorts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?', 1)
  const page = pages.get(path)
  if (page === undefined) {
    return send(response, { status: 404, text: `there are ${[...pages.keys()].join(', ')}\n` })
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(response, { status: 405, text: 'GET or HEAD\n', headers: { Allow: 'GET, HEAD' } })
  }
  send(response, await page(ports))
}

type Page = (ports: HealthPorts) => Reply | Promise<Reply>

const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['/livez', () => checked('livez', [])],
  ['/readyz', ({ checks }) => checked('readyz', checks())],
  ['/metrics', ({ metrics }) => metricsPage(metrics)],
])

async function metricsPage(metrics: HealthPorts['metrics']): Promise<Reply> {
  const { contentType, text } = await metrics()
  return { status: 200, text, headers: { 'Content-Type': contentType } }
}

/** In the form of kube-apiserver's own health pages. */
function checked(page: string, checks: readonly HealthCheck[]): Reply {
  const all: readonly HealthCheck[] = [{ name: 'ping', ok: true }, ...checks]
  const ok = all.every((check) => check.ok)
  const lines = [...all.map(lineOf), `${page} check ${ok ? 'passed' : 'failed'}`]
  return { status: ok ? 200 : 503, text: lines.map((line) => `${line}\n`).join('') }
}

function lineOf({ name, ok, detail }: HealthCheck): string {
  if (ok) return `[+]${name} ok`
  return `[-]${name} failed${detail === undefined ? '' : `: ${detail.replaceAll(/\s+/g, ' ')}`}`
}

function send(response: ServerResponse, { status, text, headers }: Reply): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  // Node leaves the body away where HEAD was asked for.
  response.end(text)
}

function listening(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** A scraper keeps its connection open; it is not waited for. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
