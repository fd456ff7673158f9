import { describe, expect, test } from '@jest/globals'
import { PassThrough } from 'node:stream'
import { makeTerminal } from '../../src/compose/people-terminal.ts'

function streams(isTTY: { readonly in?: boolean; readonly out?: boolean; readonly err?: boolean }) {
  return {
    stdin: Object.assign(new PassThrough(), { isTTY: isTTY.in ?? false }),
    stdout: Object.assign(new PassThrough(), { isTTY: isTTY.out ?? false }),
    stderr: Object.assign(new PassThrough(), { isTTY: isTTY.err ?? false }),
  }
}

describe('colour', () => {
  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('on a terminal %j with %j: %j', (out, env, colour) => {
    expect(makeTerminal(streams({ out }), env).colour).toBe(colour)
  })
})

describe('asking', () => {
  test.each([[{ in: true, err: false }], [{ in: false, err: true }]])(
    'is impossible where nobody reads and types: %j',
    (isTTY) => {
      expect(makeTerminal(streams(isTTY), {}).ask).toBeUndefined()
    },
  )

  test('gives the line that was typed, and asks on standard error', async () => {
    const io = streams({ in: true, err: true })
    const answered = makeTerminal(io, {}).ask?.('Sure? ')
    io.stdin.write('yes\n')
    expect(await answered).toBe('yes')
    expect(String(io.stderr.read())).toContain('Sure? ')
    expect(io.stdout.read()).toBeNull()
  })

  test('gives nothing when the input ends', async () => {
    const io = streams({ in: true, err: true })
    const answered = makeTerminal(io, {}).ask?.('Sure? ')
    io.stdin.end()
    expect(await answered).toBeUndefined()
  })
})
