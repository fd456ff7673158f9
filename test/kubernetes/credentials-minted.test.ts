import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mintedConnection } from '../../src/kubernetes/minted-token.ts'
import type { Connection } from '../../src/kubernetes/transport.ts'
import type { Fault } from '../fake/api-server-faults.ts'
import { until } from '../until.ts'
import { failureOf, startRig } from './objects-rig.ts'
import type { Rig } from './objects-rig.ts'

const account = { namespace: 'countersign-system', name: 'countersign-webhook' }
const minute = 60_000
const mints = { verb: 'create', path: '/serviceaccounts/countersign-webhook/token' } as const

let rig: Rig
let connection: Connection
let failures: unknown[]

beforeEach(async () => {
  rig = await startRig()
  failures = []
  rig.api.tokens.add('bootstrap')
  const certified = { clientCertificate: { certificate: 'c', key: 'k' }, serverName: 'kubernetes' }
  const bootstrap = { ...rig.api.connection(), ...certified }
  const transport = rig.connect({ token: () => Promise.resolve('bootstrap') })
  const failed = (error: unknown): void => void failures.push(error)
  connection = mintedConnection({ bootstrap: { connection: bootstrap, transport }, timers: rig.clock, failed }, account)
})

afterEach(() => rig.stop())

function minted(): number {
  return rig.api.requests.length
}

describe('acting as a service account with minted tokens', () => {
  test('asks for a token of one hour, as the bootstrap, and lets its certificate behind', async () => {
    const token = await connection.token()
    expect(token).toMatch(/^minted-/)
    expect(rig.api.requests.at(-1)).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/countersign-system/serviceaccounts/countersign-webhook/token',
      headers: expect.objectContaining({ authorization: 'Bearer bootstrap' }),
    })
    expect(JSON.parse(rig.api.requests.at(-1)?.body ?? '')).toEqual({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    })
    expect(connection.server).toBe(rig.api.url)
    expect(connection.serverName).toBe('kubernetes')
    expect(connection.clientCertificate).toBeUndefined()
  })

  test('the token lets in', async () => {
    const transport = rig.connect({ token: connection.token })
    expect((await transport.call({ method: 'GET', path: '/version' })).status).toBe(200)
  })

  test('many who need one at once share one minting', async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, () => connection.token()))
    expect(new Set(tokens).size).toBe(1)
    expect(minted()).toBe(1)
  })

  test('it is renewed when four fifths of its life are over, while the old one serves', async () => {
    const first = await connection.token()
    await rig.clock.advance(47 * minute)
    expect(await connection.token()).toBe(first)
    expect(minted()).toBe(1)
    await rig.clock.advance(2 * minute)
    const tokens = await Promise.all([connection.token(), connection.token(), connection.token()])
    expect(tokens).toEqual([first, first, first])
    await until('the new token is there', async () => (await connection.token()) !== first)
    expect(minted()).toBe(2)
  })

  test('a process that slept past its end waits for a new one', async () => {
    const first = await connection.token()
    await rig.clock.advance(61 * minute)
    expect(await connection.token()).not.toBe(first)
    expect(minted()).toBe(2)
  })

  test('a rejected one is replaced at once, one that was replaced already is not', async () => {
    const first = await connection.token()
    const second = await connection.token(first)
    expect(second).not.toBe(first)
    expect(await connection.token(first)).toBe(second)
    expect(minted()).toBe(2)
  })

  test.each([
    ['ahead', 30 * minute],
    ['behind', -30 * minute],
  ])('a server whose clock is half an hour %s changes nothing', async (_how, skew) => {
    rig.api.setClockSkew(skew)
    const first = await connection.token()
    await rig.clock.advance(47 * minute)
    expect(await connection.token()).toBe(first)
    expect(minted()).toBe(1)
    await rig.clock.advance(2 * minute)
    await connection.token()
    await until('it is renewed', () => minted() === 2)
  })

  test('a server that gives less than was asked for is believed', async () => {
    rig.api.faults.next({ do: 'mutate', change: (sent) => ({ ...sent, spec: { expirationSeconds: 600 } }) })
    const first = await connection.token()
    await rig.clock.advance(9 * minute)
    await connection.token()
    await until('the new token is there', async () => (await connection.token()) !== first)
    expect(minted()).toBe(2)
  })
})

describe('a renewal that fails', () => {
  test('leaves the old token in use as long as it is valid, and is tried again every ten seconds', async () => {
    const first = await connection.token()
    rig.api.faults.next({ do: 'refuse', status: 500 }, mints, 2)
    await rig.clock.advance(49 * minute)
    for (const expected of [1, 2]) {
      expect(await connection.token()).toBe(first)
      await until('the failure is told', () => failures.length === expected)
      expect(await connection.token()).toBe(first)
      expect(minted()).toBe(1 + expected)
      await rig.clock.advance(10_000)
    }
    expect(await connection.token()).toBe(first)
    await until('the new token is there', async () => (await connection.token()) !== first)
    expect(failures).toMatchObject([{ reason: 'TokenNotMinted' }, { reason: 'TokenNotMinted' }])
  })

  test('is the caller’s error once the old one has expired, and the next caller tries again', async () => {
    const first = await connection.token()
    await rig.clock.advance(61 * minute)
    rig.api.faults.next({ do: 'refuse', status: 500 }, mints)
    expect(await failureOf(connection.token())).toMatchObject({ name: 'CredentialsError', reason: 'TokenNotMinted' })
    expect(await connection.token()).not.toBe(first)
  })

  test.each<[string, Fault, string]>([
    ['a missing account', { do: 'refuse', status: 404, reason: 'NotFound' }, 'the service account does not exist'],
    [
      'a missing right',
      { do: 'refuse', status: 403, reason: 'Forbidden' },
      'must be allowed to create serviceaccounts/token',
    ],
    [
      'an answer without token',
      { do: 'answer', status: 201, text: '{"status":{}}' },
      'no token for countersign-system/countersign-webhook in the answer',
    ],
    ['a page of a proxy', { do: 'answer', status: 200, text: '<html>' }, 'in the answer'],
    ['a broken connection', { do: 'resetBefore' }, 'countersign-system/countersign-webhook: Connection'],
  ])('says why at the first time: %s', async (_what, fault, words) => {
    rig.api.faults.next(fault, mints)
    expect(await failureOf(connection.token())).toMatchObject({
      reason: 'TokenNotMinted',
      message: expect.stringContaining(words),
    })
  })
})
