import { describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { withLock } from '../../cluster/build-lock.ts'
import { rejection, scratchFolders, until } from './scratch.ts'

const scratch = scratchFolders()
const lockFile = async () => join(await scratch(), 'key.lock')
const heldBy = (pid: number, host = hostname()) => JSON.stringify({ pid, host })
const nobody = () => undefined

async function sleeper() {
  const child = spawn('sleep', ['600'])
  await once(child, 'spawn')
  const end = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { pid: child.pid ?? 0, end }
}

describe('the lock between processes that build', () => {
  test('lets one work at a time', async () => {
    const file = await lockFile()
    let inside = 0
    let most = 0
    const work = async () => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise(setImmediate)
      inside -= 1
    }
    await Promise.all(Array.from({ length: 4 }, () => withLock({ file, onWait: nobody }, work)))
    expect(most).toBe(1)
  })

  test('gives back what the work gives', async () => {
    expect(await withLock({ file: await lockFile(), onWait: nobody }, () => Promise.resolve(7))).toBe(7)
  })

  test('is released when the work fails, and leaves no file', async () => {
    const file = await lockFile()
    const failing = withLock({ file, onWait: nobody }, () => Promise.reject(new Error('no')))
    expect(await rejection(failing)).toMatchObject({ message: 'no' })
    expect(await readdir(dirname(file))).toStrictEqual([])
  })

  test('of a process that has ended is taken over at once', async () => {
    const file = await lockFile()
    const { pid, end } = await sleeper()
    await end()
    await writeFile(file, heldBy(pid))
    const waited: string[] = []
    await withLock({ file, onWait: (holder) => void waited.push(holder) }, () => Promise.resolve())
    expect(waited).toStrictEqual([])
  })

  test('of a living process is waited for, its holder told once, and taken over when that ends', async () => {
    const file = await lockFile()
    const { pid, end } = await sleeper()
    await writeFile(file, heldBy(pid))
    const waited: string[] = []
    let worked = false
    const locked = withLock({ file, onWait: (holder) => void waited.push(holder) }, async () => {
      worked = true
    })
    await until('the holder is told', () => waited.length > 0)
    expect(worked).toBe(false)
    await end()
    await locked
    expect(worked).toBe(true)
    expect(waited).toStrictEqual([`process ${pid} on ${hostname()}`])
  })

  test.each([
    ['another machine', () => heldBy(1, 'another-machine')],
    ['a pid that is in use again', () => heldBy(process.pid)],
    ['something that is no lock of ours', () => 'garbage'],
  ])('of %s is taken over after a minute without a sign of life', async (_, content) => {
    const file = await lockFile()
    await writeFile(file, content())
    const old = new Date(Date.now() - 61_000)
    await utimes(file, old, old)
    await expect(withLock({ file, onWait: nobody }, () => Promise.resolve('mine'))).resolves.toBe('mine')
  })

  test('is no longer waited for after an abort', async () => {
    const file = await lockFile()
    await writeFile(file, heldBy(process.pid))
    const controller = new AbortController()
    const onWait = () => controller.abort(new Error('enough'))
    const locked = withLock({ file, onWait, signal: controller.signal }, () => Promise.resolve())
    expect(await rejection(locked)).toMatchObject({ message: 'enough' })
    expect(await readdir(dirname(file))).toStrictEqual(['key.lock'])
  })
})
