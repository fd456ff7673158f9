import { beforeEach, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Trust, TrustedKey } from '../../src/domain/trust.ts'
import { trustData } from '../../src/tokens/published-trust.ts'
import { newSigningKey } from '../../src/tokens/signing-key.ts'
import type { SigningKey } from '../../src/tokens/signing-key.ts'
import { signRecord } from '../../src/tokens/sign.ts'
import { makeTrustFollower } from '../../src/tokens/trust-follower.ts'
import type { TrustFollower } from '../../src/tokens/trust-follower.ts'
import { trustSetText } from '../../src/tokens/trust-set.ts'
import { verifyRecord } from '../../src/tokens/verify.ts'
import { scaled } from '../scale.ts'
import { dismissed, firstKeys, introduced, published } from './make-keys.ts'

let evidence: SigningKey
let gateway: SigningKey
let trust: readonly [TrustedKey, TrustedKey]
let follower: TrustFollower

beforeEach(async () => {
  ;({ evidence, gateway, trust } = await firstKeys())
  follower = makeTrustFollower(new Set())
})

const nothing = { 'jwks.json': '' }
const foreign = (): Trust => [published(newSigningKey(), 'evidence')]

describe('a process that follows the published set', () => {
  test('has no keys, and no alarm, before anything is published', async () => {
    expect(await follower.read({})).toEqual([])
    expect(await follower.read(nothing)).toEqual([])
    expect(follower.keys()).toBeUndefined()
    expect(follower.keyIDs()).toEqual([])
  })

  test('knows and reports the keys that are published', async () => {
    expect(await follower.read(trustData(trust))).toEqual([])
    expect(follower.keyIDs()).toEqual([evidence.kid, gateway.kid])
  })

  test('verifies by a new key once it is published, and no longer by one that was dismissed', async () => {
    const next = newSigningKey()
    const old = await signRecord(evidence, '{}')
    const record = await signRecord(next, '{}')
    const verified = async (signed: typeof record): Promise<unknown> =>
      verifyRecord(follower.keys() ?? new Map(), signed)
    await follower.read(trustData(trust))
    expect(await verified(record)).toEqual({ fault: 'UnknownKey' })
    const both = [...trust, await introduced(published(next, 'evidence'), evidence)]
    await follower.read(trustData(both))
    expect(await verified(record)).toMatchObject({ payload: '{}' })
    expect(await verified(old)).toMatchObject({ payload: '{}' })
    await follower.read(trustData([await dismissed(trust[0], next), ...both.slice(1)]))
    expect(await verified(old)).toEqual({ fault: 'UnknownKey' })
    expect(follower.keyIDs()).toEqual([gateway.kid, next.kid])
  })

  test('keeps its own and alarms when another set takes its place, once for as long as that lasts', async () => {
    await follower.read(trustData(trust))
    const other = foreign()
    const alarms = [
      { alarm: 'Unchained', kid: other[0]?.kid },
      { alarm: 'Missing', kid: evidence.kid },
      { alarm: 'Missing', kid: gateway.kid },
    ]
    expect(await follower.read(trustData(other))).toEqual(alarms)
    expect(await follower.read(trustData(other))).toEqual([])
    expect(follower.keyIDs()).toEqual([evidence.kid, gateway.kid])
    expect(await follower.read(trustData(trust))).toEqual([])
    expect(await follower.read(trustData(other))).toEqual(alarms)
  })

  test('keeps its own and alarms when nothing is published any more', async () => {
    await follower.read(trustData(trust))
    expect(await follower.read(nothing)).toHaveLength(2)
    expect(follower.keyIDs()).toEqual([evidence.kid, gateway.kid])
  })

  test.each([
    ['what is published is none', '{"keys":7}', 'NoKeySet'],
    ['a private key is published', `{"keys":[{"d":"x"}]}`, 'PrivateKey'],
  ])('keeps its own and alarms when %s', async (_when, text, fault) => {
    await follower.read(trustData(trust))
    const data = { 'jwks.json': Buffer.from(text).toString('base64') }
    expect(await follower.read(data)).toEqual([{ alarm: 'TrustUnusable', fault }])
    expect(follower.keyIDs()).toEqual([evidence.kid, gateway.kid])
  })

  test('does not begin without the key that was configured, and begins as soon as that is published', async () => {
    const wary = makeTrustFollower(new Set([evidence.kid]))
    expect(await wary.read(trustData(foreign()))).toEqual([{ alarm: 'TrustUnusable', fault: 'NoRoot' }])
    expect(wary.keys()).toBeUndefined()
    expect(await wary.read(trustData(trust))).toEqual([])
    expect(wary.keyIDs()).toEqual([evidence.kid, gateway.kid])
  })

  test('takes sets in the order in which they came, however long each takes', async () => {
    const next = newSigningKey()
    const both = [...trust, await introduced(published(next, 'evidence'), evidence)]
    const many = await Promise.all(both.map((key) => dismissedBy(key, next)))
    await Promise.all([trust, both, many].map((set) => follower.read(trustData(set))))
    expect(follower.keyIDs()).toEqual([next.kid])

    async function dismissedBy(key: TrustedKey, by: SigningKey): Promise<TrustedKey> {
      return key.kid === by.kid ? key : dismissed(key, by)
    }
  })
})

describe('two sets that come at once', () => {
  test('are read one after the other: what the first one brought is not lost to the second', async () => {
    const next = newSigningKey()
    const stranger = newSigningKey()
    const both = [...trust, await introduced(published(next, 'evidence'), evidence)]
    const others = Array.from({ length: 60 }, () => introduced(published(newSigningKey(), 'gateway'), stranger))
    const long = [published(stranger, 'evidence'), ...(await Promise.all(others))]
    await follower.read(trustData(trust))
    await Promise.all([follower.read(trustData(both)), follower.read(trustData(long))])
    expect(follower.keyIDs()).toContain(next.kid)
  })
})

describe('somebody who may write the Secret but holds no evidence key', () => {
  /** Parts of true sets and of his own, cut and glued. */
  test('never gets a key accepted, or a true one refused, whatever he writes and however often', async () => {
    const next = newSigningKey()
    const stranger = newSigningKey()
    const mine = published(stranger, 'evidence')
    const honest = [...trust, await introduced(published(next, 'evidence'), evidence)]
    const pieces = [
      ...honest,
      mine,
      await introduced(mine, stranger),
      await introduced(mine, gateway),
      await introduced(mine, { ...stranger, kid: evidence.kid }),
      { ...mine, introduction: honest[2]?.introduction },
      await dismissed(trust[0], stranger),
      await dismissed(trust[0], gateway),
      await dismissed(trust[1], { ...stranger, kid: evidence.kid }),
      { ...trust[0], dismissal: honest[2]?.introduction },
      { ...trust[1], use: 'evidence' as const },
      { ...trust[1], introduction: undefined },
    ]
    const honestKids = honest.map(({ kid }) => kid)
    const anySet = fc.array(fc.nat({ max: pieces.length - 1 }), { maxLength: 6 })
    const anyText = fc.record({ places: anySet, cut: fc.option(fc.nat({ max: 4000 }), { freq: 6 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { maxLength: 6 }), async (texts) => {
        const victim = makeTrustFollower(new Set())
        await victim.read(trustData(trust))
        for (const { places, cut } of texts) {
          const text = trustSetText(places.flatMap((place) => pieces[place] ?? []))
          await victim.read({ 'jwks.json': Buffer.from(text.slice(0, cut ?? text.length)).toString('base64') })
          for (const kid of victim.keyIDs()) expect(honestKids).toContain(kid)
          expect(victim.keyIDs()).toEqual(expect.arrayContaining([evidence.kid, gateway.kid]))
        }
      }),
      { numRuns: scaled(60, 3_000) },
    )
  })
})
