import { beforeAll, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { importJWK } from 'jose'
import type { TrustSetFault } from '../../src/app/key-craft.ts'
import type { OfferedKey, TrustedKey } from '../../src/domain/trust.ts'
import { newSigningKey } from '../../src/tokens/signing-key.ts'
import type { SigningKey } from '../../src/tokens/signing-key.ts'
import { signCompact } from '../../src/tokens/sign.ts'
import { readTrustSet, trustSetText } from '../../src/tokens/trust-set.ts'
import { dismissed, firstKeys, introduced, published } from './make-keys.ts'

let evidence: SigningKey
let gateway: SigningKey
let root: TrustedKey
let second: TrustedKey

beforeAll(async () => {
  const first = await firstKeys()
  evidence = first.evidence
  gateway = first.gateway
  ;[root, second] = first.trust
})

async function offered(...keys: readonly TrustedKey[]): Promise<readonly OfferedKey[]> {
  const read = await readTrustSet(trustSetText(keys))
  if ('fault' in read) throw new Error(read.fault)
  return read
}

/** The kids that truly made the statements about the last key. */
async function proofs(...keys: readonly TrustedKey[]): Promise<unknown> {
  const { introducedBy, dismissedBy } = (await offered(...keys)).at(-1) ?? {}
  return { introducedBy, dismissedBy }
}

const nobody = { introducedBy: undefined, dismissedBy: undefined }

describe('a published set', () => {
  test('gives back the keys that were put in, with who truly introduced and dismissed each', async () => {
    const gone = await dismissed(second, evidence)
    expect(await offered(root, gone)).toEqual([
      { ...root, ...nobody },
      { ...gone, introducedBy: evidence.kid, dismissedBy: evidence.kid },
    ])
  })

  test('is a JSON Web Key Set that other libraries read', async () => {
    const { keys } = JSON.parse(trustSetText([root, second])) as { readonly keys: readonly Record<string, unknown>[] }
    expect(keys).toHaveLength(2)
    expect(keys[0]).toMatchObject({
      kty: 'OKP',
      crv: 'Ed25519',
      alg: 'EdDSA',
      use: 'sig',
      kid: evidence.kid,
      'countersign.use': 'evidence',
    })
    expect(await importJWK(keys[1] ?? {})).toMatchObject({ type: 'public' })
  })

  test('is empty where nothing is published yet', async () => {
    expect(await readTrustSet('')).toEqual([])
  })
})

describe('a statement proves nothing', () => {
  const newcomer = newSigningKey()
  const key = published(newcomer, 'evidence')

  test.each<[string, () => Promise<TrustedKey> | TrustedKey]>([
    ['when there is none', () => key],
    ['when it is no signature', () => ({ ...key, introduction: 'trust me', dismissal: '..' })],
    ['when the gateway made it', () => introduced(key, gateway)],
    ['when a stranger made it', () => introduced(key, newSigningKey())],
    [
      'when a stranger made it in the name of a known key',
      () => introduced(key, { ...newSigningKey(), kid: evidence.kid }),
    ],
    ['when it is about another key', () => ({ ...key, introduction: second.introduction })],
    [
      'when it is for another use',
      async () => ({ ...key, introduction: (await introduced({ ...key, use: 'gateway' }, evidence)).introduction }),
    ],
    ['when it says the opposite', async () => ({ ...key, introduction: (await dismissed(key, evidence)).dismissal })],
    [
      'when it is what a record says',
      async () => ({
        ...key,
        introduction: await signCompact(
          evidence,
          'Record',
          JSON.stringify({ kid: key.kid, use: 'evidence', statement: 'Introduced' }),
        ),
      }),
    ],
    ['when it is not JSON', async () => ({ ...key, introduction: await signCompact(evidence, 'Key', 'yes') })],
  ])('%s', async (_when, make) => {
    expect(await proofs(root, second, await make())).toEqual(nobody)
  })

  test('but what a key says of itself is seen as that', async () => {
    expect(await proofs(root, await introduced(key, newcomer))).toEqual({ ...nobody, introducedBy: newcomer.kid })
  })
})

describe('a set that we did not write is refused by name', () => {
  const jwk = (changes: Record<string, unknown> = {}): Record<string, unknown> => {
    const { keys } = JSON.parse(trustSetText([root])) as { readonly keys: readonly Record<string, unknown>[] }
    return { ...keys[0], ...changes }
  }
  const set = (...keys: readonly unknown[]): string => JSON.stringify({ keys })

  test.each<[string, () => string, TrustSetFault['fault']]>([
    ['no JSON', () => '{"keys":', 'NotJson'],
    ['a key twice in an object', () => '{"keys":[],"keys":[]}', 'NotJson'],
    ['too much of it', () => ' '.repeat(1024 * 1024 + 1), 'TooLarge'],
    ['too many keys', () => set(...Array.from({ length: 1001 }, () => ({}))), 'TooLarge'],
    ['no key set', () => '{"key":[]}', 'NoKeySet'],
    ['a key set of something else', () => '{"keys":{}}', 'NoKeySet'],
    ['a key that is no object', () => set('key'), 'BadKey'],
    ['a key of another type', () => set(jwk({ kty: 'EC' })), 'BadKey'],
    ['a key of another curve', () => set(jwk({ crv: 'X25519' })), 'BadKey'],
    ['a key that is too short', () => set(jwk({ x: 'AAAA' })), 'BadKey'],
    ['a key under another name', () => set(jwk({ kid: gateway.kid })), 'BadKey'],
    ['a key without a name', () => set(jwk({ kid: undefined })), 'BadKey'],
    ['a key without use', () => set(jwk({ 'countersign.use': undefined })), 'BadKey'],
    ['a key of another use', () => set(jwk({ 'countersign.use': 'sig' })), 'BadKey'],
    ['a statement that is no text', () => set(jwk({ 'countersign.introduction': {} })), 'BadKey'],
    ['one bad key among good ones', () => set(jwk(), {}), 'BadKey'],
    ['a key twice', () => set(jwk(), jwk({ 'countersign.use': 'gateway' })), 'TwoKeys'],
    ['a private key', () => set(jwk({ d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' })), 'PrivateKey'],
  ])('%s', async (_what, make, fault) => {
    expect(await readTrustSet(make())).toEqual({ fault })
  })

  test('whatever it is, it is answered and never thrown at', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.jsonValue().map((key) => set(key)),
          fc.string(),
        ),
        async (text) => {
          expect(typeof (await readTrustSet(text))).toBe('object')
        },
      ),
    )
  })
})
