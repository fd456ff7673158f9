import { describe, expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { noCertificates } from '../../src/app/certificates.ts'
import type { Authority, Certificates, ServingPair } from '../../src/app/certificates.ts'
import { planCertificates, renewTime } from '../../src/app/certificate-plan.ts'
import type { CertificateFacts, CertificatePlan, CertificateSettings } from '../../src/app/certificate-plan.ts'

const settings: CertificateSettings = {
  lifeMs: 9_000,
  backdateMs: 500,
  renewAt: 2 / 3,
  renewSpread: 0,
  overlapMs: 60,
  dropMs: 1_000,
}

const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const fingerprintOf = (name: string): string => `sha256:00000000${name}`

/** Issued at 0 by default: valid from -500 to 9000, to be renewed at 6000. Its authority is `ca-` and its name. */
function pair(name: string, changes: Partial<ServingPair> = {}): ServingPair {
  const made = {
    certificate: name,
    key,
    fingerprint: fingerprintOf(name),
    notBefore: -500,
    notAfter: 9_000,
    fits: true,
  }
  return { ...made, authority: `ca-${name}`, ...changes }
}

function authority(name: string, notAfter = 9_000): Authority {
  return { certificate: '', fingerprint: `ca-${name}`, notAfter }
}

const settled: Certificates = { ...noCertificates, leaf: pair('a'), authorities: [authority('a')], switchedTime: 0 }
/** Issued at 6000. */
const pairB = pair('b', { notBefore: 5_500, notAfter: 15_000 })
const waiting: Certificates = {
  ...settled,
  next: pairB,
  authorities: [authority('a'), authority('b', 15_000)],
}
const known: Certificates = { ...waiting, publishedTime: 6_000 }
const both = ['ca-a', 'ca-b']

function plan(seen: Certificates, now: number, facts: Partial<CertificateFacts> = {}): CertificatePlan {
  return planCertificates(
    seen,
    { published: ['ca-a'], ...facts, served: (facts.served ?? ['a']).map(fingerprintOf) },
    { settings, now },
  )
}

describe('what is done for a certificate', () => {
  test.each<[string, Certificates, number, Partial<CertificateFacts>, unknown]>([
    ['there is none: issue one and serve it', noCertificates, 0, {}, { do: 'Issue', as: 'Leaf' }],
    ['all is well: nothing', settled, 5_999, {}, undefined],
    ['two thirds of its life are over: issue the next one', settled, 6_000, {}, { do: 'Issue', as: 'Next' }],
    ['nobody is told of its authority yet: wait', waiting, 8_000, {}, undefined],
    ['callers are told of its authority: note when', waiting, 6_000, { published: both }, { do: 'Note' }],
    ['they may not all have heard of it: wait', known, 6_059, { published: both }, undefined],
    ['they have had time: serve it', known, 6_060, { published: both }, { do: 'Switch' }],
    ['they were told otherwise since: wait', known, 8_000, { published: ['ca-a'] }, undefined],
    ['nobody is told to call: nobody has to be waited for', waiting, 6_000, { published: undefined }, { do: 'Switch' }],
    [
      'the next one is not for all names any more: issue another',
      { ...known, next: pair('b', { fits: false }) },
      6_100,
      { published: both },
      { do: 'Issue', as: 'Next' },
    ],
    [
      'the next one has expired while it waited: issue another',
      { ...known, next: pair('b', { notAfter: 6_100 }) },
      6_100,
      { published: both },
      { do: 'Issue', as: 'Next' },
    ],
    ['the served one has expired: serve another at once', settled, 9_000, {}, { do: 'Issue', as: 'Leaf' }],
    ['the served one has expired and there is a next one: serve that at once', waiting, 9_000, {}, { do: 'Switch' }],
    [
      'the served one is not for all names: serve another at once',
      { ...settled, leaf: pair('a', { fits: false }) },
      1,
      {},
      { do: 'Issue', as: 'Leaf' },
    ],
    [
      'its authority is not kept: serve another at once',
      { ...settled, leaf: pair('a', { authority: undefined }) },
      1,
      {},
      { do: 'Issue', as: 'Leaf' },
    ],
    [
      'it is not valid yet: serve another at once',
      { ...settled, leaf: pair('a', { notBefore: 2 }) },
      1,
      {},
      { do: 'Issue', as: 'Leaf' },
    ],
  ])('%s', (_what, seen, now, facts, step) => {
    expect(plan(seen, now, facts).step).toEqual(step)
  })
})

describe('an authority of which nothing is served any more', () => {
  const after: Certificates = { ...waiting, leaf: waiting.next, next: undefined, switchedTime: 6_060 }
  const dropped = { do: 'Drop', authority: 'ca-a' }

  test.each<[string, Certificates, number, Partial<CertificateFacts>, unknown]>([
    ['is kept for its time', after, 7_059, { served: ['b'] }, undefined],
    ['is dropped then', after, 7_060, { served: ['b', 'b'] }, dropped],
    ['is dropped when no replica is there that could still serve it', after, 7_060, { served: [] }, dropped],
    ['is kept while a replica serves the old certificate', after, 8_000, { served: ['b', 'a'] }, undefined],
    ['is dropped anyway when it has expired', after, 9_000, { served: ['a'] }, dropped],
    [
      'is told from that of the certificate and that of the next one',
      { ...after, next: pair('a'), publishedTime: 8_000 },
      8_000,
      { served: ['b'] },
      undefined,
    ],
  ])('%s', (_what, seen, now, facts, step) => {
    expect(plan(seen, now, facts).step).toEqual(step)
  })
})

describe('when to look again', () => {
  test.each<[string, Certificates, number, number]>([
    ['when it is to be renewed', settled, 0, 6_000],
    ['when it expires, if it could not be renewed', waiting, 6_000, 9_000],
    ['when callers have had time', known, 6_000, 6_060],
    [
      'when the old authority can go',
      { ...waiting, leaf: waiting.next, next: undefined, switchedTime: 6_060 },
      6_061,
      7_060,
    ],
  ])('%s', (_when, seen, now, wakeTime) => {
    expect(plan(seen, now).wakeTime).toBe(wakeTime)
  })

  test('never, when there is nothing', () => {
    expect(plan(noCertificates, 0).wakeTime).toBeUndefined()
  })
})

describe('the moment of a renewal', () => {
  const spread = { ...settings, renewSpread: 0.1 }
  const at = (digits: string): number => renewTime(pair('a', { fingerprint: `sha256:${digits}` }), spread)

  test('lies between two thirds of the life and the end of the spread, by the certificate', () => {
    expect(at('00000000ff')).toBe(6_000)
    expect(at('80000000ff')).toBe(6_450)
    expect(at('ffffffffff')).toBeCloseTo(6_900, 3)
  })

  test('is always the same for one certificate, however often it is asked', () => {
    expect(at('12345678')).toBe(at('12345678'))
  })
})
