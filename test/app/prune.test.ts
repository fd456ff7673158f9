import { describe, expect, test } from '@jest/globals'
import { leaving } from '../../src/app/prune.ts'
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

  test('takes its long diff along, unless a request that stays shows the same', () => {
    const stays = aged('apr-c', { decidedTime: undefined, diff: 'diff-2' })
    const over = [aged('apr-a', { diff: 'diff-1' }), aged('apr-b', { diff: 'diff-2' }), stays]
    expect(leaving(over, retentionMs, now).map(({ diff }) => diff)).toEqual(['diff-1', undefined])
  })
})
