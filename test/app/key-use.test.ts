import { describe, expect, test } from '@jest/globals'
import { keysInUse, keyUseOf } from '../../src/app/key-use.ts'
import type { KeyUse } from '../../src/app/key-use.ts'
import { sampleRequest } from '../crds/sample-request.ts'
import { now } from '../make.ts'

const use = (changes: Partial<KeyUse> = {}): KeyUse => ({
  digestKeyIDs: ['digest-1'],
  wantedUntil: undefined,
  recordKeyID: undefined,
  ...changes,
})

describe('a key is in use', () => {
  test.each<[string, Partial<KeyUse>, readonly string[] | undefined]>([
    ['of the digest of an undecided request', {}, ['digest-1']],
    ['of the digest of a grant that is valid', { wantedUntil: now + 1 }, ['digest-1']],
    ['not of the digest of a grant that is over', { wantedUntil: now }, []],
    ['of a record, whatever became of the grant', { wantedUntil: 0, recordKeyID: 'evidence-1' }, ['evidence-1']],
    ['each, when an undecided request does not name its key', { digestKeyIDs: undefined }, undefined],
    ['none, when a request that is over does not name its key', { digestKeyIDs: undefined, wantedUntil: 0 }, []],
  ])('%s', (...[, changes, ids]) => {
    const found = keysInUse([use(changes)], now)
    expect(found && [...found]).toEqual(ids)
  })

  test('as long as one request rests on it', () => {
    const uses = [use({ wantedUntil: 0 }), use(), use({ digestKeyIDs: ['digest-2'] })]
    expect(keysInUse(uses, now)).toEqual(new Set(['digest-1', 'digest-2']))
  })
})

describe('what rests on keys in a request', () => {
  const named = sampleRequest('apr-one')
  for (const action of named.spec.actions) action.digestKeyID = 'digest-1'

  test('that is undecided is its digest, without end', () => {
    expect(keyUseOf(named)).toEqual({
      digestKeyIDs: ['digest-1'],
      wantedUntil: undefined,
      recordKeyID: undefined,
    })
  })

  test('that does not name a key is not known', () => {
    expect(keyUseOf(sampleRequest('apr-one')).digestKeyIDs).toBeUndefined()
  })

  const record = { keyID: 'evidence-1', protected: 'p', payload: '{}', signature: 's' }

  test('that was approved is its record, and its digest for as long as the grant is valid', () => {
    const grant = { expirationTime: '2026-03-01T10:20:00Z', claims: [], rearmed: 0 }
    const status = { decision: 'Approved', record, grant } as const
    expect(keyUseOf({ ...named, status })).toMatchObject({ wantedUntil: now, recordKeyID: 'evidence-1' })
  })

  test('that was denied is its record alone', () => {
    const status = { decision: 'Denied', record } as const
    expect(keyUseOf({ ...named, status })).toMatchObject({ wantedUntil: 0, recordKeyID: 'evidence-1' })
  })
})
