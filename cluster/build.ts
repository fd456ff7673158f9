import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { startChild } from './child.ts'
import { killOnAbort } from './command.ts'
import { goEnvironment } from './go-toolchain.ts'
import { ClusterError } from './problem.ts'
import type { Environment } from './go-toolchain.ts'
import type { ClusterProblem } from './problem.ts'
import type { Report } from './progress.ts'
import type { Recipe } from './recipe.ts'

export type BuildOptions = {
  readonly env: Environment
  /** Existing folder that receives the programs. */
  readonly into: string
  /** Receives all that `go` says; named in the error. */
  readonly log: string
  readonly report: Report
  readonly signal?: AbortSignal | undefined
}

/** Fetches a recipe's modules, then compiles its programs. Throws `DownloadFailed`, `BuildFailed` or `NoSpace`. */
export async function build(recipe: Recipe, options: BuildOptions): Promise<void> {
  const { title, packages, flags, programs } = recipe
  const downloading = `downloading Go modules of ${title}`
  options.report({ step: downloading })
  let modules = 0
  const listed = await go(recipe, options, {
    // Loads exactly the packages that will be compiled, so the modules that nothing imports are never fetched.
    args: ['list', '-mod=readonly', '-deps', ...packages],
    failure: 'DownloadFailed',
    step: downloading,
    onLine: (line) => {
      if (line.startsWith('go: downloading ')) options.report({ step: downloading, done: (modules += 1) })
    },
  })
  const names = new Set(listed)
  const compiling = `compiling ${programs.join(', ')}`
  options.report({ step: compiling, done: 0, total: names.size })
  let compiled = 0
  const [only, second] = programs
  // One program is named by its file, since a package's last element need not be the program's name.
  const output = only !== undefined && second === undefined ? path.join(options.into, only) : `${options.into}/`
  await go(recipe, options, {
    args: ['build', '-v', ...flags, '-o', output, ...packages],
    failure: 'BuildFailed',
    step: compiling,
    onLine: (line) => {
      if (names.has(line)) options.report({ step: compiling, done: (compiled += 1), total: names.size })
    },
    chatter: names,
  })
}

type Run = {
  readonly args: readonly string[]
  readonly failure: ClusterProblem
  readonly step: string
  readonly onLine: (line: string) => void
  /** Lines that explain nothing when it fails. */
  readonly chatter?: ReadonlySet<string>
}

/** Runs `go` in the recipe's folder: its errors go to the log and to `onLine`, its output is returned line by line. */
async function go(recipe: Recipe, options: BuildOptions, run: Run): Promise<readonly string[]> {
  const { env, log, signal } = options
  const child = await startChild({
    command: 'go',
    args: run.args,
    env: goEnvironment(env),
    cwd: recipe.folder,
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const release = killOnAbort(child, signal === undefined ? [] : [signal])
  const file = createWriteStream(log, { flags: 'a' })
  // A full disk may make the log itself fail: the exit code of go tells.
  file.on('error', () => undefined)
  const [output, , code] = await Promise.all([
    lines(child.stdout, () => undefined),
    lines(child.stderr, (line) => {
      file.write(`${line}\n`)
      run.onLine(line)
    }),
    child.exited,
  ])
  release()
  await new Promise<void>((resolve) => file.close(() => resolve()))
  signal?.throwIfAborted()
  if (code !== 0) throw await failure(options, run)
  return output
}

async function lines(stream: Readable | undefined, onLine: (line: string) => void): Promise<readonly string[]> {
  const all: string[] = []
  for await (const line of createInterface({ input: stream ?? Readable.from([]) })) {
    onLine(line)
    all.push(line)
  }
  return all
}

async function failure({ log }: BuildOptions, { failure: reason, step, chatter }: Run): Promise<ClusterError> {
  const content = await readFile(log, 'utf8').catch(() => '')
  const said = content.split('\n').filter((line) => line.trim() !== '' && chatter?.has(line) !== true)
  const last = said.slice(-10).join('\n')
  if (content.includes('no space left on device')) {
    return new ClusterError('NoSpace', `the disk became full while ${step}; log: ${log}\n${last}`)
  }
  return new ClusterError(reason, `${step} failed; log: ${log}; its last lines:\n${last}`)
}
