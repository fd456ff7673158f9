import { buildConnector, Client } from 'undici'
import type { Connection, TransportLimits } from './transport.ts'

/**
 * HTTP clients of one connection each, lent out one call at a time. Not undici's pool, for two reasons seen in tests:
 * the pool opens a second connection when a call follows on another in the same turn of the event loop, and a call
 * that was given up while it queued costs a healthy connection when its turn comes.
 */
export type Clients = {
  /** The one used last, so that as few connections as possible stay open; undefined when `signal` was aborted first. */
  readonly take: (signal: AbortSignal) => Promise<Client | undefined>
  /** Gives one back that was taken. */
  readonly give: (client: Client) => void
  /** Destroys them all. */
  readonly close: () => Promise<void>
}

/** At most `size` clients, made when first needed, lent in the order of asking. */
export function makeClients(size: number, make: () => Client): Clients {
  const made: Client[] = []
  const free: Client[] = []
  const waiting = new Set<(client: Client) => void>()

  function create(): Client | undefined {
    if (made.length >= size) return undefined
    const client = make()
    made.push(client)
    return client
  }

  function take(signal: AbortSignal): Promise<Client | undefined> {
    if (signal.aborted) return Promise.resolve(undefined)
    const ready = free.pop() ?? create()
    if (ready !== undefined) return Promise.resolve(ready)
    return new Promise((resolve) => {
      const leave = (): void => settle(undefined)
      const settle = (client: Client | undefined): void => {
        waiting.delete(settle)
        signal.removeEventListener('abort', leave)
        resolve(client)
      }
      waiting.add(settle)
      signal.addEventListener('abort', leave)
    })
  }

  function give(client: Client): void {
    const [next] = waiting
    if (next === undefined) free.push(client)
    else next(client)
  }

  async function close(): Promise<void> {
    await Promise.all(made.map((client) => client.destroy()))
  }

  return { take, give, close }
}

/**
 * Makes clients that all speak HTTP/1.1 over TLS to one server. All times but those of connecting and of keeping an
 * unused connection are left to the caller, because undici's own timers cannot be driven by a test.
 */
export function clientMaker(connection: Connection, limits: TransportLimits): () => Client {
  const { clientCertificate, ca, serverName } = connection
  const connect = buildConnector({
    allowH2: false,
    timeout: limits.connectMs,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate.certificate, key: clientCertificate.key }),
  })
  const { origin } = new URL(connection.server)
  return () =>
    new Client(origin, {
      connect,
      allowH2: false,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: limits.keepAliveMs,
      keepAliveMaxTimeout: limits.keepAliveMs,
    })
}
