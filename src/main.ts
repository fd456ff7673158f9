import { randomInt } from 'node:crypto'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import packageJson from '../package.json' with { type: 'json' }
import type { DoctorCommand } from './cli/doctor-arguments.ts'
import type { PackageCommand } from './cli/package-arguments.ts'
import { readServerArguments } from './cli/server-arguments.ts'
import { loadConfig, problemsMessage, processSettings } from './compose/serve.ts'
import type { ServeOptions } from './compose/serve.ts'
import type { Usage } from './observe/process-metrics.ts'

/** The one place where a server reads arguments, environment, clocks and chance, and is told to end. */
async function main(): Promise<number> {
  const printer = {
    out: (text: string): void => void process.stdout.write(text),
    err: (text: string): void => void process.stderr.write(text),
  }
  const command = readServerArguments(process.argv.slice(2), printer)
  switch (command.command) {
    case 'Told':
      return command.exitCode
    case 'version':
      printer.out(`countersign ${packageJson.version}\n`)
      return 0
    case 'serve':
      return serve(command)
    case 'teams package':
      return teamsPackage(command.of)
    case 'doctor':
      return doctor(command.of)
  }
}

async function teamsPackage(command: PackageCommand): Promise<number> {
  const { writeTeamsPackage } = await import('./compose/teams-package.ts')
  return writeTeamsPackage(caller(), command)
}

async function doctor(command: DoctorCommand): Promise<number> {
  const { runDoctor } = await import('./compose/doctor.ts')
  return runDoctor(caller(), command)
}

/** What a command works with that a person, not a cluster, has started. */
function caller() {
  return {
    env: process.env,
    clocks: { now: () => Date.now(), elapsed: () => performance.now() },
    random: () => Math.random(),
    version: packageJson.version,
    streams: process,
  }
}

async function serve(options: ServeOptions): Promise<number> {
  const read = await loadConfig(options, process.env)
  if ('problems' in read) {
    process.stderr.write(problemsMessage(read.problems))
    return 2
  }
  const settings = processSettings({
    config: read.config,
    env: process.env,
    clocks: { now: () => Date.now(), elapsed: () => performance.now() },
    random: () => Math.random(),
    instance: newInstance(),
    version: packageJson.version,
    until: untilTold(),
    tabFolder: fileURLToPath(new URL('../dist/tab', import.meta.url)),
    stdout: process.stdout,
    stderr: process.stderr,
    usage,
  })
  settings.until.addEventListener('abort', () => settings.log.info('StopRequested'))
  try {
    // Only now: what says no to a configuration has no need of the rest, and is quick without it.
    const { runProcess } = await import('./compose/process.ts')
    await runProcess(settings)
    return 0
  } catch (error) {
    settings.log.error('CannotRun', error)
    return 1
  }
}

/** The first signal asks to end gently, a second one ends at once with the code that a shell expects. */
function untilTold(): AbortSignal {
  const told = new AbortController()
  for (const [signal, exitCode] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    process.on(signal, () => {
      if (told.signal.aborted) process.exit(exitCode)
      told.abort()
    })
  }
  return told.signal
}

/** Twelve characters out of 32: two processes that share a name are not to be expected in this universe. */
function newInstance(): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  return `i${Array.from({ length: 12 }, () => alphabet[randomInt(32)]).join('')}`
}

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const startedSeconds = performance.timeOrigin / 1000
  return { cpuSeconds: (user + system) / 1e6, residentBytes: rss, heapBytes: heapUsed, startedSeconds }
}

process.exitCode = await main()
// Whatever is left open by mistake must not keep a pod from ending.
setTimeout(() => process.exit(), 10_000).unref()
