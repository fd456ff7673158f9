import { Agent, request } from 'node:https'
import { readJson } from '../../src/domain/json-reader.ts'
import type { Json } from '../../src/domain/json.ts'

/** One answer of the API server: the status code and the parsed body, null when it is no JSON. */
type AdminAnswer = { readonly code: number; readonly body: Json }

/** Where the API server is and what opens its door. `ca` is PEM; without it the certificate is not checked. */
export type AdminAccess = { readonly server: string; readonly token: string; readonly ca?: string | undefined }

/** What goes with a call: a body sent as JSON, its content type (plain JSON by default), the wanted answer's type. */
type Sending = { readonly body?: unknown; readonly type?: string; readonly accept?: string }

/**
 * Writes as the cluster's administrator, whom the recorded webhook does not match. `call` returns any answer;
 * `must` throws on a code of 400 or more, with the server's own words.
 */
export type Admin = {
  call(method: string, path: string, sending?: Sending): Promise<AdminAnswer>
  must(method: string, path: string, sending?: Sending): Promise<Json>
  close(): void
}

export const mergePatch = 'application/merge-patch+json'
export const jsonPatch = 'application/json-patch+json'

/** A plain client for set-up, interference and cleaning, over a few kept connections. */
export function makeAdmin(access: AdminAccess): Admin {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 8,
    rejectUnauthorized: access.ca !== undefined,
    ...(access.ca === undefined ? {} : { ca: access.ca }),
  })
  const call: Admin['call'] = (method, path, { body, type = 'application/json', accept = 'application/json' } = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body)
      const authorization = `Bearer ${access.token}`
      // Node frames a DELETE's body only when told its length.
      const headers = { authorization, 'content-type': type, accept, 'content-length': Buffer.byteLength(text) }
      const sent = request(new URL(path, access.server), { method, agent, headers }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, body: parsed(Buffer.concat(parts)) }))
      })
      sent.on('error', reject)
      sent.end(text)
    })
  const must: Admin['must'] = async (method, path, sending) => {
    const answer = await call(method, path, sending)
    if (answer.code >= 400) throw new Error(`${method} ${path}: ${answer.code} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  return { call, must, close: () => agent.destroy() }
}

function parsed(body: Buffer): Json {
  const read = readJson(body)
  return 'value' in read ? read.value : null
}
