import { describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { checkPlatform, startChild } from '../../cluster/child.ts'
import { runs } from './processes.ts'
import { until } from './scratch.ts'
import type { Child, ChildOptions } from '../../cluster/child.ts'

const shell = (script: string, more: Partial<ChildOptions> = {}) =>
  startChild({
    command: 'sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin', GIVEN: 'yes' },
    stdout: 'pipe',
    stderr: 'pipe',
    ...more,
  })

const output = (stream: NodeJS.ReadableStream | undefined) => (stream === undefined ? '' : text(stream))

async function writtenPid({ stdout }: Child): Promise<number> {
  if (stdout === undefined) throw new Error('its output is not read')
  return Number(await once(stdout, 'data'))
}

describe('a child process', () => {
  test.each([
    ['its own exit code', 'exit 7', 7],
    ['128 + 9 after SIGKILL', 'kill -KILL $$', 137],
    ['128 + 15 after SIGTERM', 'kill -TERM $$', 143],
  ])('ends with %s', async (_, script, code) => {
    const child = await shell(script)
    expect(await child.exited).toBe(code)
  })

  test('that is not found ends with 127', async () => {
    const child = await shell('', { command: '/no/such/program' })
    expect(await child.exited).toBe(127)
  })

  test('that cannot even be tried, since its folder is missing, is an error', async () => {
    await expect(shell('', { cwd: '/no/such/folder' })).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('has the pid that we know, so signals reach it and no wrapper', async () => {
    const child = await shell('echo $$')
    expect(await output(child.stdout)).toBe(`${child.pid}\n`)
  })

  test('sees the given environment and nothing of ours', async () => {
    const child = await shell('env')
    const names = (await output(child.stdout)).split('\n').map((line) => line.split('=')[0])
    expect(names).toContain('GIVEN')
    expect(
      names.filter((name) => !['GIVEN', 'PATH', 'PWD', 'OLDPWD', 'SHLVL', '_', ''].includes(name ?? '')),
    ).toStrictEqual([])
  })

  test('takes its own children with it when it is ended', async () => {
    const child = await shell('sleep 600 & echo $!; wait')
    const grandchild = await writtenPid(child)
    expect(runs(grandchild)).toBe(true)
    await child.end()
    await until('the grandchild has ended', () => !runs(grandchild))
    expect(runs(child.pid)).toBe(false)
  })

  test('takes its own children with it when it ends by itself', async () => {
    const child = await shell('sleep 600 & echo $!; exit 0')
    const grandchild = await writtenPid(child)
    expect(await child.exited).toBe(0)
    await until('the grandchild has ended', () => !runs(grandchild))
  })

  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'ends with this process, which gets %s, and so do its children',
    async (signal) => {
      const parent = spawn(process.execPath, [join(import.meta.dirname, 'child-parent.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = await once(parent.stdout.setEncoding('utf8'), 'data')
      const pids = String(line).trim().split(' ').map(Number)
      expect(pids.map(runs)).toStrictEqual([true, true])
      parent.kill(signal)
      await until('both have ended', () => !pids.some(runs))
    },
  )
})

test.each(['win32', 'aix'] as const)('%s is refused by name', (platform) => {
  expect(() => checkPlatform(platform)).toThrow(`not on ${platform}`)
})
