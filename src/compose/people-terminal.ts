import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import type { Terminal } from '../cli/records.ts'
import type { Environment } from '../config-env.ts'

type Stream = { readonly isTTY?: boolean }

export type TerminalStreams = {
  readonly stdin: Readable & Stream
  readonly stdout: Writable & Stream
  readonly stderr: Writable & Stream
}

/** Asks only where a person reads and types; colours only what goes to a terminal, and never with NO_COLOR. */
export function makeTerminal({ stdin, stdout, stderr }: TerminalStreams, env: Environment): Terminal {
  const isPerson = stdin.isTTY === true && stderr.isTTY === true
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    ask: isPerson ? (question) => asked({ stdin, stderr }, question) : undefined,
    // https://no-color.org: any value but the empty one.
    colour: stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  }
}

async function asked(
  { stdin, stderr }: Pick<TerminalStreams, 'stdin' | 'stderr'>,
  question: string,
): Promise<string | undefined> {
  const lines = createInterface({ input: stdin, output: stderr, terminal: true })
  try {
    const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
    return await Promise.race([lines.question(question), ended])
  } finally {
    lines.close()
  }
}
