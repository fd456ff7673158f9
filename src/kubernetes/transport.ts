import type { Instant } from '../domain/instant.ts'
import { clientMaker, makeClients } from './clients.ts'
import { makeLife } from './life.ts'
import type { Life } from './life.ts'
import { callUntilAnswered } from './persist.ts'
import type { RetryPolicy } from './retry.ts'
import { openStream } from './stream.ts'
import type { Timers } from './timers.ts'

/** Where the API server is and how to prove who we are. A change of CA or client certificate needs a new transport. */
export type Connection = {
  /** `https://host:port[/prefix]` */
  readonly server: string
  /** PEM; undefined: the certificate authorities that Node trusts. */
  readonly ca: string | undefined
  /** PEM both. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string } | undefined
  /** The name to expect in the server's certificate, where it is not the host of `server`. */
  readonly serverName?: string | undefined
  /** Asked before every try. `rejected` is the token that the server has just answered with 401. */
  readonly token: (rejected?: string) => Promise<string | undefined>
}

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Starts with `/`, every segment already encoded, no query. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[]>>
  /** JSON text. */
  readonly body?: string
  /** Default `application/json`. */
  readonly contentType?: string
  /** Default `application/json`. */
  readonly accept?: string
  /** For everything, retries and the wait for a free connection included; of a stream, until its headers have come. */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
}

/** A 2xx answer. */
export type Reply = {
  readonly status: number
  readonly text: string
  /** The server's clock, from its `Date` header; whole seconds. */
  readonly date: Instant | undefined
}

export type Transport = {
  /** One call, sent again where `retry.ts` holds that to be safe. Rejects with ApiError. */
  readonly call: (call: Call) => Promise<Reply>
  /**
   * Opens an answer without end, such as a watch, on a connection apart from those of `call`. Not retried: who streams
   * has to know how to begin anew anyway. It rejects with ApiError, and so does the iteration, also when nothing came
   * for `idleMs`. Leaving the iteration closes the connection.
   */
  readonly stream: (call: Call) => Promise<AsyncIterable<Uint8Array>>
  /** Ends all calls and streams with `Canceled`, and every connection. Later calls fail with `Canceled`. */
  readonly close: () => Promise<void>
}

export type TransportLimits = {
  /** Of a call that brings no deadline of its own. */
  readonly deadlineMs: number
  /** The longest silence of a stream; above the minute after which kube-apiserver sends a bookmark to who wants it. */
  readonly idleMs: number
  /** TCP and TLS handshake together. */
  readonly connectMs: number
  /** How long an unused connection is kept; kube-apiserver itself closes it after 90 s. */
  readonly keepAliveMs: number
  /** For calls; streams have theirs beside these. */
  readonly maxConnections: number
  /** Of the body of one answer to `call`. */
  readonly maxReplyBytes: number
  readonly retries: RetryPolicy
}

export type TransportOptions = {
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  readonly userAgent: string
  readonly limits: TransportLimits
}

/** What suits a component that talks to one API server. */
export const transportLimits: TransportLimits = {
  deadlineMs: 15_000,
  idleMs: 75_000,
  connectMs: 5_000,
  keepAliveMs: 60_000,
  maxConnections: 16,
  maxReplyBytes: 64 * 1024 * 1024,
  retries: { limit: 5, firstMs: 100, capMs: 5_000 },
}

/**
 * HTTP/1.1 over few connections that live long. Not HTTP/2: there one lost connection ends every call and watch at
 * once, and a large list delays the small calls behind it.
 */
export function makeTransport(connection: Connection, options: TransportOptions): Transport {
  const { limits } = options
  const url = new URL(connection.server)
  if (url.protocol !== 'https:') throw new TypeError('the API server is spoken to by https only')
  const line = { prefix: url.pathname.replace(/\/+$/, ''), userAgent: options.userAgent, token: connection.token }
  const makeClient = clientMaker(connection, limits)
  const clients = makeClients(limits.maxConnections, makeClient)
  const lives = new Set<Life>()
  let closed = false

  function begin(signal: AbortSignal | undefined): Life {
    const life = makeLife(signal, (ended) => lives.delete(ended))
    if (closed) life.end('Canceled')
    else if (life.ending() === undefined) lives.add(life)
    return life
  }

  async function close(): Promise<void> {
    closed = true
    for (const life of lives) life.end('Canceled')
    await clients.close()
  }

  return {
    call: (call) => callUntilAnswered(line, call, { life: begin(call.signal), clients, options }),
    stream: (call) => openStream(line, call, { life: begin(call.signal), client: makeClient(), options }),
    close,
  }
}
