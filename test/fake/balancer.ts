import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** One server behind the balancer. */
export type Backend = {
  readonly port: number
  /** Answers 2xx while the server wants new connections. */
  readonly readyURL: string
}

/** A TCP balancer: each new connection goes to the next backend that is ready, as with a Service in a cluster. */
export type Balancer = { readonly port: number; readonly stop: () => Promise<void> }

const pollMs = 100

export async function startBalancer(backends: readonly Backend[]): Promise<Balancer> {
  const open = new Set<Socket>()
  const ready = new Set<Backend>()
  let turn = 0

  async function look(backend: Backend): Promise<void> {
    const isReady = await fetch(backend.readyURL).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) ready.add(backend)
    else ready.delete(backend)
  }

  function serve(client: Socket, triesLeft: number): void {
    const [target] = [...ready].slice((turn += 1) % Math.max(1, ready.size))
    if (triesLeft === 0 || target === undefined) return void client.destroy()
    const server = connect(target.port, '127.0.0.1')
    let taken = false
    server.once('connect', () => {
      taken = true
      client.pipe(server)
      server.pipe(client)
    })
    server.on('error', () => (taken ? client.destroy() : serve(client, triesLeft - 1)))
    server.on('close', () => taken && client.destroy())
    client.on('close', () => server.destroy())
  }

  const balancer = createServer((client) => {
    open.add(client)
    client.on('close', () => open.delete(client))
    client.on('error', () => client.destroy())
    serve(client, backends.length)
  })
  const polling = setInterval(() => backends.forEach((backend) => void look(backend)), pollMs)
  await new Promise<void>((resolve) => balancer.listen(0, '127.0.0.1', resolve))
  return {
    port: (balancer.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        clearInterval(polling)
        balancer.close(() => resolve())
        for (const client of open) client.destroy()
      }),
  }
}
