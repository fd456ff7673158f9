import { readFile } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { configFileVariable } from '../config-env.ts'
import type { Environment, Overlay } from '../config-env.ts'
import { readConfig } from '../config-read.ts'
import type { ReadConfig } from '../config-read.ts'
import type { Config } from '../config.ts'
import type { CredentialSource } from '../kubernetes/credentials.ts'
import type { Clocks } from '../kubernetes/timers.ts'
import { serveHealth } from '../observe/health.ts'
import { makeLog } from '../observe/log.ts'
import { makeMetrics } from '../observe/metrics.ts'
import type { Usage } from '../observe/process-metrics.ts'
import { parseYaml } from '../text/yaml.ts'
import type { ProcessSettings } from './process.ts'

export type ServeOptions = {
  readonly config?: string | undefined
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly components?: readonly string[] | undefined
}

/** The configuration of a process: the command line goes over the environment, and that over the file. */
export async function loadConfig(options: ServeOptions, env: Environment): Promise<ReadConfig> {
  const config = await readConfiguration(options, env)
  return 'config' in config && hasNoWay(config.config, env) ? { problems: [noWay] } : config
}

/** The same for a command that may do without a cluster. */
export async function readConfiguration(options: ServeOptions, env: Environment): Promise<ReadConfig> {
  const file = options.config ?? env[configFileVariable]
  const read = file === undefined ? { value: undefined } : await readYamlFile(file)
  return 'problems' in read ? read : readConfig({ file: read.value, env, flags: flagsOf(options) })
}

const noWay = 'kubernetes.kubeconfig must be set (or --kubeconfig): this is no pod, so there are no credentials to find'

function hasNoWay({ kubernetes }: Config, env: Environment): boolean {
  return kubernetes.kubeconfig === undefined && env['KUBERNETES_SERVICE_HOST'] === undefined
}

async function readYamlFile(file: string): Promise<{ value: unknown } | { problems: readonly string[] }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => ({ code: String(Object(error).code) }))
  if (typeof text !== 'string') return { problems: [`cannot read ${file} (${text.code})`] }
  const parsed = parseYaml(text)
  return 'value' in parsed ? parsed : { problems: parsed.faults.map((fault) => `${file}: ${fault}`) }
}

function flagsOf({ kubeconfig, context, components }: ServeOptions): readonly Overlay[] {
  const flags = [
    { path: ['kubernetes', 'kubeconfig'], value: kubeconfig, from: '--kubeconfig' },
    { path: ['kubernetes', 'context'], value: context, from: '--context' },
    { path: ['components'], value: components, from: '--components' },
  ]
  return flags.filter(({ value }) => value !== undefined)
}

/** One message with every problem on a line of its own. */
export function problemsMessage(problems: readonly string[]): string {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  return [`countersign: the configuration has ${count}; nothing was started.`, ...problems.map((one) => `  ${one}`)]
    .map((line) => `${line}\n`)
    .join('')
}

export type Surface = {
  readonly config: Config
  readonly env: Environment
  readonly clocks: Clocks
  readonly random: () => number
  readonly instance: string
  readonly version: string
  readonly until: AbortSignal
  readonly tabFolder: string
  readonly stdout: Pick<Writable, 'write'>
  readonly stderr: Writable
  readonly usage: () => Usage
}

/** Log to standard error, evidence to standard output, metrics and health on their port. */
export function processSettings(surface: Surface): ProcessSettings {
  const { config, clocks, stdout } = surface
  const log = makeLog({ ...config.log, to: surface.stderr, now: clocks.now })
  const metrics = makeMetrics({ version: surface.version, usage: surface.usage })
  return {
    config,
    clocks,
    random: surface.random,
    instance: surface.instance,
    version: surface.version,
    until: surface.until,
    tabFolder: surface.tabFolder,
    credentials: credentialsOf(surface),
    log,
    measure: metrics.measure,
    evidence: (line) => {
      stdout.write(`${line}\n`)
    },
    serveHealth: async ({ checks, gauges }) => {
      const server = await serveHealth(config.health, {
        checks,
        metrics: () => metrics.read(gauges),
        failed: (error) => log.error('HealthFailed', error),
      })
      log.info('HealthListening', { port: server.port })
      return server
    },
  }
}

function credentialsOf({ config, env }: Surface): CredentialSource {
  const { kubeconfig: file, context } = config.kubernetes
  if (file !== undefined) return { kind: 'Kubeconfig', file, context }
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443'
  return { kind: 'Pod', pod: { host, port, directory: '/var/run/secrets/kubernetes.io/serviceaccount' } }
}
