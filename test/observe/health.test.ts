import { afterEach, describe, expect, test } from '@jest/globals'
import { request } from 'node:http'
import { connect } from 'node:net'
import { serveHealth } from '../../src/observe/health.ts'
import type { HealthCheck, HealthPorts, HealthServer } from '../../src/observe/health.ts'
import { until } from '../until.ts'

let server: HealthServer | undefined
afterEach(() => server?.close())

async function start(ports: Partial<HealthPorts> = {}): Promise<HealthServer> {
  const metrics = () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'a_metric 1\n' })
  server = await serveHealth({ host: '127.0.0.1', port: 0 }, { checks: () => [], metrics, failed: () => {}, ...ports })
  return server
}

type Answer = {
  readonly status: number | undefined
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

function ask(path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: server?.port, path, method, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode, text, headers: response.headers }))
    })
    call.on('error', reject)
    call.end()
  })
}

describe('/readyz', () => {
  const fine: HealthCheck = { name: 'webhook/policies', ok: true }
  const missing: HealthCheck = { name: 'webhook/certificate', ok: false, detail: 'the Secret\nis empty' }

  test('says 200 when every check is ok, and lists them', async () => {
    await start({ checks: () => [fine] })
    const { status, text } = await ask('/readyz')
    expect([status, text]).toEqual([200, '[+]ping ok\n[+]webhook/policies ok\nreadyz check passed\n'])
  })

  test('says 503 when one is not, and what is missing on one line', async () => {
    await start({ checks: () => [fine, missing, { name: 'x', ok: false }] })
    const { status, text } = await ask('/readyz?verbose')
    expect(status).toBe(503)
    expect(text).toBe(
      '[+]ping ok\n[+]webhook/policies ok\n[-]webhook/certificate failed: the Secret is empty\n[-]x failed\nreadyz check failed\n',
    )
  })

  test('asks the checks anew each time', async () => {
    let ok = false
    await start({ checks: () => [{ name: 'sync', ok }] })
    expect((await ask('/readyz')).status).toBe(503)
    ok = true
    expect((await ask('/readyz')).status).toBe(200)
  })
})

test('/livez says 200 also while checks of readiness fail: a restart would not help', async () => {
  await start({ checks: () => [{ name: 'sync', ok: false }] })
  const { status, text } = await ask('/livez')
  expect([status, text]).toEqual([200, '[+]ping ok\nlivez check passed\n'])
})

test('/metrics has the text and the type that the registry gives', async () => {
  await start()
  const { status, text, headers } = await ask('/metrics')
  expect([status, text, headers['content-type']]).toEqual([200, 'a_metric 1\n', 'text/plain; version=0.0.4'])
})

describe('everything else is answered too', () => {
  test('HEAD has the head of GET and no body', async () => {
    await start()
    const { status, text, headers } = await ask('/readyz', 'HEAD')
    expect([status, text, headers['content-length']]).toEqual([200, '', '31'])
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is told what is allowed', async (method) => {
    await start()
    const { status, headers } = await ask('/metrics', method)
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD'])
  })

  test.each(['/', '/healthz', '/readyz/', '/READYZ', '/__proto__', '//readyz'])(
    '%s is told what there is',
    async (path) => {
      await start()
      expect(await ask(path)).toMatchObject({ status: 404, text: 'there are /livez, /readyz, /metrics\n' })
    },
  )

  test('a word of every object in the place of a path is no page', async () => {
    const { port } = await start()
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => (text += String(chunk)))
    socket.write('GET constructor HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await until('an answer came', () => text.includes('\r\n\r\n'))
    socket.destroy()
    expect(text).toMatch(/^HTTP\/1\.1 40[04] /)
  })

  test('metrics that cannot be read are a 500 without a word of why, which is told to whoever started it', async () => {
    const told: unknown[] = []
    await start({
      metrics: () => Promise.reject(new Error('secret why')),
      failed: (error) => told.push(error),
    })
    expect(await ask('/metrics')).toMatchObject({ status: 500, text: 'internal error\n' })
    expect(told).toHaveLength(1)
  })

  test('checks that throw are a 500, and the next question is answered', async () => {
    let broken = true
    await start({
      checks: () => {
        if (broken) throw new Error('bug')
        return []
      },
    })
    expect((await ask('/readyz')).status).toBe(500)
    broken = false
    expect((await ask('/readyz')).status).toBe(200)
  })
})

describe('its life', () => {
  test('a port that is taken is an error of the start', async () => {
    const { port } = await start()
    const ports = { checks: () => [], metrics: () => Promise.reject(new Error()), failed: () => {} }
    await expect(serveHealth({ host: '127.0.0.1', port }, ports)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test.each([['GET /livez HTTP/1.1\r\nHost: a\r\n\r\n'], ['GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /liv']])(
    'close ends a connection on which %j came',
    async (sent) => {
      const { port, close } = await start()
      const socket = connect(port, '127.0.0.1')
      let ended = false
      socket.on('close', () => (ended = true))
      socket.on('error', () => {})
      socket.resume()
      socket.write(sent)
      await until('the answer came', () => socket.bytesRead > 0)
      await close()
      await until('the connection was closed', () => ended)
      await expect(ask('/livez')).rejects.toBeDefined()
    },
  )
})
