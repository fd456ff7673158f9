import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureBinaries } from '../../cluster/binaries.ts'
import { runCommand } from '../../cluster/command.ts'
import { fakeMachine } from '../cluster/fake-go.ts'
import { runs } from '../cluster/processes.ts'
import { scratchFolders, until } from '../cluster/scratch.ts'
import type { ChildProcess } from 'node:child_process'
import type { Environment } from '../../cluster/go-toolchain.ts'

// The first run on a machine builds the programs.
jest.setTimeout(20 * 60_000)

const scratch = scratchFolders()
const script = join(import.meta.dirname, '..', '..', 'cluster', 'main.ts')
const main = (args: readonly string[], env: Environment = process.env) =>
  runCommand({ command: process.execPath, args: [script, ...args], env })

const begun: ChildProcess[] = []
afterAll(() => {
  // Only what a failed test left running.
  for (const child of begun) child.kill('SIGKILL')
})

/** Starts the program and collects what it writes. */
function begin(env: Environment) {
  const child = spawn(process.execPath, [script], { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const closed = once(child, 'close').then(() => child.exitCode)
  begun.push(child)
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    return closed
  }
  return { out: () => out, err: () => err, closed, end }
}

describe('npm run cluster', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('runs until %s, and what it prints can be pasted', async (signal) => {
    await ensureBinaries({ env: process.env })
    const folder = await scratch()
    const program = begin({ ...process.env, TMPDIR: folder })
    await until('it is ready', () => program.out().includes('kubectl get namespaces'), 120_000)
    const lines = program.out().split('\n')
    const exports = lines.filter((line) => line.startsWith('export ')).join('\n')
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', `${exports}\nkubectl get namespaces -o name`])
    expect(stdout).toContain('namespace/default\n')
    expect(await program.end(signal)).toBe(0)
    expect(program.err()).toContain('nothing is left behind')
    expect(await readdir(folder)).toStrictEqual([])
  })

  test('ends with code 1 and the reason in one line when there is no go', async () => {
    const folder = await scratch()
    const { code, stderr } = await main([], { PATH: '/nowhere', HOME: folder, XDG_CACHE_HOME: folder })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^cluster: there is no go on the PATH: .*KUBEBUILDER_ASSETS.*\n$/)
  })

  test('ends with code 1 when it is stopped while it builds, and the build with it', async () => {
    const folder = await scratch()
    const { env } = await fakeMachine(folder, { build: 'echo $$ > "$HOME/pid"; exec sleep 600' })
    const program = begin(env)
    const pid = () => readFile(join(folder, 'pid'), 'utf8').catch(() => '')
    await until('go runs', async () => (await pid()).endsWith('\n'))
    expect(await program.end('SIGINT')).toBe(1)
    expect(program.err()).toMatch(/\ncluster: stopped by SIGINT\n$/)
    expect(runs(Number(await pid()))).toBe(false)
  })

  test('ends with code 1 when a server ends by itself', async () => {
    const folder = await scratch()
    const program = begin({ ...process.env, TMPDIR: folder })
    await until('it is ready', () => program.out().includes('kubectl get namespaces'), 120_000)
    const found = await promisify(execFile)('pgrep', ['-f', `^\\S*etcd --data-dir=${folder}`])
    process.kill(Number(found.stdout), 'SIGKILL')
    expect(await program.closed).toBe(1)
    expect(program.err()).toContain('cluster: etcd ended with code 137')
    expect(await readdir(folder)).toStrictEqual([])
  })

  test('--build only gets the programs', async () => {
    const { env } = await fakeMachine(await scratch())
    const { code, stdout } = await main(['--build', '--helm'], env)
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^built: ${env['XDG_CACHE_HOME']}\\S+/[0-9a-f]{16} \\S+/[0-9a-f]{16}\n$`))
  })

  test('--help tells the options', async () => {
    expect(await main(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--helm') })
  })

  test('refuses an option that it does not know, without a stack', async () => {
    const { code, stderr } = await main(['--nope'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^cluster: Unknown option '--nope'\S*.*\n$/)
  })
})
