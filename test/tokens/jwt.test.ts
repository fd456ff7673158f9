import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { createHash, sign } from 'node:crypto'
import type { TokenRules, VerifyToken } from '../../src/app/bearer.ts'
import { makeVerifyToken } from '../../src/tokens/jwt.ts'
import { keyTimes, makeKeyCache } from '../../src/tokens/key-cache.ts'
import { makeFakeClock } from '../fake/clock.ts'
import { encoded, makeIssuerKey, makeTokenIssuer, mint, mintUnsigned, mintWithPublicKey } from '../fake/token-issuer.ts'
import type { IssuerKey, TokenIssuer } from '../fake/token-issuer.ts'
import { scaled } from '../scale.ts'

const key = makeIssuerKey('k1')
const stranger: IssuerKey = { ...makeIssuerKey('stranger'), kid: 'k1' }
const clock = makeFakeClock()
const nowSeconds = clock.now() / 1000

const rules: TokenRules = {
  algorithms: ['RS256'],
  issuers: ['https://api.issuer.example'],
  audiences: ['the-app'],
  required: ['serviceurl'],
  skewSeconds: 300,
  endorsement: 'msteams',
}

const honest = {
  iss: 'https://api.issuer.example',
  aud: 'the-app',
  serviceurl: 'https://smba.example/emea/',
  nbf: nowSeconds - 60,
  exp: nowSeconds + 3600,
}

function rig(): { readonly issuer: TokenIssuer; readonly verify: VerifyToken } {
  const issuer = makeTokenIssuer()
  issuer.publish([key], ['msteams', 'webchat'])
  const { elapsed, now } = clock
  const keys = makeKeyCache({
    fetchJson: issuer.fetchJson,
    elapsed,
    metadataURL: issuer.metadataURL,
    times: keyTimes,
  })
  return { issuer, verify: makeVerifyToken({ keys, now }) }
}

const { issuer, verify } = rig()

async function faultOf(token: string, changed: Partial<TokenRules> = {}): Promise<string> {
  const read = await verify(token, { ...rules, ...changed })
  return 'fault' in read ? read.fault : 'none'
}

const said = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) => ({
  header,
  claims: { ...honest, ...claims },
})
const raw = (header: string, claims: string): string => {
  const input = `${encoded(header)}.${encoded(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`
}
const goodHeader = '{"alg":"RS256","kid":"k1"}'
const good = mint(key, said({}))

describe('a token that keeps every rule', () => {
  test('is verified, with its claims, its key and its hash', async () => {
    expect(await verify(good, rules)).toEqual({
      claims: expect.objectContaining(honest),
      kid: 'k1',
      tokenHash: createHash('sha256').update(good).digest('hex'),
    })
  })

  test.each([
    ['has no type', mint(key, said({}, { typ: undefined }))],
    ['has no beginning', mint(key, said({ nbf: undefined }))],
    ['ended four minutes ago by our clock', mint(key, said({ exp: nowSeconds - 240 }))],
    ['begins in four minutes by our clock', mint(key, said({ nbf: nowSeconds + 240 }))],
    ['says more than we ask for', mint(key, said({ roles: ['a'], nested: { a: [1, 2] } }, { x5t: 'AbC' }))],
  ])('also one that %s', async (_what, token) => {
    expect(await faultOf(token)).toBe('none')
  })

  test('needs no endorsement where keys carry none', async () => {
    expect(await faultOf(good, { endorsement: undefined })).toBe('none')
  })
})

describe('a token that breaks a rule', () => {
  const [head = '', body = '', signature = ''] = good.split('.')

  test.each([
    ['is empty', ''],
    ['has two parts', `${head}.${body}`],
    ['has five parts, as an encrypted one', `${good}.a.b`],
    ['has a header that is no JSON', raw('alg', JSON.stringify(honest))],
    ['has claims that are no object', raw(goodHeader, '[1]')],
    ['says a claim twice', raw(goodHeader, `{"aud":"x",${JSON.stringify(honest).slice(1)}`)],
    ['says its algorithm twice', raw('{"alg":"none","alg":"RS256","kid":"k1"}', JSON.stringify(honest))],
    ['has padding', `${head}=.${body}.${signature}`],
    ['has other characters at its end', `${good} `],
    ['has a line break in its middle', `${head}.${body}\n.${signature}`],
    ['has another text for the bytes of its signature', `${head}.${body}.${otherText(signature)}`],
    ['names no key', mint(key, said({}, { kid: undefined }))],
    ['names a key by a number', mint(key, said({}, { kid: 7 }))],
    ['names a key by 300 characters', mint(key, said({}, { kid: 'k'.repeat(300) }))],
    ['is of another type', mint(key, said({}, { typ: 'countersign-vote+jws' }))],
    ['has an extension that must be understood', mint(key, said({}, { crit: ['x'], x: 1 }))],
    ['has claims that are signed as they are', mint(key, said({}, { crit: ['b64'], b64: false }))],
    ['is longer than any token', mint(key, said({ padding: 'x'.repeat(16_000) }))],
    ['ends at a text', mint(key, said({ exp: String(nowSeconds + 60) }))],
    ['ends at a number that has two forms', raw(goodHeader, JSON.stringify(honest).replace(/"exp":\d+/, '"exp":9e99'))],
    ['begins at a text', mint(key, said({ nbf: 'now' }))],
  ])('that %s is malformed', async (_what, token) => {
    expect(await faultOf(token)).toBe('Malformed')
  })

  test.each([
    ['AlgorithmNotAllowed', 'has no signature', mintUnsigned(said({}))],
    ['AlgorithmNotAllowed', 'has no signature and says so loudly', mintUnsigned(said({}, { alg: 'NONE' }))],
    ['AlgorithmNotAllowed', 'has an HMAC with the public key', mintWithPublicKey(key, said({}))],
    [
      'BadSignature',
      'has an HMAC with the public key, and says RS256',
      mintWithPublicKey(key, said({}, { alg: 'RS256' })),
    ],
    ['AlgorithmNotAllowed', 'says RS512', mint(key, said({}, { alg: 'RS512' }))],
    ['AlgorithmNotAllowed', 'says PS256', mint(key, said({}, { alg: 'PS256' }))],
    ['WrongIssuer', 'is of another issuer', mint(key, said({ iss: 'https://sts.windows.net/t/' }))],
    ['WrongIssuer', 'is of an issuer with a slash more', mint(key, said({ iss: `${honest.iss}/` }))],
    ['WrongIssuer', 'names no issuer', mint(key, said({ iss: undefined }))],
    ['WrongIssuer', 'names a list of issuers', mint(key, said({ iss: [honest.iss] }))],
    ['WrongAudience', 'is for another app', mint(key, said({ aud: 'another-app' }))],
    ['WrongAudience', 'is for the service itself', mint(key, said({ aud: honest.iss }))],
    ['WrongAudience', 'is for us and others', mint(key, said({ aud: ['the-app', 'x'] }))],
    ['WrongAudience', 'is for nobody', mint(key, said({ aud: undefined }))],
    ['WrongAudience', 'is for an app whose name begins as ours', mint(key, said({ aud: 'the-app-2' }))],
    ['Expired', 'ended six minutes ago', mint(key, said({ exp: nowSeconds - 360 }))],
    ['Expired', 'ended at the very end of the skew', mint(key, said({ exp: nowSeconds - 300 }))],
    ['ClaimMissing', 'has no end', mint(key, said({ exp: undefined }))],
    ['NotYetValid', 'begins in six minutes', mint(key, said({ nbf: nowSeconds + 360 }))],
    ['NotYetValid', 'was made in an hour', mint(key, said({ iat: nowSeconds + 3600 }))],
    ['ClaimMissing', 'names no service', mint(key, said({ serviceurl: undefined }))],
    ['ClaimMissing', 'names an empty service', mint(key, said({ serviceurl: '' }))],
    ['ClaimMissing', 'names the service by an object', mint(key, said({ serviceurl: {} }))],
    ['BadSignature', 'is signed by a stranger under a known name', mint(stranger, said({}))],
    [
      'BadSignature',
      'has claims that were changed',
      `${head}.${encoded(JSON.stringify({ ...honest, a: 1 }))}.${signature}`,
    ],
    ['BadSignature', 'has a header that was changed', `${encoded('{"kid":"k1","alg":"RS256"}')}.${body}.${signature}`],
    ['BadSignature', 'has an empty signature', `${head}.${body}.`],
    ['UnknownKey', 'names a key that is not published', mint(key, said({}, { kid: 'k9' }))],
    ['UnknownKey', 'names its key like something inherited', mint(key, said({}, { kid: 'constructor' }))],
  ])('is refused as %s when it %s', async (fault, _what, token) => {
    expect(await faultOf(token)).toBe(fault)
  })

  test.each([
    ['are for other channels', ['webchat']],
    ['are for a channel whose name begins so', ['msteams2']],
    ['are none', []],
    ['are missing', undefined],
  ])('is refused as KeyNotEndorsed when the endorsements of its key %s', async (_what, endorsements) => {
    const other = rig()
    other.issuer.publish([key], endorsements)
    expect(await other.verify(good, rules)).toEqual({ fault: 'KeyNotEndorsed' })
  })

  test.each(['issuers', 'audiences', 'algorithms'] as const)(
    'is refused when the rule has no %s at all',
    async (list) => {
      expect(await faultOf(good, { [list]: [] })).not.toBe('none')
    },
  )

  test('is refused when the issuer does not list its algorithm', async () => {
    const other = rig()
    const metadata = { jwks_uri: other.issuer.keysURL, id_token_signing_alg_values_supported: ['RS512'] }
    other.issuer.lie(other.issuer.metadataURL, { document: metadata })
    expect(await other.verify(good, rules)).toEqual({ fault: 'AlgorithmNotAllowed' })
  })

  test('asks the issuer nothing when it already says the wrong thing itself', async () => {
    const other = rig()
    const wrong = [said({ iss: 'x' }), said({ aud: 'x' }), said({ exp: 1 }), said({ serviceurl: undefined })]
    for (const each of wrong) await other.verify(mint(stranger, each), rules)
    await other.verify(mintUnsigned(said({})), rules)
    expect(other.issuer.fetched()).toEqual([])
  })
})

describe('whatever is done to a good token', () => {
  test(`any change of one character is refused`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.', '=', '+', '/', ' ', '\n', '\u{1f600}'),
        async (place, put) => {
          const changed = good.slice(0, place) + put + good.slice(place + 1)
          expect(changed === good || (await faultOf(changed)) !== 'none').toBe(true)
        },
      ),
      { numRuns: scaled(2_000, 30_000) },
    )
  })

  test('any text is refused, and nothing is thrown', async () => {
    const part = fc.oneof(fc.base64String(), fc.string(), fc.json().map(encoded), fc.constantFrom(...good.split('.')))
    const token = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(token, async (text) => {
        expect(text === good || (await faultOf(text)) !== 'none').toBe(true)
      }),
      { numRuns: scaled(2_000, 30_000) },
    )
  })

  test('any claims of a stranger are refused, although he names a known key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.object({ maxDepth: 1, maxKeys: 4 }), async (more) => {
        expect(await faultOf(mint(stranger, said(more)))).not.toBe('none')
      }),
      { numRuns: scaled(100, 1_000) },
    )
  })

  test('and the issuer was asked for keys only a few times', () => {
    expect(issuer.fetched().length).toBeLessThanOrEqual(4)
  })
})

/** The last character of 256 bytes in base64url carries four unused bits: another one gives the same bytes. */
function otherText(signature: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = letters.indexOf(signature.at(-1) ?? '')
  return signature.slice(0, -1) + (letters[last + 1] ?? '')
}
