import { describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { choosePort } from '../../cluster/port.ts'

async function taken() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, close: () => new Promise((resolve) => server.close(resolve)) }
}

describe('a port for the API server', () => {
  test('is outside of what systems give to outgoing connections, and no node port', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => choosePort()))
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000)
    expect(Math.max(...ports)).toBeLessThan(30_000)
  })

  test('is one that nobody listens on', async () => {
    const first = await taken()
    const candidates = [first.port, first.port, 24_321]
    const port = await choosePort(() => candidates.shift() ?? 0)
    await first.close()
    expect(port).not.toBe(first.port)
  })

  test('is not looked for endlessly', async () => {
    const only = await taken()
    const choosing = choosePort(() => only.port)
    await expect(choosing).rejects.toMatchObject({ reason: 'PortTaken' })
    await only.close()
  })
})
