import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { ClusterError } from './problem.ts'

/** Finds a TCP port of 127.0.0.1 that nobody listens on at this moment. */
export type ChoosePort = () => Promise<number>

/**
 * Below the ports that systems hand out to outgoing connections (from 32768 on Linux, 49152 on macOS) and below node
 * ports (from 30000). A port of the outgoing range can be taken while its server is restarted, even by a client that
 * keeps trying to reach that very server: TCP then connects the client to itself.
 */
const range = { from: 20_000, to: 30_000 }
const tries = 50

/** A free port, at random so that control planes that start at the same time rarely meet; who loses chooses again. */
export async function choosePort(random: (from: number, to: number) => number = randomInt): Promise<number> {
  for (let count = 0; count < tries; count += 1) {
    const port = random(range.from, range.to)
    if (await isFree(port)) return port
  }
  throw new ClusterError('PortTaken', `none of ${tries} random ports of 127.0.0.1 was free`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
