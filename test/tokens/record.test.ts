import { beforeAll, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { createPublicKey, sign, verify } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import type { SignedRecord } from '../../src/domain/kinds.ts'
import { signCompact, signRecord } from '../../src/tokens/sign.ts'
import { newSigningKey, publicX, thumbprint } from '../../src/tokens/signing-key.ts'
import type { SigningKey } from '../../src/tokens/signing-key.ts'
import { verifyingKeys, verifyRecord } from '../../src/tokens/verify.ts'
import type { SignatureFault, Verified, VerifyingKeys } from '../../src/tokens/verify.ts'
import { scaled } from '../scale.ts'
import { dismissed, firstKeys } from './make-keys.ts'

const payload = '{"decision":"Approved","summary":"delete Deployment prod/web ✓ Ünïcödé","v":1}'

let evidence: SigningKey
let gateway: SigningKey
let keys: VerifyingKeys
let record: SignedRecord

beforeAll(async () => {
  const first = await firstKeys()
  evidence = first.evidence
  gateway = first.gateway
  keys = verifyingKeys(first.trust)
  record = await signRecord(evidence, payload)
})

function base64url(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

/** A record with whatever header, truly signed by `key` over exactly what stands there. */
function forged(
  header: unknown,
  { key = evidence, text = payload, keyID }: { key?: SigningKey; text?: string; keyID?: string } = {},
): SignedRecord {
  const encoded = base64url(header)
  const signature = sign(undefined, Buffer.from(`${encoded}.${text}`), key.privateKey).toString('base64url')
  return { keyID: keyID ?? key.kid, protected: encoded, payload: text, signature }
}

const headerWith = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  alg: 'EdDSA',
  b64: false,
  crit: ['b64'],
  kid: evidence.kid,
  typ: 'countersign-record+jws',
  ...changes,
})

describe('a signed record', () => {
  test('says its payload as it is, and which key signed it as what', () => {
    expect(record.payload).toBe(payload)
    expect(record.keyID).toBe(evidence.kid)
    expect(JSON.parse(Buffer.from(record.protected, 'base64url').toString())).toEqual(headerWith())
  })

  test('can be verified by RFC 7797 and RFC 8037 alone: Ed25519 over the header, a dot and the bytes of the payload', () => {
    const signed = Buffer.from(`${record.protected}.${payload}`, 'utf8')
    const key = createPublicKey(evidence.privateKey)
    expect(verify(undefined, signed, key, Buffer.from(record.signature, 'base64url'))).toBe(true)
  })

  test('comes out with its text', async () => {
    expect(await verifyRecord(keys, record)).toEqual({ payload, kid: evidence.kid })
  })

  test.each(['', '\u0000', '\u{1FAE9}', 'ﷺ\u202e', '\uFFFD', '"\\'])('may have any text: %j', async (text) => {
    expect(await verifyRecord(keys, await signRecord(evidence, text))).toMatchObject({ payload: text })
  })

  test('is not made of a text without UTF-8 form, with which another text would share its signature', async () => {
    await expect(signRecord(evidence, 'a\ud800b')).rejects.toThrow(TypeError)
  })
})

describe('a record does not count', () => {
  test.each<[string, () => SignedRecord, SignatureFault]>([
    [
      'when its payload was changed',
      () => ({ ...record, payload: payload.replace('Approved', 'Denied') }),
      'BadSignature',
    ],
    ['when white space was added', () => ({ ...record, payload: `${payload} ` }), 'BadSignature'],
    [
      'when it is the base64url form of what was signed',
      () => ({ ...record, payload: base64url(payload) }),
      'BadSignature',
    ],
    [
      'when its signature is that of another text',
      () => ({ ...record, signature: forged(headerWith(), { text: 'x' }).signature }),
      'BadSignature',
    ],
    ['when its signature is empty', () => ({ ...record, signature: '' }), 'Malformed'],
    ['when its signature is cut', () => ({ ...record, signature: record.signature.slice(0, -2) }), 'Malformed'],
    ['when its signature is padded', () => ({ ...record, signature: `${record.signature}==` }), 'Malformed'],
    [
      'when its signature is written with other bits than the one way',
      () => ({ ...record, signature: otherBits(record.signature) }),
      'Malformed',
    ],
    ['when its signature has white space in it', () => ({ ...record, signature: ` ${record.signature}` }), 'Malformed'],
    ['when its header is not base64url', () => ({ ...record, protected: `${record.protected}=` }), 'Malformed'],
    ['when its header is no JSON', () => forged('kid'), 'Malformed'],
    ['when its header is no object', () => forged([headerWith()]), 'Malformed'],
    [
      'when its header says a name twice',
      () => forged(`{"alg":"none",${JSON.stringify(headerWith()).slice(1)}`),
      'Malformed',
    ],
    ['when keyID is not the kid of the header', () => ({ ...record, keyID: gateway.kid }), 'Malformed'],
    ['when the header has no kid', () => forged(headerWith({ kid: undefined })), 'Malformed'],
    ['when the header has no typ', () => forged(headerWith({ typ: undefined })), 'Malformed'],
    ['when the algorithm is none', () => forged(headerWith({ alg: 'none' })), 'Malformed'],
    ['when the algorithm is another', () => forged(headerWith({ alg: 'HS256' })), 'Malformed'],
    ['when the algorithm is named otherwise', () => forged(headerWith({ alg: 'Ed25519' })), 'Malformed'],
    [
      'when it asks for an extension that we do not have',
      () => forged(headerWith({ crit: ['b64', 'exp'], exp: 1 })),
      'Malformed',
    ],
    [
      'when it does not ask for the unencoded payload to be understood',
      () => forged(headerWith({ crit: undefined })),
      'Malformed',
    ],
    ['when it asks for nothing to be understood', () => forged(headerWith({ crit: [] })), 'Malformed'],
    ['when it says that its payload is encoded', () => forged(headerWith({ b64: true })), 'Malformed'],
    [
      'when it says nothing of how its payload is encoded',
      () => forged(headerWith({ b64: undefined, crit: undefined })),
      'Malformed',
    ],
    ['when its payload is not well-formed', () => ({ ...record, payload: 'a\ud800b' }), 'Malformed'],
    ['when nobody knows the key', () => forged(headerWith({ kid: stranger.kid }), { key: stranger }), 'UnknownKey'],
    [
      'when a stranger signed under the name of a known key',
      () => forged(headerWith(), { key: stranger, keyID: evidence.kid }),
      'BadSignature',
    ],
    [
      'when the header brings its own key along',
      () => forged(headerWith({ jwk: strangersJwk }), { key: stranger, keyID: evidence.kid }),
      'BadSignature',
    ],
    ['when the gateway signed it', () => forged(headerWith({ kid: gateway.kid }), { key: gateway }), 'WrongUse'],
    ['when it was signed as something else', () => forged(headerWith({ typ: 'countersign-vote+jws' })), 'WrongUse'],
    [
      'when it was signed as a statement about a key',
      () => forged(headerWith({ typ: 'countersign-key+jws' })),
      'WrongUse',
    ],
  ])('%s', async (_when, make, fault) => {
    expect(await verifyRecord(keys, make())).toEqual({ fault })
  })

  test('when its key was dismissed', async () => {
    const first = await firstKeys()
    const later = newSigningKey()
    const signed = await signRecord(first.evidence, payload)
    const trust = [await dismissed(first.trust[0], later), first.trust[1]]
    expect(await verifyRecord(verifyingKeys(first.trust), signed)).toMatchObject({ payload })
    expect(await verifyRecord(verifyingKeys(trust), signed)).toEqual({ fault: 'UnknownKey' })
  })

  test('when it is a compact signature taken apart', async () => {
    const [head = '', body = '', signature = ''] = (await signCompact(evidence, 'Record', payload)).split('.')
    const taken = { keyID: evidence.kid, protected: head, payload: body, signature }
    expect(await verifyRecord(keys, taken)).toEqual({ fault: 'Malformed' })
  })
})

const stranger = newSigningKey()
const strangersJwk = { kty: 'OKP', crv: 'Ed25519', x: publicX(stranger.privateKey) }

/** The last of 86 characters carries two bits that say nothing. */
function otherBits(signature: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = letters.indexOf(signature.slice(-1))
  return `${signature.slice(0, -1)}${letters[last + 1]}`
}

describe('whatever is stored', () => {
  test('is answered, never thrown at', async () => {
    const anyRecord = fc.record({
      keyID: fc.oneof(fc.constant(undefined), fc.string(), fc.constantFrom('kid', 'gateway')),
      protected: fc.oneof(fc.jsonValue().map(base64url), fc.string({ unit: 'binary' }), fc.jsonValue()),
      payload: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      signature: fc.oneof(fc.string(), fc.base64String(), fc.jsonValue()),
    })
    await fc.assert(
      fc.asyncProperty(anyRecord, async (made) => {
        const read: Verified = await verifyRecord(keys, made as unknown as SignedRecord)
        expect(['Malformed', 'UnknownKey']).toContain('fault' in read ? read.fault : 'none')
      }),
      { numRuns: scaled(300, 10_000) },
    )
  })

  test('counts for no text but the one that was signed: any one character changed anywhere is noticed', async () => {
    const fields = ['keyID', 'protected', 'payload', 'signature'] as const
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...fields),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 2 }),
        async (...[field, nat, by]) => {
          const text = record[field]
          const place = nat % text.length
          const changed = `${text.slice(0, place)}${by}${text.slice(place + 1)}`
          fc.pre(changed !== text)
          expect(await verifyRecord(keys, { ...record, [field]: changed })).toHaveProperty('fault')
        },
      ),
      { numRuns: scaled(300, 10_000) },
    )
  })
})

describe('the name of a key', () => {
  test('is its thumbprint: the example of RFC 8037 appendix A.3', () => {
    expect(thumbprint('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')).toBe(
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    )
  })

  test('is what other libraries make of it', async () => {
    const { kid, privateKey } = newSigningKey()
    expect(kid).toBe(await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: publicX(privateKey) }))
  })
})
