import process from 'node:process'
import packageJson from '../package.json' with { type: 'json' }
import { readPeopleArguments } from './cli/people-arguments.ts'
import { runPeople } from './compose/people-process.ts'
import { makeTerminal } from './compose/people-terminal.ts'

/** The one place where kubectl countersign reads arguments, environment, clocks and chance. */
async function main(): Promise<number> {
  const terminal = makeTerminal(process, process.env)
  const read = readPeopleArguments(process.argv.slice(2), terminal)
  if (read.kind === 'Told') return read.exitCode
  const world = {
    env: process.env,
    clocks: { now: () => Date.now(), elapsed: () => performance.now() },
    random: () => Math.random(),
    version: packageJson.version,
  }
  if (read.kind === 'Package') {
    const { writeTeamsPackage } = await import('./compose/teams-package.ts')
    return writeTeamsPackage({ ...world, streams: process }, read.command)
  }
  if (read.kind === 'Doctor') {
    const { runDoctor } = await import('./compose/doctor.ts')
    return runDoctor({ ...world, streams: process }, read.command)
  }
  const told = new AbortController()
  process.on('SIGINT', () => {
    if (read.command.do !== 'watch' || told.signal.aborted) process.exit(130)
    told.abort()
  })
  return runPeople({ ...world, terminal, until: told.signal }, read.command, read.login)
}

// Whoever reads may have had enough, as in `kubectl countersign get | head`.
process.stdout.on('error', () => process.exit(0))
process.exitCode = await main()
