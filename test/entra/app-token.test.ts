import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { AccessToken, AppCredentials } from '../../src/app/access-token.ts'
import { makeAppToken } from '../../src/entra/app-token.ts'
import { readLogin } from '../../src/entra/login-answer.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { startEntra, tenant } from '../fake/entra.ts'
import type { EntraFault, FakeEntra } from '../fake/entra.ts'

let entra: FakeEntra
let clock: FakeClock
beforeAll(async () => {
  entra = await startEntra()
})
afterAll(() => entra.close())
beforeEach(() => {
  clock = makeFakeClock()
  entra.calls.length = 0
  entra.lifeSeconds = 3600
  entra.fault = () => undefined
  entra.proofs.clear()
  entra.proofs.add('good')
})

const minute = 60_000
const file = '/var/run/secrets/azure/tokens/azure-identity-token'

type Changes = { readonly credentials?: AppCredentials; readonly readFile?: (path: string) => Promise<string> }

function tokenWith({ credentials = { kind: 'ClientSecret', secret: 'good' }, readFile }: Changes = {}): AccessToken {
  return makeAppToken(
    {
      http: entra.http,
      elapsed: clock.elapsed,
      readFile: readFile ?? (() => Promise.reject(new Error(`ENOENT: no such file, open '${file}'`))),
    },
    {
      tokenURL: `${entra.url}/${tenant}/oauth2/v2.0/token`,
      clientID: 'app-1',
      credentials,
      scope: 'https://g/.default',
    },
  )
}

describe('a token of an app', () => {
  test('is asked for with the secret', async () => {
    expect(await tokenWith().get()).toEqual({ token: 'token-1' })
    const form = {
      grant_type: 'client_credentials',
      client_id: 'app-1',
      scope: 'https://g/.default',
      client_secret: 'good',
    }
    expect(Object.fromEntries(new URLSearchParams(entra.calls[0]?.body))).toEqual(form)
    expect(entra.calls[0]).toMatchObject({ to: 'login', method: 'POST' })
  })

  test('is asked for with what the file holds then, without the line break at its end', async () => {
    const texts = ['a.b.c\n', 'd.e.f\n']
    const read: string[] = []
    entra.proofs.add('a.b.c').add('d.e.f')
    const readFile = (path: string): Promise<string> => {
      read.push(path)
      return Promise.resolve(texts.shift() ?? '')
    }
    const token = tokenWith({ credentials: { kind: 'WorkloadIdentity', tokenFile: file }, readFile })
    await token.get()
    await clock.advance(60 * minute)
    await token.get()
    expect(read).toEqual([file, file])
    const forms = entra.calls.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
    expect(forms[1]).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app-1',
      scope: 'https://g/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'd.e.f',
    })
  })

  test('serves until five minutes before its end', async () => {
    const token = tokenWith()
    await token.get()
    await clock.advance(55 * minute - 1)
    expect(await token.get()).toEqual({ token: 'token-1' })
    await clock.advance(1)
    expect(await token.get()).toEqual({ token: 'token-2' })
  })

  test.each([
    ['six minutes serves for three', 360, 3 * minute],
    ['"3600" written as a text is an hour', '3600', 55 * minute],
    ['no time at all serves nobody but who asked', 0, 0],
  ])('of %s', async (_sentence, lifeSeconds, serves) => {
    entra.lifeSeconds = lifeSeconds
    const token = tokenWith()
    await token.get()
    await clock.advance(Math.max(0, serves - 1))
    await token.get()
    expect(entra.calls).toHaveLength(serves === 0 ? 2 : 1)
    await clock.advance(1)
    await token.get()
    expect(entra.calls).toHaveLength(serves === 0 ? 3 : 2)
  })

  test('is asked for once, however many want it', async () => {
    const token = tokenWith()
    const got = await Promise.all(Array.from({ length: 20 }, () => token.get()))
    expect(new Set(got.map((one) => ('token' in one ? one.token : '')))).toEqual(new Set(['token-1']))
    expect(entra.calls).toHaveLength(1)
  })

  test('that was forgotten is another one', async () => {
    const token = tokenWith()
    await token.get()
    token.forget()
    expect(await token.get()).toEqual({ token: 'token-2' })
  })
})

const answers: readonly (readonly [what: string, fault: EntraFault, failure: string, why: string])[] = [
  ['nothing', 'Hang', 'Unreachable', 'the login does not answer in time'],
  ['nothing, and breaks off', 'Drop', 'Unreachable', 'the login breaks the connection'],
  ['too much', { status: 200, body: 'x'.repeat(70_000) }, 'Unreachable', 'the login answers with more than a token'],
  [
    'a redirect',
    { status: 302, headers: { location: 'https://evil.example/' } },
    'Unreachable',
    'the login answers 302',
  ],
  ['another service', { status: 404, body: '<html>good</html>' }, 'Unreachable', 'the login answers 404'],
  ['a broken service', { status: 503, body: 'good' }, 'Unreachable', 'the login answers 503'],
  [
    'a service that has too much to do',
    { status: 429, body: { error: 'temporarily_unavailable' } },
    'Unreachable',
    'the login answers 429 temporarily_unavailable',
  ],
  ['no JSON', { status: 200, body: 'token' }, 'Unreachable', 'the login answers with something else than a token'],
  ['no token', { status: 200, body: { token_type: 'Bearer', expires_in: 9 } }, 'Unreachable', 'something else'],
  ['a token of another type', bearer({ token_type: 'mac' }), 'Unreachable', 'something else'],
  ['a token without an end', bearer({ expires_in: undefined }), 'Unreachable', 'something else'],
  ['a token that ends in the past', bearer({ expires_in: -5 }), 'Unreachable', 'something else'],
  ['a token with a line break', bearer({ access_token: 'a\r\nx: y' }), 'Unreachable', 'something else'],
  [
    'an error without a number',
    { status: 400, body: { error: 'invalid_scope' } },
    'Refused',
    'the login says invalid_scope',
  ],
  ['an expired secret', refusal(7000222), 'Refused', 'the client secret has expired (invalid_client, AADSTS7000222)'],
  ['an unknown number', refusal(123456), 'Refused', 'the login refuses the app (invalid_client, AADSTS123456)'],
  [
    'a number in words alone',
    { status: 400, body: { error: 'unauthorized_client', error_description: 'AADSTS700016: good' } },
    'Refused',
    'the app is not known in the tenant (unauthorized_client, AADSTS700016)',
  ],
  ['an error that is no word', { status: 400, body: { error: 'good good' } }, 'Unreachable', 'the login answers 400'],
]

function bearer(changes: object): EntraFault {
  return { status: 200, body: { token_type: 'Bearer', expires_in: 3600, access_token: 't', ...changes } }
}

function refusal(number: number): EntraFault {
  const error_description = `AADSTS${number}: the secret good is no good`
  return { status: 401, body: { error: 'invalid_client', error_description, error_codes: [number] } }
}

describe('no token', () => {
  test.each(answers)('for %s', async (_what, fault, failure, why) => {
    entra.fault = () => fault
    const got = await tokenWith().get()
    expect(got).toEqual({ failure, why: expect.stringContaining(why) })
    expect(JSON.stringify(got)).not.toContain('good')
  })

  test('for a login that nobody reaches', async () => {
    const { get } = makeAppToken(
      {
        http: () => Promise.resolve({ failure: 'NotSent' }),
        elapsed: clock.elapsed,
        readFile: () => Promise.resolve(''),
      },
      {
        tokenURL: 'https://x.invalid',
        clientID: 'a',
        scope: 's',
        credentials: { kind: 'ClientSecret', secret: 'good' },
      },
    )
    expect(await get()).toEqual({ failure: 'Unreachable', why: 'the login cannot be reached' })
  })

  test.each([
    ['a file that is not there', undefined, 'the file of the federated token cannot be read'],
    ['an empty file', '', 'the file of the federated token holds no token'],
    ['a file with something else', 'root:x:0:0:good', 'the file of the federated token holds no token'],
  ])('for %s, and the login is not asked', async (_what, text, why) => {
    const readFile = text === undefined ? {} : { readFile: () => Promise.resolve(text) }
    const token = tokenWith({ credentials: { kind: 'WorkloadIdentity', tokenFile: file }, ...readFile })
    expect(await token.get()).toEqual({ failure: 'Refused', why })
    expect(entra.calls).toEqual([])
  })

  test('is told again for a while without asking: longer after a refusal than after silence', async () => {
    entra.fault = () => 'Drop'
    const token = tokenWith()
    for (let round = 0; round < 5; round += 1) await token.get()
    expect(entra.calls).toHaveLength(1)
    await clock.advance(2_000)
    entra.fault = () => refusal(7000215)
    expect(await token.get()).toMatchObject({ failure: 'Refused' })
    token.forget()
    await clock.advance(14_999)
    entra.fault = () => undefined
    expect(await token.get()).toMatchObject({ failure: 'Refused' })
    await clock.advance(1)
    expect(await token.get()).toMatchObject({ token: expect.any(String) })
  })

  test('whatever the login says, the secret is not in our words, and they are one short line', () => {
    const secret = 'q~S3cr3t.Value'
    const hostile = fc.oneof(
      fc.string(),
      fc.constant(secret),
      fc.string().map((text) => `${text}${secret}`),
      fc.integer(),
    )
    const body = fc.record({
      error: hostile,
      error_description: fc.oneof(hostile, fc.constant(`AADSTS7000215: ${secret}`)),
      error_codes: fc.oneof(fc.array(fc.oneof(fc.integer(), fc.double(), hostile), { maxLength: 2 }), hostile),
      access_token: fc.constant(secret),
    })
    fc.assert(
      fc.property(body, fc.integer({ min: 100, max: 599 }), (said, status) => {
        fc.pre(status !== 200)
        const got = readLogin({ status, header: () => secret, body: Buffer.from(JSON.stringify(said)) })
        const why = 'failure' in got ? got.why : secret
        expect(why).not.toContain(secret)
        expect(why).toMatch(/^[\x20-\x7e]{1,200}$/)
      }),
    )
  })
})
