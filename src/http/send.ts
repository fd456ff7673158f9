import { request as plainRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Http, HttpAnswer, HttpFailure, HttpRequest } from '../app/http.ts'

/**
 * HTTP/1.1 to other people's services, each request on a connection of its own: no answer can be that to another request,
 * and nothing stays open. A request that has no connection when its time is up was not sent.
 */
export function makeHttp(): Http {
  return (asked) => {
    const request = asked.signal?.aborted === true ? undefined : begin(asked)
    return request === undefined ? Promise.resolve({ failure: 'NotSent' }) : outcomeOf(request, asked)
  }
}

type Outcome = HttpAnswer | HttpFailure

const protocols = new Map([
  ['http:', plainRequest],
  ['https:', secureRequest],
])

/** What cannot be written at all (another protocol, a line break in a header) throws, with the value in its words. */
function begin({ method, url, headers }: HttpRequest): ClientRequest | undefined {
  try {
    const address = new URL(url)
    const own = { connection: 'close', 'accept-encoding': 'identity' }
    // Node's own agent keeps connections, whatever the header says.
    return protocols.get(address.protocol)?.(address, { agent: false, method, headers: { ...headers, ...own } })
  } catch {
    return undefined
  }
}

/** Of whatever Node says of an error, nothing goes on: it may cite what was sent. */
function outcomeOf(request: ClientRequest, { body, deadlineMs, mostBytes, signal }: HttpRequest): Promise<Outcome> {
  return new Promise((resolve) => {
    let [open, answered] = [false, false]
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cut)
      resolve(outcome)
      request.destroy()
    }
    const fail = (failure: HttpFailure['failure']): void => settle({ failure: open ? failure : 'NotSent' })
    const cut = (): void => fail('Broken')
    const timer = setTimeout(() => fail('Timeout'), deadlineMs)
    signal?.addEventListener('abort', cut)
    request.on('socket', (socket) =>
      whenOpen(socket, () => {
        open = true
      }),
    )
    request.on('error', () => fail('Broken'))
    // A connection that ends without an answer, such as one that turns into another protocol, is no error for Node.
    request.on('close', () => {
      if (!answered) fail('Broken')
    })
    request.on('response', (response) => {
      answered = true
      readAnswer(response, mostBytes, settle)
    })
    request.end(body)
  })
}

/** From then on what is written may arrive; before, Node keeps it. A certificate that does not hold never comes so far. */
function whenOpen(socket: Socket, open: () => void): void {
  const secure = socket instanceof TLSSocket
  if (secure ? socket.authorized : !socket.connecting) open()
  else socket.once(secure ? 'secureConnect' : 'connect', open)
}

/** The first outcome that is told is the one that counts. */
function readAnswer(response: IncomingMessage, mostBytes: number, settle: (outcome: Outcome) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    chunks.push(chunk)
    if (bytes > mostBytes) settle({ failure: 'TooLarge' })
  })
  response.on('end', () => {
    settle({ status: response.statusCode ?? 0, header: headerOf(response), body: Buffer.concat(chunks) })
  })
  response.on('error', () => settle({ failure: 'Broken' }))
}

function headerOf({ headers }: IncomingMessage): HttpAnswer['header'] {
  return (name) => {
    const lower = name.toLowerCase()
    return Object.hasOwn(headers, lower) ? [headers[lower]].flat().join(', ') : undefined
  }
}
