import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import { makeTransport, transportLimits } from '../../src/kubernetes/transport.ts'
import type { Call, Connection, Transport, TransportLimits } from '../../src/kubernetes/transport.ts'
import { startFakeApiServer } from '../fake/api-server.ts'
import type { FakeApiServer } from '../fake/api-server.ts'
import type { Fault } from '../fake/api-server-faults.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { until } from '../until.ts'

jest.setTimeout(60_000)

const collection = '/api/v1/configmaps'
const place = { collection, namespace: 'ns' }
const path = '/api/v1/namespaces/ns/configmaps'
const get: Call = { method: 'GET', path: `${path}/a` }
const create: Call = { method: 'POST', path, body: '{"metadata":{"name":"b"}}' }

let api: FakeApiServer
let clock: FakeClock
let transport: Transport
let made: Transport[] = []

function connect(limits: Partial<TransportLimits> = {}, connection: Partial<Connection> = {}): Transport {
  const one = makeTransport(
    { ...api.connection(), ...connection },
    { timers: clock, random: () => 0, userAgent: 'test/1', limits: { ...transportLimits, ...limits } },
  )
  made.push(one)
  return one
}

/** The outcome of a call, value or error; time passes only while the call waits before it tries again. */
async function outcomeOf(calling: Promise<unknown>): Promise<unknown> {
  let outcome: { readonly value: unknown } | undefined
  calling.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { value: error }),
  )
  await until('the call is over', async () => {
    const [first = 0, deadline] = clock.sleeping()
    if (outcome === undefined && deadline !== undefined) await clock.advance(first)
    return outcome !== undefined
  })
  return outcome?.value
}

async function failureOf(calling: Promise<unknown>): Promise<ApiError> {
  const outcome = await outcomeOf(calling)
  if (outcome instanceof ApiError) return outcome
  throw new Error('expected an ApiError', { cause: outcome })
}

beforeEach(async () => {
  api = await startFakeApiServer()
  clock = makeFakeClock()
  made = []
  transport = connect()
  api.objects.create(place, { metadata: { name: 'a' }, data: { k: 'v' } })
})

afterEach(async () => {
  for (const one of made) await one.close()
  await until('every connection is closed', () => api.connections.open === 0)
  await api.stop()
})

describe('a call that succeeds', () => {
  test('brings status, text and the clock of the server', async () => {
    api.setClockSkew(-5_000_000)
    const reply = await transport.call(get)
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.text)).toMatchObject({ metadata: { name: 'a' }, data: { k: 'v' } })
    expect(Math.abs((reply.date ?? 0) - (Date.now() - 5_000_000))).toBeLessThan(60_000)
  })

  test('sends query, token, content type and user agent', async () => {
    await transport.call({ ...create, query: { fieldValidation: 'Strict', x: ['1', 'a b&c'] } })
    const seen = api.requests.at(-1)
    expect(seen?.query).toEqual({ fieldValidation: 'Strict', x: 'a b&c' })
    expect(seen?.headers).toMatchObject({
      authorization: 'Bearer a-token',
      'content-type': 'application/json',
      'user-agent': 'test/1',
      accept: 'application/json',
    })
    expect(seen?.body).toBe(create.body)
  })

  test('keeps the prefix of the server before the path', async () => {
    const other = connect({}, { server: `${api.url}/k8s/clusters/c1/` })
    await other.call({ method: 'GET', path: '/version' })
    expect(api.requests.at(-1)?.path).toBe('/k8s/clusters/c1/version')
  })

  test('500 calls in a row use one TLS connection', async () => {
    for (let i = 0; i < 500; i += 1) await transport.call(get)
    expect(api.connections.total).toBe(1)
  })

  test('200 calls at once use no more connections than are allowed', async () => {
    const few = connect({ maxConnections: 4 })
    await Promise.all(Array.from({ length: 200 }, () => few.call(get)))
    expect(api.connections.total).toBe(4)
  })

  test('text beyond ASCII arrives whole when it comes byte by byte', async () => {
    api.objects.create(place, { metadata: { name: 'umlaut' }, data: { k: 'käse 🧀' } })
    api.faults.next({ do: 'dribble' })
    const reply = await transport.call({ method: 'GET', path: `${path}/umlaut` })
    expect(reply.text).toContain('käse 🧀')
  })
})

describe('what an error says', () => {
  test.each([
    {
      what: 'an object that is not there',
      call: { method: 'GET', path: `${path}/none` },
      says: '404 NotFound: configmaps "none" not found',
    },
    {
      what: 'a name that is taken',
      call: { ...create, body: '{"metadata":{"name":"a"}}' },
      says: '409 AlreadyExists: configmaps "a" already exists',
    },
    {
      what: 'an object that has changed',
      call: { method: 'PUT', path: `${path}/a`, body: '{"metadata":{"name":"a","resourceVersion":"1"}}' },
      says: '409 Conflict: Operation cannot be fulfilled on configmaps "a": the object has been modified',
    },
  ] as const)('$what: what was asked, status, reason and the words of the API server', async ({ call, says }) => {
    const error = await failureOf(transport.call(call))
    expect(error.message).toBe(`${call.method} ${call.path}: ${says}`)
    expect(error).toMatchObject({ status: Number(says.slice(0, 3)), outcomeUnknown: false })
  })

  test('the name of the object is among the details', async () => {
    const error = await failureOf(transport.call({ method: 'GET', path: `${path}/none` }))
    expect(error.details).toEqual({ name: 'none', causes: [] })
  })

  test.each([
    'User "u" cannot list resource "configmaps" in API group "" in the namespace "n"',
    'User "u" cannot get resource "nodes" in API group "" at the cluster scope',
    'admission webhook "validate.example.com" denied the request',
    "ValidatingAdmissionPolicy 'a-policy' with binding 'a-binding' denied request",
  ])('who refused is kept, what follows is not: %s', async (who) => {
    const message = `configmaps is forbidden: ${who}: s3cret`
    for (const reason of ['Forbidden', 'Invalid', 'NotFound', 'TooManyRequests']) {
      api.faults.next({ do: 'refuse', status: 403, reason, message })
      const error = await failureOf(transport.call(get))
      expect(error.message).toBe(`GET ${get.path}: 403 ${reason}: ${who}`)
    }
  })

  test('a reason that is no word is none', async () => {
    api.faults.next({ do: 'refuse', status: 403, reason: 'because s3cret' })
    expect((await failureOf(transport.call(get))).reason).toBe('Http403')
  })

  test.each(['Invalid', 'Forbidden', 'BadRequest', 'InternalError', 'MadeUp'])(
    'an %s may quote the object, so its words are dropped',
    async (reason) => {
      api.faults.next({ do: 'refuse', status: 422, reason, message: 'spec.x: Invalid value: "s3cret"' })
      const error = await failureOf(transport.call(create))
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret')
      expect(error.reason).toBe(reason)
    },
  )

  test('of the causes of an Invalid, field and reason are kept, the message is not', async () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid value: "s3cret"', field: 'spec.x' }]
    const status = { kind: 'Status', reason: 'Invalid', message: 's3cret', details: { name: 'b', kind: 'C', causes } }
    api.faults.next({ do: 'answer', status: 422, text: JSON.stringify(status) })
    const error = await failureOf(transport.call(create))
    expect(error.details).toEqual({ name: 'b', kind: 'C', causes: [{ reason: 'FieldValueInvalid', field: 'spec.x' }] })
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret')
  })

  test('no token, body or query is in it, nor in its cause', async () => {
    api.faults.next({ do: 'resetBefore' })
    const other = connect({}, { token: () => Promise.resolve('s3cret-token') })
    const error = await failureOf(other.call({ ...create, body: '"s3cret-body"', query: { q: 's3cret-query' } }))
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret')
  })

  test.each([
    ['an empty body', ''],
    ['a page of a proxy', '<html>bad gateway</html>'],
    ['JSON that is no Status', '[1]'],
  ])('%s is named by its status', async (_what, text) => {
    api.faults.next({ do: 'answer', status: 418, text })
    expect(await failureOf(transport.call(get))).toMatchObject({ status: 418, reason: 'Http418', details: undefined })
  })

  test('a redirect is an error, not followed', async () => {
    api.faults.next({ do: 'answer', status: 302, text: '', headers: { location: `${api.url}${path}/a` } })
    expect(await failureOf(transport.call(get))).toMatchObject({ status: 302 })
    expect(api.requests).toHaveLength(1)
  })
})

/** How many requests came and what became of the call, with each fault met once per entry. */
async function afterFaults(call: Call, faults: readonly Fault[]): Promise<{ requests: number; outcome: unknown }> {
  for (const fault of faults) api.faults.next(fault)
  const outcome = await outcomeOf(transport.call(call))
  return { requests: api.requests.length, outcome }
}

function refused(status: number, retryAfter?: number): Fault {
  return retryAfter === undefined ? { do: 'refuse', status } : { do: 'refuse', status, retryAfter }
}

describe('sending again', () => {
  test.each<[string, Fault]>([
    ['a 500', refused(500)],
    ['a 502 without a Status', { do: 'answer', status: 502, text: '' }],
    ['a 503', refused(503)],
    ['a 429', refused(429)],
    ['a 429 with Retry-After', refused(429, 1)],
    ['a reset before', { do: 'resetBefore' }],
    ['a reset after', { do: 'resetAfter' }],
    ['an answer cut in the middle', { do: 'truncate' }],
  ])('a GET is sent again after %s', async (_what, fault) => {
    const { requests, outcome } = await afterFaults(get, [fault, fault])
    expect(outcome).toMatchObject({ status: 200 })
    expect(requests).toBe(3)
  })

  test.each<[string, Fault]>([
    ['a 429', refused(429)],
    ['a 429 with Retry-After', refused(429, 1)],
    ['a 503 with Retry-After', refused(503, 1)],
    ['a 500 with Retry-After', refused(500, 1)],
  ])('a write is sent again after %s', async (_what, fault) => {
    const { requests, outcome } = await afterFaults(create, [fault])
    expect(outcome).toMatchObject({ status: 201 })
    expect(requests).toBe(2)
  })

  test.each<[string, Fault, boolean]>([
    ['a 500', refused(500), false],
    ['a 503', refused(503), false],
    ['a reset before', { do: 'resetBefore' }, false],
    ['a reset after', { do: 'resetAfter' }, true],
    ['an answer cut in the middle', { do: 'truncate' }, true],
  ])('a write is not sent again after %s: its outcome is unknown', async (_what, fault, stored) => {
    const { requests, outcome } = await afterFaults(create, [fault])
    expect(outcome).toMatchObject({ outcomeUnknown: true })
    expect(requests).toBe(1)
    expect(api.objects.find({ ...place, name: 'b' }) !== undefined).toBe(stored)
  })

  test.each([400, 403, 404, 409, 410, 413, 422])('nothing is sent again after a %d', async (status) => {
    const { requests, outcome } = await afterFaults(get, [refused(status)])
    expect(outcome).toMatchObject({ status, outcomeUnknown: false })
    expect(requests).toBe(1)
  })

  test('a write whose earlier try is in doubt stays in doubt, whatever the last answer', async () => {
    api.objects.create(place, { metadata: { name: 'b' } })
    const { outcome } = await afterFaults(create, [refused(500, 1)])
    expect(outcome).toMatchObject({ status: 409, reason: 'AlreadyExists', outcomeUnknown: true })
  })

  test('a server that is down is asked again, writes too: nothing was sent', async () => {
    await api.goDown()
    const calling = transport.call(create)
    await until('the call waits before it tries again', () => clock.sleeping().length > 1)
    await api.comeBack()
    expect(await outcomeOf(calling)).toMatchObject({ status: 201 })
    expect(api.requests).toHaveLength(1)
  })

  test('a server that stays down: Connection, and the outcome of a write is known', async () => {
    await api.goDown()
    const error = await failureOf(transport.call(create))
    expect(error).toMatchObject({ status: 0, reason: 'Connection', outcomeUnknown: false })
    expect(inspect(error.cause)).toContain('ECONNREFUSED')
  })

  test('the retries are limited, and wait longer each time', async () => {
    const start = clock.elapsed()
    const { requests, outcome } = await afterFaults(
      get,
      Array.from({ length: 9 }, () => refused(500)),
    )
    expect(outcome).toMatchObject({ status: 500 })
    expect(requests).toBe(6)
    expect(clock.elapsed() - start).toBe((100 + 200 + 400 + 800 + 1600) / 2)
  })

  test('Retry-After is obeyed', async () => {
    const start = clock.elapsed()
    await afterFaults(get, [refused(429, 3)])
    expect(clock.elapsed() - start).toBe(3050)
  })

  test('a wait that would pass the deadline is not begun', async () => {
    const start = clock.elapsed()
    const { outcome } = await afterFaults(get, [refused(429, 60)])
    expect(outcome).toMatchObject({ status: 429, retryAfterSeconds: 60 })
    expect(clock.elapsed()).toBe(start)
  })
})

describe('the token', () => {
  test('is asked for again once after a 401, and told which one was rejected', async () => {
    const asked: (string | undefined)[] = []
    const other = connect(
      {},
      {
        token: (rejected) => {
          asked.push(rejected)
          return Promise.resolve(rejected === undefined ? 'expired' : 'a-token')
        },
      },
    )
    expect(await outcomeOf(other.call(create))).toMatchObject({ status: 201 })
    expect(asked).toEqual([undefined, 'expired'])
    expect(api.requests).toHaveLength(2)
  })

  test('that is rejected twice is an error, known to have had no effect', async () => {
    api.tokens.clear()
    expect(await failureOf(transport.call(create))).toMatchObject({
      status: 401,
      reason: 'Unauthorized',
      outcomeUnknown: false,
    })
    expect(api.requests).toHaveLength(2)
  })

  test('that expires on a connection in use is renewed there', async () => {
    let current = 'a-token'
    const other = connect({}, { token: () => Promise.resolve(current) })
    await other.call(get)
    api.tokens.delete('a-token')
    api.tokens.add('new')
    current = 'new'
    expect(await outcomeOf(other.call(get))).toMatchObject({ status: 200 })
    expect(api.connections.total).toBe(1)
  })

  test('that cannot be had is asked for again, then told; nothing is sent', async () => {
    let asked = 0
    const token = (): Promise<string> => {
      asked += 1
      throw new Error('the file is gone')
    }
    const other = connect({}, { token })
    const error = await failureOf(other.call(create))
    expect(error).toMatchObject({ status: 0, reason: 'TokenUnavailable', outcomeUnknown: false })
    expect(asked).toBe(6)
    expect(api.requests).toHaveLength(0)
  })

  test('that never comes ends at the deadline', async () => {
    const other = connect({}, { token: () => new Promise(() => {}) })
    const calling = failureOf(other.call(create))
    await clock.advance(15_000)
    expect(await calling).toMatchObject({ reason: 'Timeout', outcomeUnknown: false })
  })
})

describe('the end of a call', () => {
  test.each([
    { what: 'a hung GET', call: get, fault: { do: 'hang' }, outcomeUnknown: false },
    { what: 'a hung write', call: create, fault: { do: 'hang' }, outcomeUnknown: true },
    { what: 'a write whose answer hangs', call: create, fault: { do: 'hangAfter' }, outcomeUnknown: true },
  ] as const)('$what ends at its deadline, and its connection with it', async ({ call, fault, outcomeUnknown }) => {
    api.faults.next(fault)
    const calling = failureOf(transport.call({ ...call, deadlineMs: 2_000 }))
    await until('the request has come', () => api.requests.length === 1)
    await clock.advance(1_999)
    expect(api.connections.open).toBe(1)
    await clock.advance(1)
    expect(await calling).toMatchObject({ status: 0, reason: 'Timeout', outcomeUnknown })
    await until('the connection is closed', () => api.connections.open === 0)
    expect(await transport.call(get)).toMatchObject({ status: 200 })
  })

  test('the caller can end it', async () => {
    api.faults.next({ do: 'hang' })
    const caller = new AbortController()
    const calling = failureOf(transport.call({ ...get, signal: caller.signal }))
    await until('the request has come', () => api.requests.length === 1)
    caller.abort()
    expect(await calling).toMatchObject({ status: 0, reason: 'Canceled' })
  })

  test('ended before it began, it sends nothing', async () => {
    expect(await failureOf(transport.call({ ...create, signal: AbortSignal.abort() }))).toMatchObject({
      reason: 'Canceled',
      outcomeUnknown: false,
    })
    expect(api.requests).toHaveLength(0)
  })

  test('one that waits for a connection ends at its deadline, is never sent, and costs no connection', async () => {
    const one = connect({ maxConnections: 1 })
    const gate = Promise.withResolvers<void>()
    api.faults.next({ do: 'wait', until: gate.promise })
    const first = one.call(get)
    await until('the first has come', () => api.requests.length === 1)
    const waiting = failureOf(one.call({ ...create, deadlineMs: 1_000 }))
    await clock.advance(1_000)
    expect(await waiting).toMatchObject({ reason: 'Timeout', outcomeUnknown: false })
    gate.resolve()
    expect(await first).toMatchObject({ status: 200 })
    expect(await one.call(get)).toMatchObject({ status: 200 })
    expect(api.requests.map((request) => request.verb)).toEqual(['get', 'get'])
    expect(api.connections.total).toBe(1)
  })

  test('given up while the connection is made, it leaves the next call unharmed', async () => {
    const one = connect({ maxConnections: 1 })
    const caller = new AbortController()
    const calling = failureOf(one.call({ ...create, signal: caller.signal }))
    caller.abort()
    expect(await calling).toMatchObject({ reason: 'Canceled', outcomeUnknown: false })
    expect(await outcomeOf(one.call(get))).toMatchObject({ status: 200 })
    expect(api.requests).toHaveLength(1)
  })

  test('closing ends calls under way, and refuses later ones', async () => {
    api.faults.next({ do: 'hang' })
    const calling = failureOf(transport.call(create))
    await until('the request has come', () => api.requests.length === 1)
    await transport.close()
    expect(await calling).toMatchObject({ reason: 'Canceled', outcomeUnknown: true })
    await until('no connection is left', () => api.connections.open === 0)
    expect(await failureOf(transport.call(get))).toMatchObject({ reason: 'Canceled' })
    expect(clock.sleeping()).toEqual([])
  })

  test('no timer is left after calls that succeeded or failed', async () => {
    await transport.call(get)
    await failureOf(transport.call({ method: 'GET', path: `${path}/none` }))
    expect(clock.sleeping()).toEqual([])
  })
})

describe('an answer that is no good', () => {
  test('too large: told so, not read on', async () => {
    const small = connect({ maxReplyBytes: 1000 })
    api.objects.create(place, { metadata: { name: 'big' }, data: { k: 'x'.repeat(2_000_000) } })
    const error = await failureOf(small.call({ method: 'GET', path: `${path}/big` }))
    expect(error).toMatchObject({ status: 0, reason: 'ReplyTooLarge' })
    await until('its connection is closed', () => api.connections.open === 0)
    expect(await small.call(get)).toMatchObject({ status: 200 })
  })

  test.each([
    ['a large body without an end', 'x'.repeat(300_000)],
    ['a body that stops', 'x'],
  ])('a refusal with %s is still that refusal', async (_what, text) => {
    api.faults.next({ do: 'answer', status: 403, text, unended: true })
    const calling = failureOf(transport.call({ ...get, deadlineMs: 2_000 }))
    await until('the request has come', () => api.requests.length === 1)
    if (text.length === 1) await clock.advance(2_000)
    expect(await calling).toMatchObject({ status: 403, reason: 'Http403' })
  })

  test('a refusal with a large body without an end does not hold up the next try', async () => {
    api.faults.next({ do: 'answer', status: 500, text: 'x'.repeat(300_000), unended: true })
    expect(await outcomeOf(transport.call(get))).toMatchObject({ status: 200 })
  })

  test('not UTF-8', async () => {
    api.faults.next({ do: 'answer', status: 200, text: '', bytes: Uint8Array.of(0x22, 0xff, 0x22) })
    expect(await failureOf(transport.call(get))).toMatchObject({ status: 0, reason: 'UnreadableReply' })
  })
})

describe('whom it talks to', () => {
  test('a server with another CA is not spoken to', async () => {
    const other = connect({}, { ca: undefined })
    const error = await failureOf(other.call(create))
    expect(error).toMatchObject({ status: 0, reason: 'Connection', outcomeUnknown: false })
    expect(inspect(error.cause)).toMatch(/SELF_SIGNED/)
  })

  test('a server with another name is not spoken to', async () => {
    const other = connect({}, { serverName: 'kubernetes.default.svc' })
    const error = await failureOf(other.call(create))
    expect(error.reason).toBe('Connection')
    expect(inspect(error.cause)).toMatch(/ALTNAME_INVALID/)
  })

  test('http is refused', () => {
    expect(() => connect({}, { server: api.url.replace('https', 'http') })).toThrow('https only')
  })

  test('a path with a query in it is a mistake of the caller', async () => {
    expect(await outcomeOf(transport.call({ method: 'GET', path: '/a?b=c' }))).toBeInstanceOf(TypeError)
  })
})
