import type { DoctorPorts } from '../app/doctor-ports.ts'
import { examine } from '../app/doctor.ts'
import type { DoctorAsked } from '../app/doctor.ts'
import type { DoctorCommand } from '../cli/doctor-arguments.ts'
import { findingLines } from '../cli/doctor-lines.ts'
import { failureWords } from '../cli/failure-words.ts'
import { exitCodes } from '../cli/records.ts'
import type { ExitCode } from '../cli/records.ts'
import { secureURL } from '../clouds.ts'
import { configFileVariable } from '../config-env.ts'
import type { Environment } from '../config-env.ts'
import { safe } from '../domain/safe-text.ts'
import { makeLookAtHost } from '../http/look-at-host.ts'
import { makeHttp } from '../http/send.ts'
import { makeTimers } from '../kubernetes/timers.ts'
import type { Clocks } from '../kubernetes/timers.ts'
import type { Transport } from '../kubernetes/transport.ts'
import { makeDoctorCluster } from './doctor-cluster.ts'
import { kubeconfigOf, peopleTransport } from './people-cluster.ts'
import type { Kubeconfig } from './people-cluster.ts'
import { readConfiguration } from './serve.ts'

type Stream = { readonly write: (text: string) => unknown }

export type DoctorSurface = {
  readonly env: Environment
  readonly clocks: Clocks
  readonly random: () => number
  readonly version: string
  readonly streams: { readonly stdout: Stream; readonly stderr: Stream }
}

/** Looks at a channel of Teams as the person of the kubeconfig, and prints each finding as soon as it is known. */
export async function runDoctor(surface: DoctorSurface, command: DoctorCommand): Promise<ExitCode> {
  const { stderr } = surface.streams
  const [kubeconfig, settings] = [kubeconfigOf(command, surface.env), await settingsOf(surface, command)]
  if ('problem' in kubeconfig || 'problems' in settings) {
    const wrongLogin = 'problem' in kubeconfig ? [kubeconfig.problem] : []
    const problems = [...wrongLogin, ...('problems' in settings ? settings.problems : [])]
    stderr.write(problems.map((one) => `countersign: ${one}\n`).join(''))
    return exitCodes.Usage
  }
  try {
    const { channel, waitSeconds } = command
    return await examined(surface, kubeconfig, { channel, waitMs: waitSeconds * 1000, ...settings })
  } catch (error) {
    stderr.write(`${failureWords(error)}\n`)
    return exitCodes.Failed
  }
}

async function examined(surface: DoctorSurface, kubeconfig: Kubeconfig, asked: DoctorAsked): Promise<ExitCode> {
  const { clocks, random, version, streams } = surface
  const timers = makeTimers(clocks)
  const transport: Transport = await peopleTransport({ version, random, timers }, kubeconfig)
  const cluster = makeDoctorCluster({ transport, timers, random })
  const ports: DoctorPorts = { ...cluster, http: makeHttp(), lookAtHost: makeLookAtHost(), timers }
  let code: ExitCode = exitCodes.Done
  try {
    for await (const finding of examine(ports, asked)) {
      streams.stdout.write(findingLines(finding))
      if (finding.sign === 'Fails') code = exitCodes.Failed
    }
    return code
  } finally {
    await cluster.stop()
    await transport.close()
  }
}

type Settings = Pick<DoctorAsked, 'url' | 'gatewayConfigured'>

/** A flag goes over the configuration. */
async function settingsOf(
  { env }: DoctorSurface,
  { url, config }: DoctorCommand,
): Promise<Settings | { readonly problems: readonly string[] }> {
  const read = await readConfiguration({ config }, env)
  if ('problems' in read) return read
  const { components, gateway } = read.config
  const hasFile = (config ?? env[configFileVariable]) !== undefined
  const gatewayConfigured = hasFile ? components.includes('gateway') : undefined
  if (url === undefined) return { url: gateway.url, gatewayConfigured }
  const origin = originOf(url)
  if (origin !== undefined) return { url: origin, gatewayConfigured }
  return { problems: [`the URL must be https://, a host and nothing else, not ${JSON.stringify(safe(url))}`] }
}

function originOf(text: string): string | undefined {
  const url = secureURL(text)
  return url?.protocol === 'https:' && url.pathname === '/' ? url.origin : undefined
}
