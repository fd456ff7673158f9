import type { IncomingMessage, ServerResponse } from 'node:http'
import { bearerOf } from '../app/bearer.ts'
import type { Inbox, RawAnswer, RawRequest } from '../app/raw.ts'
import { noBody, readBody } from './raw-body.ts'
import type { Body, BodyLimits } from './raw-body.ts'

/**
 * Hands a request to an inbox, with its body as it came, and its answer back. Of a request without one bearer token the
 * body is thrown away as it comes, and not waited for: every inbox refuses it, whatever is in it.
 */
export function handing(inbox: Inbox, limits: BodyLimits) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const head = headOf(request, response)
    const body =
      bearerOf(head.header('authorization')) === undefined ? thrownAway(request) : await readBody(request, limits)
    if (body === undefined) return void response.destroy()
    const { leave, ...bytes } = body
    if (bytes.cutOff || bytes.crowdedOut === true) response.setHeader('connection', 'close')
    try {
      send(response, await inbox({ ...head, ...bytes }))
    } finally {
      leave()
    }
  }
}

function headOf(request: IncomingMessage, response: ServerResponse): Omit<RawRequest, 'body' | 'cutOff'> {
  const { method = '', url = '', headersDistinct } = request
  const [path = '', query = ''] = split(url)
  const header = (name: string): string | undefined => onlyOne(headersDistinct[name.toLowerCase()])
  return { method, path, query: new URLSearchParams(query), header, gone: goneWith(response) }
}

function thrownAway(request: IncomingMessage): Body {
  request.resume()
  return noBody
}

function split(target: string): readonly string[] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target] : [target.slice(0, mark), target.slice(mark + 1)]
}

/** Of two values nobody knows which one a proxy has looked at. */
function onlyOne(values: readonly string[] = []): string | undefined {
  return values.length === 1 ? values[0] : undefined
}

function goneWith(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => response.writableFinished || gone.abort())
  return gone.signal
}

function send(response: ServerResponse, { status, headers, body }: RawAnswer): void {
  if (response.destroyed) return
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
