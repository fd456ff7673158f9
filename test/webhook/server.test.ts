import { afterEach, describe, expect, test } from '@jest/globals'
import { Agent, request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { admissionPath, makeServer } from '../../src/webhook/server.ts'
import type { AdmissionServer, Posted, ServerPorts } from '../../src/webhook/server.ts'
import { localhostCertificate, localhostKey } from '../fake/localhost-cert.ts'

const limits = { bodyBytes: 1000, keepAliveMs: 120_000, headersMs: 125_000 }
const ok = { status: 200, headers: {}, body: 'ok' }
const open: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of open.splice(0)) await end()
})

async function started(
  answer: ServerPorts['answer'],
): Promise<{ server: AdmissionServer; post: typeof postTo; agent: Agent }> {
  const server = makeServer({ certificate: localhostCertificate, key: localhostKey }, { answer, limits })
  const port = await server.listen({ host: '127.0.0.1', port: 0 })
  const agent = new Agent({ ca: localhostCertificate, keepAlive: true })
  open.push(
    () => agent.destroy(),
    () => server.close(),
  )
  return { server, agent, post: (options) => postTo({ port, agent, ...options }) }
}

type Post = {
  readonly port?: number
  readonly agent?: Agent
  readonly path?: string
  readonly method?: string
  readonly body?: string
  readonly signal?: AbortSignal
}
type Got = { readonly status: number | undefined; readonly headers: IncomingHttpHeaders; readonly body: string }

function postTo({ path = admissionPath, method = 'POST', body = '{}', ...where }: Post): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', path, method, ...where }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('the admission server', () => {
  test('hands the body and the timeout of the API server to whoever answers', async () => {
    let seen: Posted | undefined
    const { post } = await started((posted) => {
      seen = posted
      return ok
    })
    expect(await post({ path: `${admissionPath}?timeout=30s`, body: '{"a":1}' })).toMatchObject({
      status: 200,
      body: 'ok',
    })
    expect(seen).toMatchObject({ timeoutMs: 30_000 })
    expect(Buffer.from(seen?.body ?? []).toString()).toBe('{"a":1}')
  })

  test.each([
    ['another path', { path: '/' }, 404],
    ['another method', { method: 'GET', body: '' }, 404],
  ])('does not answer %s', async (_what, options, status) => {
    const { post } = await started(() => ok)
    expect(await post(options)).toMatchObject({ status })
  })

  test.each([
    ['just the limit', 1000, false],
    ['over the limit', 1001, true],
    ['over the limit by far', 3_900, true],
  ])('hands on of a body %s what there is room for, and answers', async (_what, size, cutOff) => {
    const seen: Posted[] = []
    const { post } = await started((posted) => (seen.push(posted), ok))
    const got = await post({ body: 'x'.repeat(size) }).catch(() => 'the connection was cut')
    expect(got).toMatchObject({ status: 200, headers: { connection: cutOff ? 'close' : 'keep-alive' } })
    expect(seen).toMatchObject([{ cutOff }])
    expect(seen[0]?.body.byteLength).toBeLessThanOrEqual(size)
  })

  test('a call that fails in an unforeseen way ends alone', async () => {
    let calls = 0
    const { post } = await started(() => {
      calls += 1
      if (calls === 1) throw new Error('unforeseen')
      return ok
    })
    await expect(post({})).rejects.toThrow('socket hang up')
    expect(await post({})).toMatchObject({ status: 200 })
  })

  test('notices at once that the API server has gone away', async () => {
    const caller = new AbortController()
    let gone: AbortSignal | undefined
    const asked = new Promise<void>((resolve) => {
      void started((posted) => {
        gone = posted.gone
        resolve()
        return new Promise((answer) => posted.gone.addEventListener('abort', () => answer(ok)))
      }).then(({ post }) => post({ signal: caller.signal }).catch(() => undefined))
    })
    await asked
    const noticed = new Promise((resolve) => gone?.addEventListener('abort', resolve))
    caller.abort()
    await noticed
    expect(gone?.aborted).toBe(true)
  })

  test('while draining answers 503 with Retry-After and ends the connection; a call that is held goes on', async () => {
    let release: ((answer: typeof ok) => void) | undefined
    const { server, post } = await started(() => new Promise((resolve) => (release = resolve)))
    const held = post({})
    await waitFor(() => release !== undefined)
    server.drain()
    expect(await post({})).toMatchObject({ status: 503, headers: { 'retry-after': '1', connection: 'close' } })
    release?.(ok)
    expect(await held).toMatchObject({ status: 200, headers: { connection: 'close' } })
  })

  test('takes no new connection after it refuses, and still answers on those that are there', async () => {
    const { server, post } = await started(() => ok)
    await post({})
    server.refuse()
    expect(await post({})).toMatchObject({ status: 200 })
    server.drain()
    expect(await post({})).toMatchObject({ status: 503 })
    await expect(post({})).rejects.toThrow('ECONNREFUSED')
  })

  test('closes when the last call has been answered', async () => {
    let release: ((answer: typeof ok) => void) | undefined
    const { server, post } = await started(() => new Promise((resolve) => (release = resolve)))
    const held = post({})
    await waitFor(() => release !== undefined)
    let closed = false
    const closing = server.close().then(() => (closed = true))
    await post({}).catch(() => undefined)
    expect(closed).toBe(false)
    release?.(ok)
    await held
    await closing
    expect(closed).toBe(true)
  })

  test('keeps a connection open longer than the API server keeps it idle', async () => {
    const { post } = await started(() => ok)
    expect((await post({})).headers['keep-alive']).toBe('timeout=120')
  })
})

async function waitFor(state: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000 && !state(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2))
  if (!state()) throw new Error('it never came to that')
}
