import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { ClusterError } from './problem.ts'

export type ChildOptions = {
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd?: string | undefined
  /** A file descriptor, or `pipe` to read it from here. */
  readonly stdout: 'pipe' | number
  readonly stderr: 'pipe' | number
  readonly stdin?: 'ignore' | 'pipe'
}

/** A process that cannot outlive this one. */
export type Child = {
  readonly pid: number
  readonly stdin: Writable | undefined
  readonly stdout: Readable | undefined
  readonly stderr: Readable | undefined
  /** The exit code as a shell counts it: 128 + n after signal n. Never rejects. */
  readonly exited: Promise<number>
  /** Sends a signal to the process; nothing happens when it has ended. */
  readonly signal: (name: NodeJS.Signals) => void
  /** Kills the process and everything it started, and waits for its end. */
  readonly end: () => Promise<void>
}

/**
 * The shell starts a watcher in the same process group and then becomes the command itself, so pid, signals, standard
 * streams and exit code are the command's own. The watcher holds the reading end of a pipe whose other end only this
 * process has: when this process ends, in whatever way, SIGKILL included, the pipe closes and the watcher kills the
 * group. There is no moment without a watcher, hence no race.
 */
const script = `/bin/sh -c 'read -r _; kill -KILL 0' watcher <&3 3<&- >/dev/null 2>&1 & exec "$@" 3<&-`

/** Starts a child. A command that is not found ends with code 127, one that may not be executed with 126. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { command, args, env, cwd, stdout, stderr, stdin = 'ignore' } = options
  const stdio: StdioOptions = [stdin, stdout, stderr, 'pipe']
  // detached: a session and process group of its own, so a terminal's Ctrl-C reaches this process only.
  const child = spawn('/bin/sh', ['-c', script, 'sh', command, ...args], { env, stdio, cwd, detached: true })
  await once(child, 'spawn')
  const lifeline = child.stdio[3]
  const { pid } = child
  if (pid === undefined || lifeline == null) throw new Error(`${command} was started without a pid or lifeline`)
  // Reset by the dying watcher: of no interest.
  lifeline.on('error', () => undefined)
  child.on('error', () => undefined)
  const exited = ending(child).finally(() => lifeline.destroy())
  return {
    pid,
    stdin: child.stdin ?? undefined,
    stdout: child.stdout ?? undefined,
    stderr: child.stderr ?? undefined,
    exited,
    signal: (name) => void child.kill(name),
    end: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Refuses systems without process groups and Unix sockets. */
export function checkPlatform(platform: NodeJS.Platform): void {
  if (platform === 'linux' || platform === 'darwin') return
  throw new ClusterError('UnsupportedPlatform', `the local control plane runs on Linux and macOS, not on ${platform}`)
}

function ending(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
