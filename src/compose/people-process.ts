import { homedir } from 'node:os'
import { join } from 'node:path'
import { failureWords } from '../cli/failure-words.ts'
import type { Login, PeopleCommand } from '../cli/people-command.ts'
import { runPeopleCommand } from '../cli/people.ts'
import { exitCodes } from '../cli/records.ts'
import type { ExitCode, Terminal } from '../cli/records.ts'
import type { Environment } from '../config-env.ts'
import { connectionFrom } from '../kubernetes/credentials.ts'
import { makeObjects } from '../kubernetes/objects.ts'
import { makeTimers } from '../kubernetes/timers.ts'
import type { Clocks, Timers } from '../kubernetes/timers.ts'
import { makeTransport, transportLimits } from '../kubernetes/transport.ts'
import type { Transport } from '../kubernetes/transport.ts'
import { printYaml } from '../text/yaml.ts'
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
    transport = await transportOf(surface, timers, { file: found.file, context: login.context })
    const objects = makeObjects({ transport, fieldManager: 'kubectl-countersign' })
    const { terminal, random, until, clocks } = surface
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

type Kubeconfig = { readonly file: string; readonly context: string | undefined }

async function transportOf(
  { version, random }: PeopleSurface,
  timers: Timers,
  kubeconfig: Kubeconfig,
): Promise<Transport> {
  const connection = await connectionFrom({ kind: 'Kubeconfig', ...kubeconfig }, timers)
  // A person waits for the answer: few retries, and soon an end.
  const limits = { ...transportLimits, retries: { ...transportLimits.retries, limit: 2 } }
  return makeTransport(connection, { timers, random, userAgent: `kubectl-countersign/${version}`, limits })
}

/** As kubectl finds it, but for several files in KUBECONFIG, which only kubectl knows how to put together. */
function kubeconfigOf(login: Login, env: Environment): { readonly file: string } | { readonly problem: string } {
  if (login.kubeconfig !== undefined) return { file: login.kubeconfig }
  const files = (env['KUBECONFIG'] ?? '').split(':').filter((file) => file !== '')
  const [first = join(env['HOME'] ?? homedir(), '.kube', 'config'), ...more] = files
  if (more.length === 0) return { file: first }
  return {
    problem:
      'KUBECONFIG names several files; name one by --kubeconfig (kubectl config view --flatten --minify makes one).',
  }
}
