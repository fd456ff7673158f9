import { afterEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { RawAnswer, RawRequest } from '../../src/app/raw.ts'
import { gatewayLimits, makeGatewayServer } from '../../src/gateway/server.ts'
import type { GatewayPorts, GatewayServer } from '../../src/gateway/server.ts'
import { makeTimers } from '../../src/kubernetes/timers.ts'
import { until } from '../until.ts'

const { sleep } = makeTimers({ now: () => 0, elapsed: () => performance.now() })
const ok: RawAnswer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
const ends: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

type Ground = {
  readonly server: GatewayServer
  readonly port: number
  readonly seen: RawRequest[]
  readonly errors: unknown[]
}

async function started(changes: Partial<GatewayPorts> = {}): Promise<Ground> {
  const [seen, errors]: [RawRequest[], unknown[]] = [[], []]
  const messages = async (one: RawRequest): Promise<RawAnswer> => (seen.push(one), ok)
  const limits = { ...gatewayLimits, bodyBytes: 1000, headersMs: 200, requestMs: 400, closeMs: 300 }
  const failed = (error: unknown): void => void errors.push(error)
  const server = makeGatewayServer({ messages, failed, sleep, limits, ...changes })
  const port = await server.listen({ host: '127.0.0.1', port: 0 })
  ends.push(() => server.close())
  return { server, port, seen, errors }
}

type Sent = {
  readonly path?: string
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string | string[]>
  readonly agent?: Agent
  readonly signal?: AbortSignal
}
type Got = { readonly status: number | undefined; readonly headers: IncomingHttpHeaders; readonly body: string }

function send({ port }: Pick<Ground, 'port'>, sent: Sent = {}): Promise<Got> {
  const { path = '/api/messages', method = 'POST', body = method === 'POST' ? '{}' : '', ...others } = sent
  const rest = { ...others, headers: { authorization: 'Bearer t', ...others.headers } }
  return new Promise((resolve, reject) => {
    const made = request({ host: '127.0.0.1', port, path, method, ...rest }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }))
      response.on('error', reject)
    })
    made.on('error', reject)
    made.end(body)
  })
}

/** A connection on which bytes can be said one by one, and what came back on it. */
function raw({ port }: Pick<Ground, 'port'>): { socket: Socket; got: () => string; ended: () => boolean } {
  const socket = connect(port, '127.0.0.1')
  let [text, over] = ['', false]
  socket.on('data', (chunk) => (text += chunk.toString()))
  socket.on('close', () => (over = true))
  socket.on('error', () => undefined)
  ends.push(() => void socket.destroy())
  return { socket, got: () => text, ended: () => over }
}

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** What is in use of the memory that buffers have, without what only waits to be collected. */
function heldBytes(): number {
  if (typeof collect === 'function') collect()
  return process.memoryUsage().arrayBuffers
}

/** The head of a request with a token, as far as the fields that are each time others. */
const head = 'POST /api/messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\n'

describe('what the Bot Connector posts', () => {
  test('is handed on as it came, and the answer back', async () => {
    const ground = await started()
    const got = await send(ground, {
      path: '/api/messages?a=1&a=2',
      body: '{"x":"\\u00e4"}',
      headers: { authorization: 'Bearer t' },
    })
    expect(got).toMatchObject({ status: 200, body: ok.body, headers: { 'content-type': 'application/json' } })
    const [one] = ground.seen
    expect(one).toMatchObject({ method: 'POST', path: '/api/messages', cutOff: false })
    expect(one?.query.getAll('a')).toEqual(['1', '2'])
    expect(one?.header('authorization')).toBe('Bearer t')
    expect(one?.header('Authorization')).toBe('Bearer t')
    expect(one?.header('x-none')).toBeUndefined()
    expect(Buffer.from(one?.body ?? []).toString()).toBe('{"x":"\\u00e4"}')
  })

  test('of two values of a header neither is believed', async () => {
    const ground = await started()
    const { socket, got } = raw(ground)
    socket.write(`${head}Authorization: Bearer b\r\nContent-Length: 2\r\n\r\n{}`)
    await until('it is answered', () => got().includes('{"a":1}'))
    expect(ground.seen[0]?.header('authorization')).toBeUndefined()
  })

  test.each([
    ['just the limit', 1000, false],
    ['over the limit', 1001, true],
    ['over the limit by far', 1990, true],
  ])('of a body %s as much as there is room for', async (_what, size, cutOff) => {
    const ground = await started()
    const got = await send(ground, { body: 'x'.repeat(size) })
    expect(got.headers.connection).toBe(cutOff ? 'close' : 'keep-alive')
    expect(ground.seen).toMatchObject([{ cutOff }])
    expect(ground.seen[0]?.body.byteLength).toBe(1000)
  })

  test('a body without end is not waited for', async () => {
    const ground = await started()
    const { socket, got, ended } = raw(ground)
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
    for (let number = 0; number < 4; number += 1) socket.write(chunk)
    await until('it is answered and ended', () => got().includes('200 OK') && ended())
    expect(ground.seen).toMatchObject([{ cutOff: true }])
  })

  test('who goes away while he waits is noticed', async () => {
    let gone: AbortSignal | undefined
    const messages = (one: RawRequest): Promise<RawAnswer> => {
      gone = one.gone
      return new Promise((resolve) => one.gone.addEventListener('abort', () => resolve(ok)))
    }
    const ground = await started({ messages })
    const caller = new AbortController()
    const answer = send(ground, { signal: caller.signal }).catch(() => 'cut')
    await until('it has arrived', () => gone !== undefined)
    expect(gone?.aborted).toBe(false)
    caller.abort()
    await until('it is noticed', () => gone?.aborted === true)
    expect(await answer).toBe('cut')
  })

  test('a body that breaks off reaches nobody', async () => {
    const ground = await started()
    const { socket, ended } = raw(ground)
    socket.write(`${head}Content-Length: 9\r\n\r\n{}`)
    await until('it is on its way', () => socket.bytesWritten > 40)
    socket.destroy()
    await until('it is over', () => ended())
    expect(await send(ground)).toMatchObject({ status: 200 })
    expect(ground.seen).toHaveLength(1)
  })
})

describe('strangers', () => {
  const bare = 'POST /api/messages HTTP/1.1\r\nHost: a\r\n'

  test.each([
    ['no token', bare],
    ['two tokens', `${head}Authorization: Bearer b\r\n`],
    ['another scheme', `${bare}Authorization: Basic YTpi\r\n`],
    ['what is no token', `${bare}Authorization: Bearer a b\r\n`],
    ['no token, for the tab', bare.replace('/api/messages', '/api/tab/requests')],
  ])('with %s are answered before their bodies have come, which nobody sees', async (_what, begin) => {
    const messages = async (one: RawRequest): Promise<RawAnswer> => (ground.seen.push(one), { ...ok, status: 403 })
    const ground: Ground = await started({ messages: (one) => messages(one), tab: (one) => messages(one) })
    const { socket, got } = raw(ground)
    socket.write(`${begin}Content-Length: 900\r\n\r\n${'x'.repeat(800)}`)
    await until('it is answered', () => got().startsWith('HTTP/1.1 403 '))
    expect(ground.seen).toMatchObject([{ cutOff: false }])
    expect(ground.seen[0]?.body.byteLength).toBe(0)
    socket.write(`${'x'.repeat(100)}GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    await until('the connection goes on', () => got().includes('HTTP/1.1 404 '))
  })

  /** Sends all but the last byte of a body. */
  function sendSlowly(ground: Ground, bytes: number): ReturnType<typeof raw> {
    const one = raw(ground)
    one.socket.write(`${head}Content-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes - 1)}`)
    return one
  }

  async function crowded(): Promise<Ground & { readonly late: RawRequest[] }> {
    const late: RawRequest[] = []
    const messages = async (one: RawRequest): Promise<RawAnswer> => {
      if (one.crowdedOut !== true) return ok
      late.push(one)
      return { ...ok, status: 503 }
    }
    const limits = { ...gatewayLimits, bodyBytes: 1_000, bodiesBytes: 4_000, requestMs: 30_000, closeMs: 300 }
    return { ...(await started({ messages, limits })), late }
  }

  test('cannot fill the memory: the body that is longest on its way gives way, and is told so', async () => {
    const ground = await crowded()
    const slow: ReturnType<typeof raw>[] = []
    for (let number = 0; number < 12; number += 1) {
      slow.push(sendSlowly(ground, 1_000))
      await until('so many have given way', () => ground.late.length === Math.max(0, number - 3))
    }
    await until('eight are told', () => slow.filter(({ got }) => got().includes(' 503 ')).length === 8)
    expect(slow.map(({ got }) => got().includes(' 503 '))).toEqual(slow.map((_one, number) => number < 8))
    await until('and ended', () => slow.slice(0, 8).every(({ ended }) => ended()))
    expect(ground.late.every(({ body }) => body.byteLength === 0)).toBe(true)
  })

  test('cannot keep out who sends at once, however many of them fill the room', async () => {
    const ground = await crowded()
    for (let number = 0; number < 8; number += 1) sendSlowly(ground, 1_000)
    await until('the room is full', () => ground.late.length === 4)
    for (let number = 0; number < 20; number += 1) {
      expect(await send(ground, { body: 'x'.repeat(900) })).toMatchObject({ status: 200 })
    }
  })

  test('take no room any more when they are answered', async () => {
    const ground = await crowded()
    for (let number = 0; number < 20; number += 1) await send(ground, { body: 'x'.repeat(1_900) })
    const bodies = Array.from({ length: 4 }, () => send(ground, { body: 'x'.repeat(1_000) }))
    expect((await Promise.all(bodies)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(ground.late).toEqual([])
  })

  test('hold no more memory than there is for all bodies, whatever they send', async () => {
    let crowdedOut = 0
    const messages = async (one: RawRequest): Promise<RawAnswer> => {
      crowdedOut += one.crowdedOut === true ? 1 : 0
      return { ...ok, status: 503 }
    }
    const ground = await started({ messages, limits: { ...gatewayLimits, closeMs: 300 } })
    const before = heldBytes()
    const [each, many] = [gatewayLimits.bodyBytes, 200]
    for (let number = 0; number < many; number += 1) sendSlowly(ground, each)
    await until('the others are told', () => crowdedOut >= many - gatewayLimits.bodiesBytes / each)
    expect(heldBytes() - before).toBeLessThan(1.5 * gatewayLimits.bodiesBytes)
  })

  test('cannot take more memory by sending in crumbs', async () => {
    const ground = await started({ limits: { ...gatewayLimits, closeMs: 300 } })
    const { socket, got } = raw(ground)
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(20_000)}0\r\n\r\n`)
    await until('it is answered', () => got().includes(' 200 '))
    const body = ground.seen[0]?.body
    expect([body?.byteLength, body?.buffer.byteLength]).toEqual([20_000, 32 * 1024])
    expect(Buffer.from(body ?? []).toString()).toBe('x'.repeat(20_000))
  })
})

describe('everything else is not there', () => {
  test.each([
    ['another place', { path: '/' }],
    ['a place below', { path: '/api/messages/x' }],
    ['a slash more', { path: '/api/messages/' }],
    ['other letters', { path: '/API/messages' }],
    ['another method', { method: 'GET' }],
    ['a change', { method: 'PUT', body: '{}' }],
    ['the tab, where there is none', { method: 'GET', path: '/tab/' }],
    ['the API of the tab, where there is none', { method: 'GET', path: '/api/tab/requests' }],
    ['the metrics', { method: 'GET', path: '/metrics' }],
    ['a place that is none', { method: 'GET', path: '/%' }],
  ])('%s', async (_what, sent) => {
    const ground = await started()
    expect(await send(ground, sent)).toMatchObject({ status: 404, body: '' })
    expect(ground.seen).toEqual([])
    expect(ground.errors).toEqual([])
  })

  test('says nothing of what serves it, and lets nobody frame or guess it', async () => {
    const ground = await started()
    const { headers } = await send(ground, { path: '/' })
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('etag')
  })

  test('an error of ours is told to us and to nobody else', async () => {
    const ground = await started({ messages: () => Promise.reject(new Error('a secret')) })
    expect(await send(ground)).toMatchObject({ status: 500, body: '' })
    expect(ground.errors).toEqual([new Error('a secret')])
  })
})

describe('who is slow', () => {
  test.each([
    ['with the head', 'POST /api/messages HTTP/1.1\r\nHost: a\r\nX-A: '],
    ['with the body', `${head}Content-Length: 9\r\n\r\n{`],
  ])('%s is told 408 and cut off', async (_what, text) => {
    const ground = await started()
    const { socket, got, ended } = raw(ground)
    socket.write(text)
    await until('it is cut off', ended)
    expect(got()).toMatch(/^(HTTP\/1\.1 408 |$)/)
    expect(ground.seen).toEqual([])
    expect(await send(ground)).toMatchObject({ status: 200 })
  })

  test.each([
    ['what is no HTTP', 'hello\r\n\r\n', 400],
    ['a head without end', `POST / HTTP/1.1\r\nX: ${'x'.repeat(17 * 1024)}\r\n\r\n`, 431],
    ['two lengths of one body', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', 400],
    ['a length and chunks', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ])('%s is refused by the server itself', async (_what, text, status) => {
    const ground = await started()
    const { socket, got, ended } = raw(ground)
    socket.write(text)
    await until('it is refused', ended)
    expect(got()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(ground.seen).toEqual([])
  })
})

describe('the tab in Teams', () => {
  const tab = async ({ method, path }: RawRequest): Promise<RawAnswer> => ({ ...ok, body: `${method} ${path}` })

  test.each([
    ['GET', '/api/tab/requests', 200],
    ['POST', '/api/tab/requests/apr-1/votes', 200],
    ['DELETE', '/api/tab/requests', 404],
    ['GET', '/api/tab', 404],
    ['GET', '/api/tabs/requests', 404],
  ])('%s %s', async (method, path, status) => {
    const ground = await started({ tab })
    expect(await send(ground, { method, path })).toMatchObject({
      status,
      body: status === 200 ? `${method} ${path}` : '',
    })
  })

  test('its files are framed by whom their policy names, and nothing beside them is served', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tab-'))
    ends.push(() => rmSync(directory, { recursive: true }))
    writeFileSync(join(directory, 'index.html'), '<p>tab</p>')
    writeFileSync(join(directory, '.secret'), 'x')
    const contentSecurity = "default-src 'none'; frame-ancestors https://teams.microsoft.com"
    const ground = await started({ files: { directory, contentSecurity } })
    const got = await send(ground, { method: 'GET', path: '/tab/' })
    expect(got).toMatchObject({
      status: 200,
      body: '<p>tab</p>',
      headers: { 'content-security-policy': contentSecurity },
    })
    expect(got.headers).not.toHaveProperty('x-frame-options')
    for (const path of [
      '/tab/.secret',
      '/tab/%2e%2e/package.json',
      '/tab/../package.json',
      '/tab/none.js',
      '/tab/%00',
    ]) {
      const { status = 0, body } = await send(ground, { method: 'GET', path })
      expect([path, status >= 400 && status < 500, body]).toEqual([path, true, ''])
    }
    expect(ground.errors).toEqual([])
  })
})

describe('the end', () => {
  test('while draining, everything is answered, and each connection ends after its answer', async () => {
    const ground = await started()
    const agent = new Agent({ keepAlive: true })
    ends.push(() => agent.destroy())
    expect((await send(ground, { agent })).headers.connection).toBe('keep-alive')
    ground.server.drain()
    expect(await send(ground, { agent })).toMatchObject({ status: 200, headers: { connection: 'close' } })
  })

  test('who waits is answered before it closes; who waits too long is cut off', async () => {
    const release: ((answer: RawAnswer) => void)[] = []
    const ground = await started({ messages: () => new Promise((resolve) => release.push(resolve)) })
    const waiting = [send(ground).catch(() => 'cut'), send(ground).catch(() => 'cut')]
    await until('both are there', () => release.length === 2)
    const closed = ground.server.close()
    await expect(send(ground)).rejects.toThrow('ECONNREFUSED')
    release[0]?.(ok)
    const answers = await Promise.all(waiting)
    expect(answers.map((one) => (typeof one === 'string' ? one : one.status))).toEqual(
      expect.arrayContaining([200, 'cut']),
    )
    await closed
  })

  test('a port that is taken is an error at once', async () => {
    const ground = await started()
    const other = makeGatewayServer({ messages: async () => ok, failed: () => undefined, sleep, limits: gatewayLimits })
    await expect(other.listen({ host: '127.0.0.1', port: ground.port })).rejects.toThrow('EADDRINUSE')
    await other.close()
  })
})
