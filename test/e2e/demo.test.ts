import { expect, test } from '@jest/globals'
import { runCommand } from '../../cluster/command.ts'

test('the demonstration plays itself to the end, and every step does what it should', async () => {
  const { code, stdout, stderr } = await runCommand({
    command: process.execPath,
    args: ['demo/main.ts', '--auto'],
    env: process.env,
    timeoutMs: 240_000,
  })
  const failed = stdout.split('\n').filter((line) => line.startsWith('✗'))
  expect([failed, code, code === 0 ? '' : stderr]).toEqual([[], 0, ''])
  expect(stdout).toMatch(/\n(\d+) of \1 steps did what they should\n$/)
}, 260_000)
