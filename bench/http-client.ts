import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'

export type HttpCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: string | Uint8Array
  /** Default application/json. */
  readonly type?: string
  /** Closes the connection. */
  readonly signal?: AbortSignal
}

export type HttpReply = {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | undefined
  /** From the call to the last byte of the answer, on a clock that nobody sets. */
  readonly millis: number
}

/** Rejects when the connection breaks; every status is an answer. */
type Send = (call: HttpCall) => Promise<HttpReply>

export type HttpClient = { readonly send: Send; readonly close: () => void }

export type Server = {
  readonly url: string
  /** PEM of who signed its certificate. */
  readonly ca: string
  readonly token?: string
  /** Connections at most; they stay open. */
  readonly sockets: number
}

/** HTTP/1.1 over TLS on connections that are kept, as the API server speaks to webhooks. */
export function makeHttpClient({ url, ca, token, sockets }: Server): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets, ca })
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const send: Send = ({ method, path, body, type = 'application/json', signal }) =>
    new Promise((resolve, reject) => {
      const began = performance.now()
      const content = body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }
      const headers = { ...authorization, ...content }
      const sent = request(new URL(path, url), { method, agent, headers, signal }, (reply) => {
        const { statusCode: status = 0, headers: told } = reply
        text(reply).then(
          (read) => resolve({ status, text: read, retryAfter: told['retry-after'], millis: performance.now() - began }),
          reject,
        )
      })
      sent.on('error', reject)
      sent.end(body)
    })
  return { send, close: () => agent.destroy() }
}

/** The answer of a call that has to succeed. */
export async function good({ send }: HttpClient, call: HttpCall): Promise<HttpReply> {
  const reply = await send(call)
  if (reply.status < 300) return reply
  throw new Error(`${call.method} ${call.path}: ${reply.status} ${reply.text.slice(0, 500)}`)
}
