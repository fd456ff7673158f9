import { beforeAll, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { noCertificates } from '../../src/app/certificates.ts'
import type { Authority, CertificateFault, Certificates, ServingPair } from '../../src/app/certificates.ts'
import type { SecretData } from '../../src/app/secret-store.ts'
import { certificateCraft } from '../../src/certificates/certificate-craft.ts'
import { servingIn } from '../../src/certificates/tls-secret.ts'

const { issue, read, data, bundle, fingerprints } = certificateCraft
const names = ['webhook.example', '127.0.0.1']
const validity = { notBefore: Date.UTC(2026, 0, 1), notAfter: Date.UTC(2027, 0, 1) }

type Issued = { readonly pair: ServingPair; readonly authority: Authority }

let first: Issued
let second: Issued
let all: Certificates

beforeAll(async () => {
  first = await issue({ names, ...validity })
  second = await issue({ names, ...validity })
  all = {
    leaf: first.pair,
    next: second.pair,
    authorities: [first.authority, second.authority],
    publishedTime: Date.UTC(2026, 5, 1),
    switchedTime: Date.UTC(2026, 6, 1),
  }
})

function reread(stored: SecretData, forNames: readonly string[] = names): Certificates {
  const found = read(stored, forNames)
  if ('fault' in found) throw new Error(`${found.fault} at ${found.entry}`)
  return found
}

function shown(certificates: Certificates): unknown {
  const pair = (one: ServingPair | undefined): unknown =>
    one && { ...one, key: one.key.export({ type: 'pkcs8', format: 'pem' }) }
  return { ...certificates, leaf: pair(certificates.leaf), next: pair(certificates.next) }
}

function text(entry: string | undefined): string {
  return Buffer.from(entry ?? '', 'base64').toString()
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64')
}

describe('the Secret of the certificates', () => {
  test('gives back what was put in', () => {
    expect(shown(reread(data(all)))).toEqual(shown(all))
    const settled = { ...all, next: undefined, publishedTime: undefined }
    expect(shown(reread(data(settled)))).toEqual(shown(settled))
  })

  test('has the entries of kubernetes.io/tls, and all authorities one after the other', () => {
    const stored = data(all)
    expect(Object.keys(stored)).toEqual(['tls.crt', 'tls.key', 'next.crt', 'next.key', 'ca.crt', 'times.json'])
    expect(text(stored['tls.crt'])).toBe(first.pair.certificate)
    expect(text(stored['tls.key'])).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect(text(stored['ca.crt'])).toBe(`${first.authority.certificate}${second.authority.certificate}`)
  })

  test('holds no key by which anybody could issue a certificate', () => {
    const keys = Object.entries(data(all)).filter(([, value]) => text(value).includes('PRIVATE KEY'))
    expect(keys.map(([entry]) => entry)).toEqual(['tls.key', 'next.key'])
  })

  test.each([
    ['without data', {}],
    ['with entries that have no value', { 'tls.crt': '', 'tls.key': '', 'ca.crt': '', 'times.json': '' }],
  ])('is empty %s', (_what, stored) => {
    expect(read(stored, names)).toEqual(noCertificates)
  })

  test('says whether a certificate is for all names that are wanted', () => {
    expect(reread(data(all)).leaf?.fits).toBe(true)
    expect(reread(data(all), ['127.0.0.1']).leaf?.fits).toBe(true)
    expect(reread(data(all), ['127.0.0.1', '127.0.0.2']).leaf?.fits).toBe(false)
    expect(reread(data(all), ['webhook.example', 'other.example']).leaf?.fits).toBe(false)
    expect(reread(data(all), ['countersign-webhook']).leaf?.fits).toBe(false)
  })

  test('says of which kept authority a certificate is', () => {
    const other = { ...all, authorities: [second.authority] }
    expect(reread(data(other))).toMatchObject({
      leaf: { authority: undefined },
      next: { authority: second.authority.fingerprint },
    })
  })
})

describe('what a server is given', () => {
  test('is the pair in use, with the fingerprint by which it says what it serves', () => {
    const { 'tls.crt': certificate, 'tls.key': key } = data(all)
    expect(servingIn(data(all))).toEqual({
      cert: text(certificate),
      key: text(key),
      fingerprint: first.pair.fingerprint,
      notAfter: validity.notAfter,
    })
  })

  test('is nothing while there is nothing', () => {
    expect(servingIn({})).toBeUndefined()
    expect(servingIn({ 'tls.crt': '', 'tls.key': '' })).toBeUndefined()
  })

  test('is never a certificate with the key of another one', () => {
    const mixed = { ...data(all), 'tls.key': data(all)['next.key'] ?? '' }
    expect(servingIn(mixed)).toEqual({ fault: 'OtherKey', entry: 'tls.key' })
  })

  test('does not depend on what is to be served later', () => {
    expect(servingIn({ ...data(all), 'next.crt': '?', 'ca.crt': '?', 'times.json': '?' })).toHaveProperty('cert')
  })
})

describe('a bundle', () => {
  test('is the authorities as a webhook configuration has them, and gives back who is in it', () => {
    const made = bundle(all.authorities)
    expect(text(made)).toBe(text(data(all)['ca.crt']))
    expect(fingerprints(made)).toEqual([first.authority.fingerprint, second.authority.fingerprint])
  })

  test.each(['', '?', base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')])(
    'that is none (%j) has nobody in it',
    (made) => {
      expect(fingerprints(made)).toEqual([])
    },
  )
})

describe('a Secret that cannot be read is refused by name', () => {
  const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const otherPem = base64(other.export({ type: 'pkcs8', format: 'pem' }).toString())
  const broken = base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')

  test.each<[string, () => SecretData, CertificateFault]>([
    ['an authority is none', () => ({ ...data(all), 'ca.crt': broken }), { fault: 'BadCertificate', entry: 'ca.crt' }],
    [
      'the certificate is none',
      () => ({ ...data(all), 'tls.crt': base64('x') }),
      { fault: 'BadCertificate', entry: 'tls.crt' },
    ],
    [
      'the certificate is not there',
      () => ({ ...data(all), 'tls.crt': '' }),
      { fault: 'BadCertificate', entry: 'tls.crt' },
    ],
    ['the key is none', () => ({ ...data(all), 'tls.key': base64('x') }), { fault: 'BadKey', entry: 'tls.key' }],
    ['the key is not there', () => ({ ...data(all), 'next.key': '' }), { fault: 'BadKey', entry: 'next.key' }],
    ['the key is another one', () => ({ ...data(all), 'tls.key': otherPem }), { fault: 'OtherKey', entry: 'tls.key' }],
    [
      'the times are none',
      () => ({ ...data(all), 'times.json': base64('{') }),
      { fault: 'BadTimes', entry: 'times.json' },
    ],
  ])('when %s', (_when, make, fault) => {
    expect(read(make(), names)).toEqual(fault)
  })

  test('whatever stands in it, it is answered and never thrown at', () => {
    const entry = fc.constantFrom('tls.crt', 'tls.key', 'next.crt', 'next.key', 'ca.crt', 'times.json')
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(otherPem, broken, base64('{}'), base64('[]')))
    fc.assert(
      fc.property(fc.dictionary(entry, value), fc.boolean(), (stored, onTop) => {
        expect(typeof read(onTop ? { ...data(all), ...stored } : stored, names)).toBe('object')
      }),
    )
  })
})

describe('no private key is told', () => {
  test('when what is stored, or why it cannot be read, is printed', () => {
    const stored = data(all)
    const secrets = ['tls.key', 'next.key'].flatMap((entry) => [
      stored[entry] ?? '',
      ...text(stored[entry])
        .split('\n')
        .filter((line) => line.length > 20 && !line.startsWith('---')),
    ])
    const faults = [
      read({ ...stored, 'tls.crt': stored['tls.key'] ?? '' }, names),
      read({ ...stored, 'tls.key': stored['tls.key']?.slice(0, 200) ?? '' }, names),
      read({ ...stored, 'times.json': stored['tls.key'] ?? '' }, names),
    ]
    for (const fault of faults) expect(fault).toHaveProperty('fault')
    const printed = [reread(stored), ...faults].flatMap((value) => [
      inspect(value, { depth: 9, showHidden: true }),
      JSON.stringify(value),
    ])
    expect(secrets.length).toBeGreaterThan(5)
    for (const secret of secrets) for (const line of printed) expect(line.includes(secret)).toBe(false)
  })
})
