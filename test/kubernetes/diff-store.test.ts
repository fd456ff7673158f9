import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { storedDiffs } from '../../src/kubernetes/diff-store.ts'
import { startRig } from './objects-rig.ts'
import type { Rig } from './objects-rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.stop())

const where = { collection: '/api/v1/configmaps', namespace: 'countersign-system' }
const labels = { 'countersign.dev/diff': 'true' }
const read = () => storedDiffs(rig.connect(), 'countersign-system', new AbortController().signal)

test('lists the diffs by their label, with their age and without their text', async () => {
  rig.api.objects.create(where, { metadata: { name: 'diff-1', labels }, kind: 'PartialObjectMetadata' })
  rig.api.objects.create(where, { metadata: { name: 'kube-root-ca.crt' }, kind: 'PartialObjectMetadata' })
  const [found, ...more] = await read()
  expect(more).toEqual([])
  expect(found).toMatchObject({ name: 'diff-1', uid: expect.any(String) })
  expect(Number.isFinite(found?.time)).toBe(true)
  expect(rig.api.requests.at(-1)?.headers['accept']).toContain('as=PartialObjectMetadataList')
})

test('reads page by page', async () => {
  for (let index = 0; index < 501; index += 1) {
    const metadata = { name: `diff-${index}`, labels }
    rig.api.objects.create(where, { metadata, kind: 'PartialObjectMetadata' })
  }
  expect(new Set((await read()).map(({ name }) => name)).size).toBe(501)
})

test('rejects when it may not', async () => {
  rig.api.faults.next({ do: 'refuse', status: 403 }, { verb: 'list' })
  await expect(read()).rejects.toMatchObject({ name: 'ApiError', status: 403 })
})
