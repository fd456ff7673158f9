import { describe, expect, test } from '@jest/globals'
import { runCommand } from '../../cluster/command.ts'
import { rejection } from './scratch.ts'
import type { CommandOptions } from '../../cluster/command.ts'

const shell = (script: string, more: Partial<CommandOptions> = {}) =>
  runCommand({ command: 'sh', args: ['-c', script], env: { PATH: '/usr/bin:/bin' }, ...more })

describe('a command', () => {
  test('gives back its code and what it wrote, apart', async () => {
    expect(await shell('echo out; echo err >&2; exit 3')).toStrictEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' })
  })

  test('reads its input to the end', async () => {
    expect(await shell('cat', { input: 'a\nb' })).toMatchObject({ stdout: 'a\nb' })
  })

  test('has an empty input when none is given', async () => {
    expect(await shell('cat; echo done')).toMatchObject({ stdout: 'done\n' })
  })

  test('may end without reading its input', async () => {
    expect(await shell('exit 0', { input: 'x'.repeat(1_000_000) })).toMatchObject({ code: 0 })
  })

  test('is killed when it takes too long, and the error carries what it had written', async () => {
    const error = await rejection(shell('echo begun; sleep 600', { timeoutMs: 200 }))
    expect(error).toMatchObject({ message: expect.stringMatching(/did not end within 200 ms; it printed:\nbegun\n/) })
  })

  test('is killed by an abort, which is a result', async () => {
    expect(await shell('sleep 600', { signal: AbortSignal.abort() })).toMatchObject({ code: 137 })
  })

  test('leaves nothing that would keep its output open', async () => {
    expect(await shell('sleep 600 & echo done')).toMatchObject({ stdout: 'done\n' })
  })
})
