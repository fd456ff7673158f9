import { beforeAll, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { sign } from 'node:crypto'
import { canonical } from '../../src/domain/canonical.ts'
import type { ApprovalVoteSpec } from '../../src/domain/kinds.ts'
import type { SigningKey } from '../../src/tokens/signing-key.ts'
import { verifyingKeys } from '../../src/tokens/verify.ts'
import type { VerifyingKeys } from '../../src/tokens/verify.ts'
import { signVote, voteFault } from '../../src/tokens/vote.ts'
import type { UnsignedVote } from '../../src/app/cast-vote-ports.ts'
import { scaled } from '../scale.ts'
import { firstKeys } from './make-keys.ts'

const vote: UnsignedVote = {
  requestRef: { name: 'apr-7k2m9q4xqz', uid: '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d21' },
  digest: `sha256:${'a1'.repeat(32)}`,
  verdict: 'Approve',
  comment: 'looks right — go',
  voter: {
    kind: 'EntraUser',
    tenantID: '11111111-0000-4000-8000-000000000001',
    objectID: '22222222-0000-4000-8000-000000000002',
  },
  evidence: { channel: 'teams', assurance: 'Card', verifiedTime: '2026-03-01T10:20:00Z', messageRef: 'm1' },
}

let evidence: SigningKey
let gateway: SigningKey
let keys: VerifyingKeys
let signed: ApprovalVoteSpec

beforeAll(async () => {
  const first = await firstKeys()
  evidence = first.evidence
  gateway = first.gateway
  keys = verifyingKeys(first.trust)
  signed = await signVote(gateway, vote)
})

function withEvidence(changes: Record<string, unknown>): ApprovalVoteSpec {
  return { ...signed, evidence: { ...signed.evidence, ...changes } } as unknown as ApprovalVoteSpec
}

describe('a vote that the gateway signed', () => {
  test('has a detached signature in its evidence, and nothing else has changed', () => {
    const { signature, ...rest } = signed.evidence ?? { signature: '' }
    expect({ ...signed, evidence: rest }).toEqual(vote)
    expect(signature).toMatch(/^[\w-]+\.\.[\w-]{86}$/)
  })

  test('counts', async () => {
    expect(await voteFault(keys, signed)).toBeUndefined()
  })

  test('counts in whatever order the API server gives its fields', async () => {
    const turned = JSON.parse(
      JSON.stringify(signed, Object.keys(flat(signed)).toSorted().toReversed()),
    ) as ApprovalVoteSpec
    expect(Object.keys(turned)).not.toEqual(Object.keys(signed))
    expect(turned).toEqual(signed)
    expect(await voteFault(keys, turned)).toBeUndefined()
  })
})

/** Every key at any depth. */
function flat(value: object): Record<string, true> {
  const found: Record<string, true> = {}
  JSON.stringify(value, (key: string, inner: unknown) => {
    if (key !== '') found[key] = true
    return inner
  })
  return found
}

describe('a vote does not count', () => {
  test.each<[string, () => ApprovalVoteSpec | Promise<ApprovalVoteSpec>, string]>([
    ['without evidence', () => ({ requestRef: vote.requestRef, verdict: 'Approve', voter: vote.voter }), 'Malformed'],
    ['when its signature is empty', () => withEvidence({ signature: '' }), 'Malformed'],
    [
      'when its signature carries a payload of its own',
      () => withEvidence({ signature: (signed.evidence?.signature ?? '').replace('..', '.e30.') }),
      'Malformed',
    ],
    ['when another verdict stands in it', () => ({ ...signed, verdict: 'Deny' }), 'BadSignature'],
    [
      'when another person stands in it',
      () => ({ ...signed, voter: { ...vote.voter, objectID: 'x' } }),
      'BadSignature',
    ],
    [
      'when another request stands in it',
      () => ({ ...signed, requestRef: { ...vote.requestRef, uid: 'x' } }),
      'BadSignature',
    ],
    ['when another assurance stands in it', () => withEvidence({ assurance: 'SignedIn' }), 'BadSignature'],
    ['when a field was added', () => withEvidence({ tokenHash: `sha256:${'0'.repeat(64)}` }), 'BadSignature'],
    ['when a field was taken away', () => withEvidence({ messageRef: undefined }), 'BadSignature'],
    [
      'when its signature is that of another vote',
      async () =>
        withEvidence({ signature: (await signVote(gateway, { ...vote, verdict: 'Deny' })).evidence?.signature }),
      'BadSignature',
    ],
    ['when the operator signed it', () => signVote(evidence, vote), 'WrongUse'],
    [
      'when a gateway signed it that nobody knows',
      async () => signVote((await firstKeys()).gateway, vote),
      'UnknownKey',
    ],
  ])('%s', async (_when, make, fault) => {
    expect(await voteFault(keys, await make())).toBe(fault)
  })

  test('when its payload was signed unencoded: there is one form, and records have the other', async () => {
    const header = { alg: 'EdDSA', b64: false, crit: ['b64'], kid: gateway.kid, typ: 'countersign-vote+jws' }
    const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
    const bytes = Buffer.from(`${encoded}.${canonical(vote)}`)
    const signature = `${encoded}..${sign(undefined, bytes, gateway.privateKey).toString('base64url')}`
    expect(await voteFault(keys, withEvidence({ signature }))).toBe('Malformed')
  })

  test('whatever the signature is, and it is answered, never thrown at', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()), async (signature) => {
        expect(await voteFault(keys, withEvidence({ signature }))).toBe('Malformed')
      }),
      { numRuns: scaled(200, 5_000) },
    )
  })
})
