import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { choosePort } from '../cluster/port.ts'
import { makeServerProcess } from '../cluster/server-process.ts'
import type { ServerProcess } from '../cluster/server-process.ts'
import type { ControlPlane } from '../cluster/control-plane.ts'

export type CountersignOptions = {
  /** Distinguishes several of them on one control plane. */
  readonly name?: string
  /** Default: webhook and operator in one process. */
  readonly components?: readonly ('webhook' | 'operator' | 'gateway')[]
  /** Any of the configuration, over what is chosen here. */
  readonly config?: Readonly<Record<string, object>>
  /** Where the API server reaches the webhook; default this process's own port. */
  readonly url?: string
  /** Of the webhook, and of health and metrics; chosen when absent. */
  readonly port?: number
  readonly healthPort?: number
  /** Default true. False: it is enough that it runs, since what it waits for comes from another process. */
  readonly awaitReady?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** A running `countersign serve`, out of cluster. */
export type Countersign = ServerProcess & {
  readonly healthPort: number
  readonly webhookPort: number
  /** Stops it for good. */
  readonly stop: () => Promise<void>
}

const readyTimeoutMs = 30_000

/**
 * Starts the program as anybody would: by its command line, with a configuration file and a kubeconfig that may mint the
 * tokens of its accounts. Resolves when it is ready. It ends with this process, whatever happens.
 */
export async function startCountersign(plane: ControlPlane, options: CountersignOptions = {}): Promise<Countersign> {
  const folder = path.join(plane.folder, options.name ?? 'countersign')
  await mkdir(folder)
  const webhookPort = options.port ?? (await choosePort())
  const healthPort = options.healthPort ?? (await choosePort())
  const file = path.join(folder, 'config.json')
  await writeFile(file, JSON.stringify(settings(plane, options, { webhookPort, healthPort }), undefined, 2))
  const probe = options.awaitReady === false ? 'livez' : 'readyz'
  const stopped = new AbortController()
  const server = makeServerProcess({
    command: process.execPath,
    args: [path.join(import.meta.dirname, '../src/main.ts'), 'serve', '--config', file],
    env: { PATH: process.env['PATH'], ...options.env },
    folder,
    isReady: async () => (await fetch(`http://127.0.0.1:${healthPort}/${probe}`)).ok,
    readyTimeoutMs,
    signal: stopped.signal,
  })
  await server.start()
  const stop = async (): Promise<void> => {
    await server.kill('SIGTERM')
    stopped.abort()
  }
  return { ...server, healthPort, webhookPort, stop }
}

function settings(
  plane: ControlPlane,
  { components = ['webhook', 'operator'], config = {}, url }: CountersignOptions,
  ports: Pick<Countersign, 'webhookPort' | 'healthPort'>,
): object {
  const host = '127.0.0.1'
  return {
    components,
    kubernetes: { kubeconfig: plane.adminKubeconfig },
    health: { host, port: ports.healthPort },
    ...config,
    webhook: {
      listen: { host, port: ports.webhookPort },
      url: url ?? `https://${host}:${ports.webhookPort}`,
      drainSeconds: 0,
      ...config['webhook'],
    },
  }
}
