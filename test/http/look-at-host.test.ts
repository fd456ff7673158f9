import { afterEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createSecureServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { makeLookAtHost } from '../../src/http/look-at-host.ts'
import { localhostCertificate, localhostKey } from '../fake/localhost-cert.ts'
import { until } from '../until.ts'

const ends: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

type Served = { readonly port: number; readonly received: () => number; readonly open: () => number }

async function serve(make: (connected: (socket: Socket) => void) => Server, host = '127.0.0.1'): Promise<Served> {
  let received = 0
  const sockets = new Set<Socket>()
  const server = make((socket) => {
    socket.on('data', (piece: Buffer) => {
      received += piece.byteLength
    })
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  ends.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return { port: (server.address() as AddressInfo).port, received: () => received, open: () => sockets.size }
}

const secure = () =>
  serve((connected) => {
    const server = createSecureServer({ cert: localhostCertificate, key: localhostKey }, connected)
    return server.on('tlsClientError', () => undefined)
  })

/** Only here, and only until the test is over, is the public key of the tests an authority. */
function trustLocalhost(): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, localhostCertificate])
  ends.push(() => setDefaultCACertificates(before))
}

const look = (port: number, host = '127.0.0.1', deadlineMs = 2_000) => makeLookAtHost()({ host, port, deadlineMs })

describe('a look at a host', () => {
  test('finds its addresses and a certificate that holds, says nothing to it, and leaves', async () => {
    trustLocalhost()
    const server = await secure()
    expect(await look(server.port)).toEqual({
      addresses: ['127.0.0.1'],
      certificate: {
        fault: undefined,
        names: 'localhost, 127.0.0.1, 0:0:0:0:0:0:0:1',
        issuer: 'test only, do not trust',
        notAfter: Date.UTC(2120, 0, 1),
      },
    })
    await until('the connection is closed', () => server.open() === 0)
    expect(server.received()).toBe(0)
  })

  test('by a name sees the certificate of that name', async () => {
    trustLocalhost()
    const server = await secure()
    const seen = await look(server.port, 'localhost')
    expect(seen).toMatchObject({ certificate: { fault: undefined } })
  })

  test('shows a certificate that nobody trusts, with its fault', async () => {
    const server = await secure()
    expect(await look(server.port)).toMatchObject({
      certificate: { fault: 'DEPTH_ZERO_SELF_SIGNED_CERT', issuer: 'test only, do not trust' },
    })
  })

  test('shows a certificate of another name, with its fault', async () => {
    trustLocalhost()
    const server = await serve(
      (connected) => createSecureServer({ cert: localhostCertificate, key: localhostKey }, connected),
      '127.0.0.2',
    )
    // All of 127.0.0.0/8 is this machine, and the certificate names one address of it.
    expect(await look(server.port, '127.0.0.2')).toMatchObject({
      certificate: { fault: 'ERR_TLS_CERT_ALTNAME_INVALID', names: expect.stringContaining('localhost') },
    })
  })

  test('tells that a name has no address', async () => {
    expect(await look(1, 'nobody.invalid')).toEqual({ noName: expect.stringMatching(/^(?:ENOTFOUND|EAI_AGAIN)$/) })
  })

  test('tells that nobody is there', async () => {
    const server = await secure()
    for (const end of ends.splice(0)) await end()
    expect(await look(server.port)).toEqual({ addresses: ['127.0.0.1'], noTLS: 'NotReached' })
  })

  test.each<[string, (socket: Socket) => void]>([
    ['answers in plain HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['hangs up', (socket) => socket.destroy()],
  ])('tells that what is there speaks no TLS: it %s', async (_what, answer) => {
    const server = await serve((connected) =>
      createServer((socket) => {
        connected(socket)
        socket.once('data', () => answer(socket))
      }),
    )
    expect(await look(server.port)).toMatchObject({ noTLS: 'NotSpoken' })
    await until('the connection is closed', () => server.open() === 0)
  })

  test('waits for nobody longer than it may', async () => {
    const server = await serve((connected) => createServer(connected))
    expect(await look(server.port, '127.0.0.1', 150)).toMatchObject({ noTLS: 'Timeout' })
    await until('the connection is closed', () => server.open() === 0)
  })
})
