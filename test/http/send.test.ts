import { afterEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createSecureServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { HttpAnswer, HttpFailure, HttpRequest } from '../../src/app/http.ts'
import { makeHttp } from '../../src/http/send.ts'
import { localhostCertificate, localhostKey } from '../fake/localhost-cert.ts'
import { until } from '../until.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** What a server of raw sockets has seen. */
type Raw = {
  readonly port: number
  readonly received: () => string
  readonly open: () => number
  readonly asked: () => number
}

/** Answers each first piece of a request as it is told; what it does is what the socket gets. */
async function serve(answer: (socket: Socket, first: string) => void, make = plain): Promise<Raw> {
  let [received, asked] = ['', 0]
  const sockets = new Set<Socket>()
  const server = make((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.once('data', (piece: Buffer) => {
      asked += 1
      answer(socket, piece.toString())
    })
    socket.on('data', (piece: Buffer) => {
      received += piece.toString()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const port = portOf(server)
  return { port, received: () => received, open: () => sockets.size, asked: () => asked }
}

type Connected = (socket: Socket) => void

const plain = (connected: Connected): Server => createServer(connected)
const secure = (connected: Connected): Server =>
  createSecureServer({ cert: localhostCertificate, key: localhostKey }, connected)

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

const secret = 'Bearer s3cr3t'

function send(port: number, request: Partial<HttpRequest> = {}): Promise<HttpAnswer | HttpFailure> {
  const url = `http://127.0.0.1:${port}/path?code=s3cr3t`
  const headers = { authorization: secret }
  return makeHttp()({ method: 'POST', url, headers, body: '{"a":1}', deadlineMs: 2_000, mostBytes: 1_000, ...request })
}

const ok = (body: string, headers = ''): string =>
  `HTTP/1.1 200 OK\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`

describe('one request over HTTP', () => {
  test('what was asked is sent, whole, and the answer is handed over as it is', async () => {
    const server = await serve((socket) => socket.end(ok('hello', 'Retry-After: 7\r\nX-Two: a\r\nX-Two: b\r\n')))
    const answer = (await send(server.port, { method: 'PUT', headers: { 'x-one': '1' } })) as HttpAnswer
    expect({ status: answer.status, body: Buffer.from(answer.body).toString() }).toEqual({ status: 200, body: 'hello' })
    expect([answer.header('retry-after'), answer.header('X-Two'), answer.header('x-none')]).toEqual([
      '7',
      'a, b',
      undefined,
    ])
    expect(answer.header('constructor')).toBeUndefined()
    const [head = '', body] = server.received().split('\r\n\r\n')
    expect(body).toBe('{"a":1}')
    expect(head.toLowerCase().split('\r\n')).toEqual(
      expect.arrayContaining(['put /path?code=s3cr3t http/1.1', 'x-one: 1', 'content-length: 7', 'connection: close']),
    )
  })

  test('a request without a body has none', async () => {
    const server = await serve((socket) => socket.end(ok('')))
    const url = `http://127.0.0.1:${server.port}/`
    const request: HttpRequest = { method: 'GET', url, headers: {}, deadlineMs: 2_000, mostBytes: 10 }
    expect(await makeHttp()(request)).toMatchObject({ status: 200 })
    expect(server.received()).toMatch(/\r\n\r\n$/)
  })

  test.each([301, 302, 303, 307, 308])('a redirect with %i is an answer, and nobody goes there', async (status) => {
    const server = await serve((socket) =>
      socket.end(`HTTP/1.1 ${status} X\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n`),
    )
    const answer = (await send(server.port)) as HttpAnswer
    expect([answer.status, answer.header('location'), server.asked()]).toEqual([status, '/other', 1])
  })

  test('an answer just as long as it may be is taken, in any pieces', async () => {
    const server = await serve((socket) => {
      const text = ok('x'.repeat(1_000))
      socket.write(text.slice(0, 20))
      setImmediate(() => {
        socket.write(text.slice(20, 500))
        setImmediate(() => socket.end(text.slice(500)))
      })
    })
    expect(await send(server.port)).toMatchObject({ status: 200 })
  })

  test('an answer may end with its connection, where it says no length', async () => {
    const server = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nhel')
      setImmediate(() => socket.end('lo'))
    })
    const answer = (await send(server.port)) as HttpAnswer
    expect(Buffer.from(answer.body).toString()).toBe('hello')
  })

  test('no timer stays behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length
    const server = await serve((socket) => socket.end(ok('hello')))
    const before = timers()
    await send(server.port, { deadlineMs: 600_000 })
    await send(1, { deadlineMs: 600_000 })
    await until('no timer is left', () => timers() <= before, 2_000)
  })

  test('no connection stays open, also when the service would keep it', async () => {
    const server = await serve((socket) => socket.write(ok('hello')))
    const answers = await Promise.all([send(server.port), send(server.port), send(server.port)])
    expect(answers).toEqual(Array.from({ length: 3 }, () => expect.objectContaining({ status: 200 })))
    await until('all connections are closed', () => server.open() === 0, 2_000)
  })
})

/** What a service may do to us, and what is known of the request then. */
const misdeeds: readonly (readonly [what: string, failure: string, deed: (socket: Socket) => void])[] = [
  ['never answers', 'Timeout', () => undefined],
  ['stops in the status line', 'Timeout', (socket) => socket.write('HTTP/1.1 2')],
  ['stops in the headers', 'Timeout', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-le')],
  ['stops in the body', 'Timeout', (socket) => socket.write(ok('hello').slice(0, -2))],
  [
    'says again and again that it goes on',
    'Timeout',
    (socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(5)),
  ],
  ['closes without a word', 'Broken', (socket) => socket.end()],
  ['resets without a word', 'Broken', (socket) => socket.resetAndDestroy()],
  ['closes in the headers', 'Broken', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
  ['closes in the body', 'Broken', (socket) => socket.end(ok('hello').slice(0, -2))],
  ['closes between chunks', 'Broken', (socket) => socket.end(`${chunked}5\r\nhello\r\n`)],
  ['resets in the body', 'Broken', (socket) => socket.write(ok('hello').slice(0, -2), () => socket.resetAndDestroy())],
  ['speaks another language', 'Broken', (socket) => socket.end('220 mail.example ESMTP\r\n')],
  ['sends headers without end', 'Broken', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`)],
  ['turns into another protocol', 'Broken', (socket) => socket.write(upgrade)],
  ['sends too much', 'TooLarge', (socket) => socket.end(ok('x'.repeat(1_001)))],
  ['sends too much in chunks', 'TooLarge', (socket) => socket.write(`${chunked}3e9\r\n${'x'.repeat(1_001)}\r\n`)],
  ['sends without end', 'TooLarge', (socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(5_000)}`)],
]
const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'

describe('what others do', () => {
  test.each(misdeeds)('a service that %s: %s', async (_what, failure, deed) => {
    const server = await serve(deed)
    expect(await send(server.port, { deadlineMs: failure === 'Timeout' ? 150 : 5_000 })).toEqual({ failure })
    expect(server.asked()).toBe(1)
    await until('the connection is closed', () => server.open() === 0)
  })

  test('a body that trickles does not put the deadline off', async () => {
    let trickle: NodeJS.Timeout | undefined
    const server = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
      trickle = setInterval(() => socket.write('x'), 10)
    })
    expect(await send(server.port, { deadlineMs: 200 })).toEqual({ failure: 'Timeout' })
    clearInterval(trickle)
  })
})

describe('what nobody waits for any more', () => {
  test('ends at once, and nobody knows whether it was carried out', async () => {
    const life = new AbortController()
    const server = await serve(() => life.abort())
    expect(await send(server.port, { deadlineMs: 600_000, signal: life.signal })).toEqual({ failure: 'Broken' })
    await until('the connection is closed', () => server.open() === 0)
  })

  test('in the middle of an answer ends at once, too', async () => {
    const life = new AbortController()
    const server = await serve((socket) => socket.write(ok('hello').slice(0, -2), () => life.abort()))
    expect(await send(server.port, { deadlineMs: 600_000, signal: life.signal })).toEqual({ failure: 'Broken' })
  })

  test('before there is a connection was not sent', async () => {
    const life = new AbortController()
    const server = await serve(() => undefined)
    const url = `https://127.0.0.1:${server.port}/`
    const outcome = send(server.port, { url, deadlineMs: 600_000, signal: life.signal })
    await until('the handshake has begun', () => server.asked() === 1)
    life.abort()
    expect(await outcome).toEqual({ failure: 'NotSent' })
  })

  test('before it began is not begun', async () => {
    const server = await serve((socket) => socket.end(ok('hello')))
    expect(await send(server.port, { signal: AbortSignal.abort() })).toEqual({ failure: 'NotSent' })
    expect(server.asked()).toBe(0)
  })

  test('leaves no listener behind when it was answered before', async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const counted = new Proxy(signal, {
      get: (target, key) => {
        if (key === 'addEventListener') return () => (listeners += 1)
        if (key === 'removeEventListener') return () => (listeners -= 1)
        return Reflect.get(target, key, target)
      },
    })
    const server = await serve((socket) => socket.end(ok('hello')))
    await send(server.port, { signal: counted })
    expect(listeners).toBe(0)
  })
})

describe('with TLS', () => {
  test('whom we trust gets the request, and may break it off thereafter', async () => {
    const before = getCACertificates('default')
    setDefaultCACertificates([localhostCertificate])
    const [good, bad] = [
      await serve((socket) => socket.end(ok('hello')), secure),
      await serve((one) => one.destroy(), secure),
    ]
    const answers = await Promise.all([good, bad].map(({ port }) => send(port, { url: `https://127.0.0.1:${port}/` })))
    setDefaultCACertificates(before)
    expect(answers).toEqual([expect.objectContaining({ status: 200 }), { failure: 'Broken' }])
    expect(good.received()).toContain('{"a":1}')
  })
})

describe('certainly not sent', () => {
  test('nobody listens', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const port = portOf(server)
    server.close()
    await once(server, 'close')
    expect(await send(port)).toEqual({ failure: 'NotSent' })
  })

  test('nobody has that name', async () => {
    expect(await send(0, { url: 'http://nobody.invalid/' })).toEqual({ failure: 'NotSent' })
  })

  test('the certificate is not one that we trust: not a byte of the request has arrived', async () => {
    const server = await serve((socket) => socket.end(ok('hello')), secure)
    expect(await send(server.port, { url: `https://127.0.0.1:${server.port}/` })).toEqual({ failure: 'NotSent' })
    await until('the connection is closed', () => server.open() === 0)
    expect([server.asked(), server.received()]).toEqual([0, ''])
  })

  test('the service does not speak TLS', async () => {
    const server = await serve((socket) => socket.end(ok('hello')))
    expect(await send(server.port, { url: `https://127.0.0.1:${server.port}/` })).toEqual({ failure: 'NotSent' })
    expect(server.received()).not.toContain('s3cr3t')
  })

  test('the handshake is not done when the time is up', async () => {
    const server = await serve(() => undefined)
    const request = { url: `https://127.0.0.1:${server.port}/`, deadlineMs: 150 }
    expect(await send(server.port, request)).toEqual({ failure: 'NotSent' })
    await until('the connection is closed', () => server.open() === 0)
  })

  test.each([
    ['no URL', { url: 's3cr3t' }],
    ['another protocol', { url: 'ftp://127.0.0.1/' }],
    ['a line break in a header', { headers: { authorization: 'Bearer s3cr3t\r\nx: y' } }],
    ['a header without a name', { headers: { '': 's3cr3t' } }],
    ['a character that is none of HTTP in a path', { url: 'http://127.0.0.1:1/\u0000' }],
    ['a port that is not there', { url: 'http://127.0.0.1:99999/' }],
  ])('%s cannot be sent, and does not throw', async (_what, request) => {
    expect(await send(1, request)).toEqual({ failure: 'NotSent' })
  })
})
