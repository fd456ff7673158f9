import { readFile } from 'node:fs/promises'
import { Agent, request } from 'undici'

export const mergePatch = 'application/merge-patch+json'
export const jsonPatch = 'application/json-patch+json'
export const applyPatch = 'application/apply-patch+yaml'

/** One write: `type` is the content type, by default plain JSON. */
export type Write = { readonly method: string; readonly path: string; readonly body?: unknown; readonly type?: string }

/** What the API server answered: `body` is the object, or the Status that says why not. */
export type Answer = { readonly code: number; readonly body: unknown }

export type ApiClient = {
  readonly send: (write: Write) => Promise<Answer>
  /** The same for what must succeed; throws with the API server's own words. */
  readonly must: (write: Write) => Promise<unknown>
  readonly close: () => Promise<void>
}

/** Sends to the API server word for word, with nothing of a client library between. */
export async function makeApiClient(server: { url: string; caFile: string; token: string }): Promise<ApiClient> {
  const dispatcher = new Agent({ connect: { ca: await readFile(server.caFile, 'utf8') } })
  const send = async ({ method, path, body, type = 'application/json' }: Write): Promise<Answer> => {
    const answer = await request(new URL(path, server.url), {
      method,
      dispatcher,
      headers: { authorization: `Bearer ${server.token}`, 'content-type': type },
      body: body === undefined ? null : JSON.stringify(body),
    })
    return { code: answer.statusCode, body: bodyOf(await answer.body.text()) }
  }
  const must = async (write: Write): Promise<unknown> => {
    const { code, body } = await send(write)
    if (code >= 400) throw new Error(`${write.method} ${write.path}: ${code} ${messageOf(body)}`)
    return body
  }
  return { send, must, close: () => dispatcher.close() }
}

/** While it starts, the API server also answers with nothing, or with words alone. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { message: text }
  }
}

/** The words of a Status; nothing for an object. */
export function messageOf(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined
  return typeof message === 'string' ? message : ''
}
