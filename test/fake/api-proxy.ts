import { createServer, request as send } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { localhostCertificate, localhostKey } from './localhost-cert.ts'

/** A call on its way to the API server, as far as a rule looks at it. */
export type Passing = { readonly method: string; readonly path: string; readonly body: string }

/** When a rule strikes: before the call has reached the API server, or when it was carried out and not yet answered. */
type Moment = 'Before' | 'After'

export type Trap = { readonly moment: Moment; readonly matches: (passing: Passing) => boolean }

/** A reverse proxy before a real API server. It tells when a certain call passes, and never lets that one through whole. */
export type ApiProxy = {
  readonly url: string
  /** PEM. */
  readonly ca: string
  /** Resolves when the trap has caught its call. */
  readonly set: (trap: Trap) => Promise<Passing>
  /** Takes the trap away, if it is still set. */
  readonly clear: () => void
  readonly stop: () => Promise<void>
}

export async function startApiProxy(upstream: { readonly url: string; readonly ca: string }): Promise<ApiProxy> {
  let armed: (Trap & { readonly caught: (passing: Passing) => void }) | undefined

  function strikes(moment: Moment, passing: Passing): boolean {
    if (armed?.moment !== moment || !armed.matches(passing)) return false
    armed.caught(passing)
    armed = undefined
    return true
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const body = Buffer.concat(chunks)
    const passing = { method: request.method ?? '', path: request.url ?? '', body: body.toString('utf8') }
    // Nobody is answered: whoever set the trap kills the caller.
    if (strikes('Before', passing)) return
    const options = { method: passing.method, headers: request.headers, ca: upstream.ca }
    const onward = send(new URL(passing.path, upstream.url), options, (answer) => {
      if (strikes('After', passing)) return void answer.destroy()
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    onward.end(body)
  }

  const server = createServer({ cert: localhostCertificate, key: localhostKey }, (request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    ca: localhostCertificate,
    set: (trap) =>
      new Promise((resolve) => {
        armed = { ...trap, caught: resolve }
      }),
    clear: () => {
      armed = undefined
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
