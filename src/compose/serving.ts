import type { Serving } from '../certificates/tls-secret.ts'
import { makeServer } from '../webhook/server.ts'
import type { AdmissionServer, ServerPorts } from '../webhook/server.ts'
import type { Surroundings } from './component.ts'

/** The life of the admission server: it begins with the first certificate, and ends without cutting anybody off. */
export type ServingLife = {
  /** Serves with it from now on. */
  readonly use: (serving: Serving) => void
  /** Undefined while it does not listen. */
  readonly port: () => number | undefined
  /** Answers 503 from now on; resolves when the last call has been answered and nothing listens any more. */
  readonly end: () => Promise<void>
}

const limits = {
  bodyBytes: 16 * 1024 * 1024,
  /** Longer than the 90 s after which the API server closes an idle connection itself. */
  keepAliveMs: 120_000,
  headersMs: 125_000,
}

/** After the last new connection, for calls on their way on the others: longer than the Retry-After of a 503. */
const lingerMs = 1_500

export function makeServing({ config, timers, log }: Surroundings, answer: ServerPorts['answer']): ServingLife {
  const { listen, drainSeconds } = config.webhook
  let server: AdmissionServer | undefined
  let port: number | undefined

  function begin(tls: Parameters<typeof makeServer>[0]): AdmissionServer {
    const made = makeServer(tls, { answer, limits })
    made.listen(listen).then(
      (listening) => {
        port = listening
        log.info('Listening', { port: listening })
      },
      (error: unknown) => log.error('NotListening', error, { port: listen.port }),
    )
    return made
  }

  return {
    use: ({ cert, key, fingerprint }) => {
      log.info('Certificate', { fingerprint })
      const tls = { certificate: cert, key }
      if (server === undefined) server = begin(tls)
      else server.useCertificate(tls)
    },
    port: () => port,
    end: async () => {
      if (server === undefined) return
      server.drain()
      await timers.sleep(drainSeconds * 1000)
      server.refuse()
      await timers.sleep(lingerMs)
      await server.close()
    },
  }
}
