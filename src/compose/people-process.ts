import { failureWords } from '../cli/failure-words.ts'
import type { Login, PeopleCommand } from '../cli/people-command.ts'
import { runPeopleCommand } from '../cli/people.ts'
import { exitCodes } from '../cli/records.ts'
import type { ExitCode, Terminal } from '../cli/records.ts'
import type { Environment } from '../config-env.ts'
import { makeObjects } from '../kubernetes/objects.ts'
import { makeTimers } from '../kubernetes/timers.ts'
import type { Clocks } from '../kubernetes/timers.ts'
import type { Transport } from '../kubernetes/transport.ts'
import { printYaml } from '../text/yaml.ts'
import { kubeconfigOf, peopleTransport } from './people-cluster.ts'
import { makePeopleRecords } from './people-records.ts'

export type PeopleSurface = {
  readonly env: Environment
  readonly terminal: Terminal
  readonly clocks: Clocks
  readonly random: () => number
  readonly version: string
  readonly until: AbortSignal
}

/** One command of a person, from the kubeconfig to the exit code. */
export async function runPeople(surface: PeopleSurface, command: PeopleCommand, login: Login): Promise<ExitCode> {
  const timers = makeTimers(surface.clocks)
  const found = kubeconfigOf(login, surface.env)
  if ('problem' in found) {
    surface.terminal.err(`${found.problem}\n`)
    return exitCodes.Usage
  }
  let transport: Transport | undefined
  try {
    const { version, terminal, random, until, clocks } = surface
    transport = await peopleTransport({ version, random, timers }, found)
    const objects = makeObjects({ transport, fieldManager: 'kubectl-countersign' })
    const ports = {
      records: makePeopleRecords({ transport, objects }),
      terminal,
      yaml: (value: object) => printYaml(JSON.parse(JSON.stringify(value))),
      now: clocks.now,
      sleep: (ms: number) => timers.sleep(ms, until),
      random,
      until,
    }
    return await runPeopleCommand(ports, command)
  } catch (error) {
    surface.terminal.err(`${failureWords(error)}\n`)
    return exitCodes.Failed
  } finally {
    await transport?.close()
  }
}
