import { text } from 'node:stream/consumers'
import { startChild } from './child.ts'
import type { Child, ChildOptions } from './child.ts'

export type CommandOptions = Pick<ChildOptions, 'command' | 'args' | 'env' | 'cwd'> & {
  /** Given to the command's standard input, which is closed afterwards. */
  readonly input?: string | undefined
  /** Default 60 s. */
  readonly timeoutMs?: number | undefined
  /** Aborting kills the command; the result then has code 137. */
  readonly signal?: AbortSignal | undefined
}

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string }

const defaultTimeoutMs = 60_000

/**
 * Runs a command to its end. Any exit code is a result (a refused `kubectl` is what many a test is about); running out
 * of time is an error that carries what the command had printed.
 */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  const { command, args, env, cwd, input, timeoutMs = defaultTimeoutMs } = options
  const stdin = input === undefined ? 'ignore' : 'pipe'
  const child = await startChild({ command, args, env, cwd, stdin, stdout: 'pipe', stderr: 'pipe' })
  const timeout = AbortSignal.timeout(timeoutMs)
  const release = killOnAbort(child, options.signal === undefined ? [timeout] : [timeout, options.signal])
  // A command may end without reading its input (EPIPE): its exit code tells.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  const [code, stdout, stderr] = await Promise.all([child.exited, read(child.stdout), read(child.stderr)])
  if (release() === timeout) {
    const line = [command, ...args].join(' ')
    throw new Error(`${line} did not end within ${timeoutMs} ms; it printed:\n${stdout}${stderr}`)
  }
  return { code, stdout, stderr }
}

/** Kills the child at the first abort. The returned function ends that and tells which signal did it, if any. */
export function killOnAbort(child: Child, signals: readonly AbortSignal[]): () => AbortSignal | undefined {
  let killer: AbortSignal | undefined
  const kill = (): void => {
    killer ??= signals.find((signal) => signal.aborted)
    child.signal('SIGKILL')
  }
  for (const signal of signals) signal.addEventListener('abort', kill)
  if (signals.some((signal) => signal.aborted)) kill()
  return () => {
    for (const signal of signals) signal.removeEventListener('abort', kill)
    return killer
  }
}

function read(stream: NodeJS.ReadableStream | undefined): Promise<string> {
  return stream === undefined ? Promise.resolve('') : text(stream)
}
