import { describe, expect, test } from '@jest/globals'
import { makeKeyCache, keyTimes } from '../../src/tokens/key-cache.ts'
import type { KeyCache } from '../../src/tokens/key-cache.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { jwkOf, makeIssuerKey, makeTokenIssuer } from '../fake/token-issuer.ts'
import type { TokenIssuer } from '../fake/token-issuer.ts'
import { oneTurn } from '../until.ts'

const first = makeIssuerKey('first')
const second = makeIssuerKey('second')
const hour = 3_600_000
const fiveMinutes = 300_000

type Rig = { readonly issuer: TokenIssuer; readonly keys: KeyCache; readonly clock: FakeClock }

function rig(): Rig {
  const issuer = makeTokenIssuer()
  issuer.publish([first], ['msteams'])
  const clock = makeFakeClock()
  const { elapsed } = clock
  const { fetchJson, metadataURL } = issuer
  return { issuer, clock, keys: makeKeyCache({ fetchJson, elapsed, metadataURL, times: keyTimes }) }
}

const fetches = ({ issuer }: Rig): number => issuer.fetched().filter((url) => url === issuer.metadataURL).length

async function found({ keys }: Rig, kid: string): Promise<string> {
  const read = await keys.find(kid)
  return 'fault' in read ? read.fault : 'found'
}

describe('a cache of keys', () => {
  test('follows the metadata to the keys, and gives a key with its endorsements and algorithms', async () => {
    const { issuer, keys } = rig()
    const read = await keys.find('first')
    expect(read).toMatchObject({ endorsements: ['msteams'], algorithms: ['RS256'] })
    expect('key' in read && read.key.equals(first.publicKey)).toBe(true)
    expect(issuer.fetched()).toEqual([issuer.metadataURL, issuer.keysURL])
  })

  test('asks once for many who come together', async () => {
    const here = rig()
    expect(await Promise.all(Array.from({ length: 50 }, () => found(here, 'first')))).toEqual(Array(50).fill('found'))
    expect(fetches(here)).toBe(1)
  })

  test('asks nothing more for a day, and then once', async () => {
    const here = rig()
    await found(here, 'first')
    await here.clock.advance(24 * hour - 1)
    await found(here, 'first')
    expect(fetches(here)).toBe(1)
    await here.clock.advance(1)
    await found(here, 'first')
    await found(here, 'first')
    expect(fetches(here)).toBe(2)
  })

  test('finds a key that the issuer has begun to use, when the last question is five minutes ago', async () => {
    const here = rig()
    await found(here, 'first')
    here.issuer.publish([first, second])
    expect(await found(here, 'second')).toBe('UnknownKey')
    await here.clock.advance(fiveMinutes)
    expect(await found(here, 'second')).toBe('found')
  })

  test('lets no stranger make it ask more than once in five minutes', async () => {
    const here = rig()
    await found(here, 'first')
    for (let minute = 0; minute < 60; minute += 1) {
      for (const kid of ['a', 'b', 'c']) expect(await found(here, `${kid}${minute}`)).toBe('UnknownKey')
      await here.clock.advance(60_000)
    }
    expect(fetches(here)).toBeLessThanOrEqual(12)
  })

  test('drops a key that is no longer published, as soon as the keys were fetched anew', async () => {
    const here = rig()
    await found(here, 'first')
    here.issuer.publish([second])
    await here.clock.advance(24 * hour)
    expect(await found(here, 'first')).toBe('found')
    await oneTurn()
    expect(await found(here, 'first')).toBe('UnknownKey')
    expect(fetches(here)).toBe(2)
  })

  test('gives a key that still counts at once while the issuer hangs, and fetches them once beside', async () => {
    const here = rig()
    await found(here, 'first')
    here.issuer.publish([first, second], ['msteams'])
    await here.clock.advance(24 * hour)
    const go = here.issuer.stall()
    expect(await Promise.all([found(here, 'first'), found(here, 'first')])).toEqual(['found', 'found'])
    await here.clock.advance(48 * hour - 1)
    expect(await found(here, 'first')).toBe('found')
    expect(fetches(here)).toBe(2)
    go()
    await oneTurn()
    expect(await found(here, 'second')).toBe('found')
  })

  test('lets nobody by with a key that is too old while the issuer hangs: he waits', async () => {
    const here = rig()
    await found(here, 'first')
    await here.clock.advance(72 * hour)
    const go = here.issuer.stall()
    let answer = 'none yet'
    const waiting = found(here, 'first').then((outcome) => (answer = outcome))
    await oneTurn()
    expect(answer).toBe('none yet')
    go()
    expect(await waiting).toBe('found')
  })

  test('goes on with what it has when the issuer is down, for three days in all and no longer', async () => {
    const here = rig()
    await found(here, 'first')
    here.issuer.lie(here.issuer.metadataURL, 'Unreachable')
    await here.clock.advance(72 * hour - 1)
    expect(await found(here, 'first')).toBe('found')
    await here.clock.advance(1)
    expect(await here.keys.find('first')).toEqual({ fault: 'KeysUnavailable', why: 'MetadataUnreachable' })
  })

  test('while the issuer is down, asks it only once in five minutes', async () => {
    const here = rig()
    await found(here, 'first')
    here.issuer.lie(here.issuer.metadataURL, 'Unreachable')
    await here.clock.advance(24 * hour)
    for (let each = 0; each < 20; each += 1) await found(here, 'first')
    expect(fetches(here)).toBe(2)
  })

  test('comes back within seconds when the issuer was down at the start', async () => {
    const here = rig()
    here.issuer.lie(here.issuer.keysURL, 'Refused')
    expect(await here.keys.find('first')).toEqual({ fault: 'KeysUnavailable', why: 'KeysRefused' })
    here.issuer.lie(here.issuer.keysURL, undefined)
    expect(await found(here, 'first')).toBe('KeysUnavailable')
    await here.clock.advance(5_000)
    expect(await found(here, 'first')).toBe('found')
  })

  test('does not give up on a slow issuer: who waits is answered when the keys are there', async () => {
    const here = rig()
    const go = here.issuer.stall()
    const waiting = Promise.all([found(here, 'first'), found(here, 'first')])
    await oneTurn()
    go()
    expect(await waiting).toEqual(['found', 'found'])
    expect(fetches(here)).toBe(1)
  })
})

describe('fails closed: there are no keys', () => {
  const metadata = {
    jwks_uri: 'https://login.issuer.example/v1/keys',
    id_token_signing_alg_values_supported: ['RS256'],
  }
  const jwk = jwkOf(first)

  test.each([
    ['MetadataUnreachable', 'nobody answers', 'metadataURL', 'Unreachable'],
    ['MetadataRefused', 'the answer is a 500', 'metadataURL', 'Refused'],
    ['MetadataNotJson', 'the answer is a page of HTML', 'metadataURL', 'NotJson'],
    ['MetadataUnusable', 'the metadata are a list', 'metadataURL', { document: [] }],
    ['MetadataUnusable', 'no keys are named', 'metadataURL', { document: { ...metadata, jwks_uri: undefined } }],
    [
      'MetadataUnusable',
      'keys come without TLS',
      'metadataURL',
      { document: { ...metadata, jwks_uri: 'http://x/keys' } },
    ],
    ['MetadataUnusable', 'keys come from a file', 'metadataURL', { document: { ...metadata, jwks_uri: 'file:///k' } }],
    [
      'MetadataUnusable',
      'the place of the keys is no URL',
      'metadataURL',
      { document: { ...metadata, jwks_uri: 'keys' } },
    ],
    ['MetadataUnusable', 'no algorithm is listed', 'metadataURL', { document: { jwks_uri: metadata.jwks_uri } }],
    ['KeysTooLarge', 'the set of keys is huge', 'keysURL', 'TooLarge'],
    [
      'KeysUnusable',
      'there are 10,000 keys',
      'keysURL',
      { document: { keys: Array.from({ length: 10_000 }, () => ({})) } },
    ],
    ['KeysUnusable', 'the set is empty', 'keysURL', { document: { keys: [] } }],
    ['KeysUnusable', 'the set is no set', 'keysURL', { document: { keys: { first: jwk } } }],
    ['KeysUnusable', 'the key is for encryption', 'keysURL', { document: { keys: [{ ...jwk, use: 'enc' }] } }],
    ['KeysUnusable', 'the key has no name', 'keysURL', { document: { keys: [{ ...jwk, kid: undefined }] } }],
    [
      'KeysUnusable',
      'two keys have one name',
      'keysURL',
      { document: { keys: [jwk, { ...jwkOf(second), kid: 'first' }] } },
    ],
    [
      'KeysUnusable',
      'the key is a shared secret',
      'keysURL',
      { document: { keys: [{ kty: 'oct', kid: 'first', k: 'c2VjcmV0' }] } },
    ],
    [
      'KeysUnusable',
      'the key has only 1024 bits',
      'keysURL',
      { document: { keys: [jwkOf(makeIssuerKey('first', 1024))] } },
    ],
    ['KeysUnusable', 'the key is no number', 'keysURL', { document: { keys: [{ ...jwk, n: {} }] } }],
  ] as const)('%s when %s', async (why, _what, url, lie) => {
    const { issuer, keys } = rig()
    issuer.lie(issuer[url], lie)
    expect(await keys.find('first')).toEqual({ fault: 'KeysUnavailable', why })
  })

  test('a key that cannot be used does not take the others with it', async () => {
    const { issuer, keys } = rig()
    const document = { keys: [null, 7, { kty: 'EC', kid: 'ec' }, { ...jwk, endorsements: 'msteams' }] }
    issuer.lie(issuer.keysURL, { document })
    expect(await keys.find('first')).toMatchObject({ endorsements: undefined })
  })
})
