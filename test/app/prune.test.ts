import { describe, expect, test } from '@jest/globals'
import { leaving, strayDiffs } from '../../src/app/prune.ts'
import type { Aged } from '../../src/app/prune.ts'
import { approvedStatus, at, request } from '../make-request.ts'

const retentionMs = 60 * 60_000
const now = at('12:00')

function aged(name: string, changes: Partial<Aged> = {}): Aged {
  const number = Number(/-(\d+)$/.exec(name)?.[1] ?? 1)
  const base = { name, uid: `uid-of-${name}`, number, request: undefined, diff: undefined }
  return { ...base, decidedTime: at('10:00'), ...changes }
}

const names = (requests: readonly Aged[]): readonly string[] =>
  leaving(requests, retentionMs, now).map(({ name }) => name)

describe('what leaves', () => {
  test.each<[string, readonly Aged[], readonly string[]]>([
    ['is what was decided long enough ago', [aged('apr-a'), aged('apr-b', { decidedTime: at('11:30') })], ['apr-a']],
    ['is never what is undecided', [aged('apr-a', { decidedTime: undefined })], []],
    [
      'are all attempts together, the highest number first',
      [aged('apr-a-2'), aged('apr-a'), aged('apr-a-10')],
      ['apr-a-10', 'apr-a-2', 'apr-a'],
    ],
    ['is no attempt while a later one is wanted', [aged('apr-a'), aged('apr-a-2', { decidedTime: at('11:30') })], []],
    ['is no attempt while a later one is undecided', [aged('apr-a'), aged('apr-a-2', { decidedTime: undefined })], []],
    ['is what is left of a chain', [aged('apr-a-2'), aged('apr-b')], ['apr-a-2', 'apr-b']],
  ])('%s', (_what, requests, gone) => {
    expect(names(requests)).toEqual(gone)
  })

  test('is no approval that can still be used', () => {
    const status = approvedStatus({ expirationTime: '2026-11-21T12:01:00Z' })
    expect(names([aged('apr-a', { request: request({ status }) })])).toEqual([])
    expect(names([aged('apr-a', { request: request({ status: approvedStatus() }) })])).toEqual(['apr-a'])
  })
})

describe('a stored diff', () => {
  const ages = { youngestMs: 60 * 60_000, now }
  const diff = (name: string, time: number) => ({ name, uid: `uid-of-${name}`, time })

  test.each<[string, string, readonly Partial<Aged>[], readonly string[]]>([
    ['goes when it is old, and no request shows it', '10:59', [], ['diff-1']],
    ['stays while a request shows it', '10:00', [{ diff: 'diff-1' }], []],
    ['stays while a later attempt shows it', '10:00', [{ diff: undefined }, { diff: 'diff-1' }], []],
    ['goes when requests show only others', '10:00', [{ diff: 'diff-2' }], ['diff-1']],
    ['stays while it is young: its request may be about to be made', '11:01', [], []],
  ])('%s', (_what, stored, shown, gone) => {
    const requests = shown.map((changes, index) => aged(`apr-a-${index + 1}`, changes))
    expect(strayDiffs([diff('diff-1', at(stored))], requests, ages).map(({ name }) => name)).toEqual(gone)
  })
})
