import { describe, expect, test } from '@jest/globals'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkSpace, freeSpace } from '../../cluster/disk-space.ts'
import type { FreeSpace } from '../../cluster/disk-space.ts'

/** Two disks: everything under /home on one, the rest on the other; only these folders exist. */
const disks: FreeSpace = (folder) => {
  if (folder === '/home') return Promise.resolve({ device: 2, bytes: 3e9 })
  if (folder === '/') return Promise.resolve({ device: 1, bytes: 1e9 })
  return Promise.reject(new Error(`ENOENT ${folder}`))
}

describe('room on the disk', () => {
  test.each([
    ['one disk has enough', [{ folder: '/home/cache', bytes: 3e9 }]],
    [
      'each disk has enough',
      [
        { folder: '/home/cache', bytes: 3e9 },
        { folder: '/tmp', bytes: 1e9 },
      ],
    ],
  ])('is enough when %s', async (_, needs) => {
    await expect(checkSpace(needs, disks)).resolves.toBeUndefined()
  })

  test('is added up per disk', async () => {
    const needs = [
      { folder: '/home/cache/a', bytes: 2e9 },
      { folder: '/home/go/b', bytes: 1.5e9 },
    ]
    await expect(checkSpace(needs, disks)).rejects.toMatchObject({
      reason: 'NoSpace',
      message: expect.stringContaining('needs 3.5 GB of disk, 3.0 GB are free under /home/cache/a, /home/go/b ('),
    })
  })

  test('of a folder that does not exist is that of the one it will be made in', async () => {
    const free = await freeSpace(tmpdir())
    expect(free.bytes).toBeGreaterThan(0)
    const missing = join(tmpdir(), 'not', 'there')
    await expect(checkSpace([{ folder: missing, bytes: Number.MAX_SAFE_INTEGER }])).rejects.toMatchObject({
      reason: 'NoSpace',
    })
  })
})
