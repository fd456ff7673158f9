import express from 'express'
import type { Express, NextFunction, Request, Response } from 'express'
import helmet from 'helmet'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { Inbox } from '../app/raw.ts'
import { makeBodyRoom } from './body-room.ts'
import { handing } from './handing.ts'

/** Where the Bot Connector delivers. */
const messagesPath = '/api/messages'
/** Below it the tab in Teams asks. */
const tabApiPath = '/api/tab'
/** Below it are the files of the tab. */
const tabPath = '/tab'

export type GatewayPorts = {
  /** Takes what is posted to {@link messagesPath}. */
  readonly messages: Inbox
  /** Takes GET and POST below {@link tabApiPath}; without it there is nothing there. */
  readonly tab?: Inbox | undefined
  /** What is served below {@link tabPath}; without it there is nothing there. */
  readonly files?: TabFiles | undefined
  /** Something here went wrong; whoever asked is told nothing of it. */
  readonly failed: (error: unknown) => void
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly limits: GatewayLimits
}

type TabFiles = {
  readonly directory: string
  /** Content-Security-Policy of each of the files: who may frame it, above all. */
  readonly contentSecurity: string
}

export type GatewayLimits = {
  readonly bodyBytes: number
  /** For the bodies of all requests together, until each is answered. */
  readonly bodiesBytes: number
  /** A connection on which nothing is asked ends after so long; longer than whatever ends TLS keeps it. */
  readonly keepAliveMs: number
  /** For the head of a request, and for all of it. */
  readonly headersMs: number
  readonly requestMs: number
  /** Connections at once; more are closed as they come. */
  readonly connections: number
  /** After so long in `close`, whoever is still waited for is cut off. */
  readonly closeMs: number
}

/** What suits the internet behind a proxy. Bodies: as many bytes as an activity may have. */
export const gatewayLimits: GatewayLimits = {
  bodyBytes: 256 * 1024,
  bodiesBytes: 16 * 1024 * 1024,
  keepAliveMs: 75_000,
  headersMs: 10_000,
  requestMs: 15_000,
  connections: 2_000,
  closeMs: 10_000,
}

export type GatewayServer = {
  /** Resolves with the port; rejects when it cannot be had. */
  readonly listen: (where: { readonly host: string; readonly port: number }) => Promise<number>
  /** Ends each connection after its next answer; everything is answered as before. */
  readonly drain: () => void
  /** Takes nothing new; resolves when all that was begun is answered, or cut off because it took too long. */
  readonly close: () => Promise<void>
}

/**
 * Plain HTTP, since TLS ends in front. It believes no header about who is behind the proxy, and knows three places;
 * everything else is not there.
 */
export function makeGatewayServer(ports: GatewayPorts): GatewayServer {
  const { limits } = ports
  let draining = false
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(limits.headersMs, 1_000),
      maxHeaderSize: 16 * 1024,
    },
    makeApp(ports, () => draining),
  )
  server.maxConnections = limits.connections
  return {
    listen: (where) => listening(server, where),
    drain: () => {
      draining = true
    },
    close: async () => {
      draining = true
      if (!server.listening) return
      const ended = new AbortController()
      const over = once(server, 'close').then(() => ended.abort())
      server.close()
      await ports.sleep(limits.closeMs, ended.signal)
      server.closeAllConnections()
      await over
    },
  }
}

function makeApp(ports: GatewayPorts, draining: () => boolean): Express {
  const app = express()
  const limits = { mostBytes: ports.limits.bodyBytes, room: makeBodyRoom(ports.limits.bodiesBytes) }
  for (const name of ['case sensitive routing', 'strict routing']) app.enable(name)
  for (const name of ['trust proxy', 'etag', 'query parser', 'x-powered-by']) app.set(name, false)
  app.use((_request, response, next) => {
    if (draining()) response.setHeader('connection', 'close')
    next()
  })
  if (ports.files !== undefined) app.use(tabPath, ...served(ports.files))
  app.use(helmet({ contentSecurityPolicy: nothingAllowed, frameguard: { action: 'deny' } }))
  app.post(messagesPath, handing(ports.messages, limits))
  if (ports.tab !== undefined) app.all(`${tabApiPath}/*path`, onlyGetAndPost, handing(ports.tab, limits))
  app.use((_request, response) => void response.status(404).end())
  app.use(makeFailed(ports))
  return app
}

/** Answers are data: nothing of them is to be run, loaded or framed. */
const nothingAllowed = { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } }

/** The files of the tab are framed by Teams, which their own policy says; the old header knows no list. */
function served({ directory, contentSecurity }: TabFiles) {
  const secured = helmet({ contentSecurityPolicy: false, frameguard: false, crossOriginEmbedderPolicy: false })
  const policy = (_request: Request, response: Response, next: NextFunction): void => {
    response.setHeader('content-security-policy', contentSecurity)
    next()
  }
  return [secured, policy, express.static(directory, { dotfiles: 'ignore', index: 'index.html', redirect: true })]
}

function onlyGetAndPost({ method }: Request, response: Response, next: NextFunction): void {
  if (method === 'GET' || method === 'POST') next()
  else response.status(404).end()
}

/** A request that cannot be read is the fault of whoever sent it. */
function makeFailed({ failed }: GatewayPorts) {
  // oxlint-disable-next-line max-params -- by its four parameters Express knows what handles errors
  return (error: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    const status = Number(Object(error).status)
    const theirs = status >= 400 && status < 500
    if (!theirs) failed(error)
    if (response.headersSent) response.destroy()
    else response.status(theirs ? status : 500).end()
  }
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
