import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { createHash, generateKeyPairSync } from 'node:crypto'
import type { RingFault } from '../../src/app/key-craft.ts'
import { emptyRing } from '../../src/app/key-ring.ts'
import type { Ring, RingName } from '../../src/app/key-ring.ts'
import type { SecretData } from '../../src/app/secret-store.ts'
import { hmacKeys } from '../../src/tokens/hmac-keys.ts'
import { makeKeyCraft } from '../../src/tokens/key-craft.ts'
import { readRing, ringData } from '../../src/tokens/ring-secret.ts'
import { newSigningKey, signingKey } from '../../src/tokens/signing-key.ts'

const { generate } = makeKeyCraft(new Set())
const created = Date.UTC(2026, 2, 1)

function base64(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64')
}

function read(name: RingName, data: SecretData): Ring {
  const ring = readRing(name, data)
  if ('fault' in ring) throw new Error(`${ring.fault} at ${ring.entry}`)
  return ring
}

/** What a ring is, with its keys as their hash. */
function shown(ring: Ring): unknown {
  return { ...ring, keys: ring.keys.map(({ secret, ...key }) => ({ ...key, secret: secret && hashOf(secret) })) }
}

function hashOf(secret: NonNullable<Ring['keys'][number]['secret']>): string {
  const bytes = secret.type === 'secret' ? secret.export() : secret.export({ type: 'pkcs8', format: 'der' })
  return createHash('sha256').update(bytes).digest('hex')
}

/** A ring with a key that was retired (its secret gone where it signs), the current one, and the one to come. */
function ringOf(name: RingName): Ring {
  const [old, now, next] = [generate(name, created), generate(name, created + 1000), generate(name, created + 2000)]
  const secret = name === 'evidence' || name === 'gateway' ? undefined : old.secret
  return { current: now.id, keys: [{ ...old, retiredTime: created + 1500, secret }, now, next] }
}

describe.each<RingName>(['evidence', 'gateway', 'digest', 'handle'])('the Secret of the ring %s', (name) => {
  test('gives back the ring that was put in', () => {
    const ring = ringOf(name)
    expect(shown(read(name, ringData(name, ring)))).toEqual(shown(ring))
  })

  test('gives a new key, which is no other one', () => {
    const [one, two] = [generate(name, created), generate(name, created)]
    expect(one.id).not.toBe(two.id)
    expect(one.secret?.equals(two.secret ?? fail())).toBe(false)
  })

  test.each([
    ['without data', {}],
    ['with entries that have no value', { current: '', 'times.json': '' }],
  ])('is an empty ring %s', (_what, data) => {
    expect(readRing(name, data)).toEqual(emptyRing)
  })

  test('takes a key without times for a very old one', () => {
    const { 'times.json': _times, ...data } = ringData(name, { current: 'x', keys: [] })
    const key = generate(name, created)
    const full = { ...data, ...ringData(name, { current: key.id, keys: [key] }) }
    const { 'times.json': _gone, ...untimed } = full
    expect(read(name, untimed).keys).toMatchObject([{ id: key.id, createdTime: 0, retiredTime: undefined }])
  })

  test('forgets a key of which only the name is left, unless it was retired', () => {
    const ring = ringOf(name)
    const data = { ...ringData(name, ring) }
    const next = ring.keys[2]?.id ?? ''
    expect(read(name, { ...data, [next]: '' }).keys.map(({ id }) => id)).toEqual(
      ring.keys.slice(0, 2).map(({ id }) => id),
    )
  })
})

function fail(): never {
  throw new Error('no key')
}

describe('the Secret of a signing ring', () => {
  test('holds each key as PKCS #8 PEM under its kid, which OpenSSL reads as well', () => {
    const key = generate('evidence', created)
    const data = ringData('evidence', { current: key.id, keys: [key] })
    expect(Object.keys(data).toSorted()).toEqual([key.id, 'current', 'times.json'].toSorted())
    expect(Buffer.from(data[key.id] ?? '', 'base64').toString()).toMatch(
      /^-----BEGIN PRIVATE KEY-----\n[\w+/=]+\n-----END PRIVATE KEY-----\n$/,
    )
    expect(Buffer.from(data['current'] ?? '', 'base64').toString()).toBe(key.id)
  })

  test('gives the key in use', () => {
    const ring = ringOf('evidence')
    expect(signingKey(ring)?.kid).toBe(ring.current)
    expect(signingKey(emptyRing)).toBeUndefined()
  })
})

describe('the Secret of an HMAC ring', () => {
  test('holds the 32 bytes of each key under its id', () => {
    const data = { current: base64('k1'), k1: base64(new Uint8Array(32).fill(7)) }
    expect(hmacKeys(read('digest', data))).toEqual({
      current: { id: 'k1', secret: Buffer.alloc(32, 7) },
      all: [{ id: 'k1', secret: Buffer.alloc(32, 7) }],
    })
  })

  test('gives the current key first, then all with which something may have been made', () => {
    const ring = ringOf('digest')
    const found = hmacKeys(ring)
    expect(found?.current.id).toBe(ring.current)
    expect(found?.all.map(({ id }) => id)).toEqual([ring.keys[1]?.id, ring.keys[0]?.id, ring.keys[2]?.id])
    expect(hmacKeys(emptyRing)).toBeUndefined()
  })
})

describe('a Secret that is none of a ring is refused by name', () => {
  const signing = newSigningKey()
  const pem = base64(signing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const otherPem = base64(other.export({ type: 'pkcs8', format: 'pem' }).toString())
  const bytes = base64(new Uint8Array(32))

  test.each<[string, RingName, SecretData, RingFault]>([
    ['no key is current', 'digest', { k1: bytes }, { fault: 'NoCurrent', entry: 'current' }],
    [
      'the current key is not there',
      'digest',
      { current: base64('k2'), k1: bytes },
      { fault: 'UnknownCurrent', entry: 'current' },
    ],
    [
      'there is a current key and no keys',
      'digest',
      { current: base64('k2') },
      { fault: 'UnknownCurrent', entry: 'current' },
    ],
    [
      'a key has a name that records could not cite',
      'digest',
      { current: base64('k1'), k1: bytes, 'a.b': bytes },
      { fault: 'BadName', entry: 'a.b' },
    ],
    [
      'a key is too short',
      'digest',
      { current: base64('k1'), k1: base64(new Uint8Array(31)) },
      { fault: 'BadKey', entry: 'k1' },
    ],
    [
      'a key is too long',
      'digest',
      { current: base64('k1'), k1: base64(new Uint8Array(33)) },
      { fault: 'BadKey', entry: 'k1' },
    ],
    ['a key is not base64', 'digest', { current: base64('k1'), k1: `${bytes}!` }, { fault: 'BadKey', entry: 'k1' }],
    ['a key is a PEM in an HMAC ring', 'handle', { current: base64('k1'), k1: pem }, { fault: 'BadKey', entry: 'k1' }],
    [
      'a key is of another curve',
      'evidence',
      { current: base64('k1'), k1: otherPem },
      { fault: 'BadKey', entry: 'k1' },
    ],
    ['a key is no PEM', 'gateway', { current: base64('k1'), k1: bytes }, { fault: 'BadKey', entry: 'k1' }],
    [
      'a key stands under the name of another one',
      'evidence',
      { current: base64('k1'), k1: pem },
      { fault: 'OtherKey', entry: 'k1' },
    ],
    [
      'the times are no JSON',
      'digest',
      { current: base64('k1'), k1: bytes, 'times.json': base64('{') },
      { fault: 'BadTimes', entry: 'times.json' },
    ],
    [
      'the times are a list',
      'digest',
      { current: base64('k1'), k1: bytes, 'times.json': base64('[]') },
      { fault: 'BadTimes', entry: 'times.json' },
    ],
  ])('when %s', (_when, name, data, fault) => {
    expect(readRing(name, data)).toEqual(fault)
  })

  test('whatever stands in it, it is answered and never thrown at', () => {
    const anyData = fc.dictionary(
      fc.oneof(fc.constantFrom('current', 'times.json', 'k1', '__proto__', 'constructor'), fc.string()),
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.base64String(),
        fc.constantFrom(bytes, pem, otherPem, base64('k1'), base64('{}')),
      ),
    )
    fc.assert(
      fc.property(fc.constantFrom<RingName>('evidence', 'digest'), anyData, (name, data) => {
        expect(typeof readRing(name, data)).toBe('object')
      }),
    )
  })
})
