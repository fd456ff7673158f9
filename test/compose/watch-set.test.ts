import { expect, test } from '@jest/globals'
import { configSchema } from '../../src/config.ts'
import { staleMsOf, watchCheck } from '../../src/compose/watch-set.ts'

const staleMs = staleMsOf(configSchema.parse({ operator: { staleSeconds: 30 } }))

test.each<[string, { synced: boolean; silentMs: number; staleMs?: number }, boolean]>([
  ['was heard of', { synced: true, silentMs: 30_000, staleMs }, true],
  ['was heard of too long ago', { synced: true, silentMs: 30_001, staleMs }, false],
  ['was not read yet', { synced: false, silentMs: Number.POSITIVE_INFINITY, staleMs }, false],
  ['was heard of long ago, and nothing is decided by it', { synced: true, silentMs: 1e9 }, true],
])('the check of a watch that %s', (_what, { synced, silentMs, staleMs: most }, ok) => {
  expect(watchCheck('leases', { synced: () => synced, silentMs: () => silentMs }, most)).toMatchObject({
    name: 'watch-leases',
    ok,
  })
})
