import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startChild } from './child.ts'
import { ClusterError } from './problem.ts'
import type { Child } from './child.ts'

/** One of the control plane's servers: ends with the control plane, and may be killed and started by tests before. */
export type ServerProcess = {
  readonly name: string
  /** File with all that the process wrote, over all its starts. */
  readonly log: string
  /** Undefined while it does not run. */
  readonly pid: () => number | undefined
  /**
   * Sends a signal (default SIGKILL) and waits for the end. Does nothing when it does not run. SIGTERM is gentle, hence
   * slow while the others run: kube-apiserver waits for open watches up to its request timeout, etcd some seconds.
   */
  readonly kill: (signal?: 'SIGKILL' | 'SIGTERM') => Promise<void>
  /**
   * Starts it with the same flags, port and files, and waits until it is ready. It must not be running. Rejects when it
   * ends before that or takes too long; it does not run then. The other servers find it again by themselves: a second or
   * three for the API server after etcd, up to half a minute for controllers after a longer outage of the API server.
   */
  readonly start: () => Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  readonly pause: () => void
  /** SIGCONT. */
  readonly resume: () => void
  /** Resolves when the process ends without having been told to, with the last lines of its log. */
  readonly failed: Promise<ClusterError>
}

export type ServerProcessOptions = {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the log goes and where the process runs. */
  readonly folder: string
  /** Whether it serves. Asked again and again, one question at a time; may reject while it does not. */
  readonly isReady: () => Promise<boolean>
  readonly readyTimeoutMs: number
  /** Aborted when the control plane stops. */
  readonly signal: AbortSignal
}

const pollMs = 50
const tailLines = 12

/** Makes a server that is not started yet. */
export function makeServerProcess(options: ServerProcessOptions): ServerProcess {
  const name = path.basename(options.command)
  const log = path.join(options.folder, `${name}.log`)
  const { promise: failed, resolve: fail } = Promise.withResolvers<ClusterError>()
  let running: Child | undefined

  const kill = async (signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> => {
    const child = running
    running = undefined
    child?.signal(signal)
    // A paused process would keep SIGTERM for later.
    child?.signal('SIGCONT')
    await child?.exited
  }
  const start = async (): Promise<void> => {
    if (running !== undefined) throw new Error(`${name} is running`)
    const run = await launch(options, log)
    const { child } = run
    running = child
    let ready = false
    void child.exited.then(async (code) => {
      if (running !== child) return
      running = undefined
      if (ready) fail(await ended(run, code))
    })
    await untilReady(run, options).catch(async (error: unknown) => {
      await child.end()
      throw error
    })
    ready = true
  }
  return {
    name,
    log,
    pid: () => running?.pid,
    kill,
    start,
    pause: () => running?.signal('SIGSTOP'),
    resume: () => running?.signal('SIGCONT'),
    failed,
  }
}

/** One run of a server, with the place in the log where it begins. */
type Run = { readonly name: string; readonly child: Child; readonly log: string; readonly from: number }

async function launch({ command, args, env, folder }: ServerProcessOptions, log: string): Promise<Run> {
  const file = await open(log, 'a')
  try {
    const { size: from } = await file.stat()
    const child = await startChild({ command, args, env, cwd: folder, stdout: file.fd, stderr: file.fd })
    return { name: path.basename(command), child, log, from }
  } finally {
    await file.close()
  }
}

async function untilReady(run: Run, { isReady, readyTimeoutMs, signal }: ServerProcessOptions): Promise<void> {
  let exitCode: number | undefined
  const ending = run.child.exited.then((code) => {
    exitCode = code
    return false
  })
  const timeout = AbortSignal.timeout(readyTimeoutMs)
  // The end must not have to wait for an answer that will not come.
  while (!(await Promise.race([isReady().catch(() => false), ending]))) {
    signal.throwIfAborted()
    if (exitCode !== undefined) throw await ended(run, exitCode)
    if (timeout.aborted) {
      const last = await tail(run)
      throw new ClusterError(
        'NotReady',
        `${run.name} was not ready within ${readyTimeoutMs} ms; its log ends:\n${last}`,
      )
    }
    await wait(pollMs)
  }
}

async function ended(run: Run, code: number): Promise<ClusterError> {
  const last = await tail(run)
  const reason = last.includes('bind: address already in use') ? 'PortTaken' : 'ProcessEnded'
  return new ClusterError(reason, `${run.name} ended with code ${code}; its log ends:\n${last}`)
}

/** The run's last lines, and its first, where some programs tell the reason before they explain all their flags. */
async function tail({ log, from }: Run): Promise<string> {
  const content = await readFile(log).catch(() => Buffer.alloc(0))
  const lines = content.subarray(from).toString('utf8').trimEnd().split('\n')
  if (lines.length <= tailLines) return lines.join('\n')
  return [lines[0], '…', ...lines.slice(-tailLines)].join('\n')
}
