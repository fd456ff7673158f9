import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makeApiServer, readAuthority, statusOf, writeApiServerFiles } from './api-server.ts'
import { makeControllerManager } from './controller-manager.ts'
import { makeEtcd } from './etcd.ts'
import { choosePort } from './port.ts'
import { ClusterError } from './problem.ts'
import type { AuditLevel } from './api-server.ts'
import type { Binaries } from './binaries.ts'
import type { ChoosePort } from './port.ts'
import type { ServerProcess } from './server-process.ts'
import type { UserWithToken } from './user.ts'

/** Further flags for each server, which win over ours. */
type ServerFlags = {
  readonly etcd?: readonly string[]
  readonly apiServer?: readonly string[]
  readonly controllerManager?: readonly string[]
}

export type ServerSettings = {
  /** How much the audit log says: who did what, or the bodies too. */
  readonly auditLevel: AuditLevel
  /** The API server's limit for a request that is no watch. */
  readonly requestTimeoutSeconds: number
  /** Without, a crash of the machine loses data, a crash of a process does not. */
  readonly fsync: boolean
  readonly flags: ServerFlags
  readonly choosePort: ChoosePort
  /** Per server. */
  readonly readyTimeoutMs: number
}

export const defaultSettings: ServerSettings = {
  auditLevel: 'Metadata',
  requestTimeoutSeconds: 60,
  fsync: false,
  flags: {},
  choosePort,
  readyTimeoutMs: 60_000,
}

export type ServersPorts = {
  readonly settings: ServerSettings
  readonly folder: string
  readonly binaries: Binaries
  /** Who can log in. */
  readonly users: readonly UserWithToken[]
  /** The one of them who asks the servers whether they are ready. */
  readonly prober: UserWithToken
  /** Aborted to stop; the servers abort it themselves when one of them cannot start. */
  readonly stopping: AbortController
  /** Receives every server before it starts, for whoever stops them. */
  readonly made: (server: ServerProcess) => void
}

export type Servers = {
  readonly etcd: ServerProcess
  readonly apiServer: ServerProcess
  readonly url: string
  /** PEM of the authority that signed the API server's certificate, and a file with it. */
  readonly ca: string
  readonly caFile: string
}

/** Between choosing a port and listening on it, someone else may take it. */
const portTries = 5

/** Starts etcd and kube-apiserver side by side. When one fails, both have ended before the error is thrown. */
export async function startServers(ports: ServersPorts): Promise<Servers> {
  const { folder, users, settings, stopping } = ports
  await writeApiServerFiles(folder, users, settings.auditLevel)
  const etcd = makeEtcd({
    ...common(ports),
    command: ports.binaries.etcd,
    fsync: settings.fsync,
    flags: settings.flags.etcd ?? [],
  })
  ports.made(etcd)
  const abort = (error: unknown): never => {
    stopping.abort(error)
    throw error
  }
  const starts = [etcd.start().catch(abort), startApiServer(ports).catch(abort)] as const
  await Promise.allSettled(starts)
  const [, { apiServer, url }] = await Promise.all(starts)
  const ca = await readAuthority(folder)
  const caFile = path.join(folder, 'ca.crt')
  await writeFile(caFile, ca)
  return { etcd, apiServer, url, ca, caFile }
}

/** Starts kube-controller-manager and waits until it has made the default service account, which pods need. */
export async function startControllerManager(
  ports: ServersPorts,
  { url, caFile }: Servers,
  kubeconfig: string,
): Promise<ServerProcess> {
  const { folder, prober, binaries, settings } = ports
  const account = `${url}/api/v1/namespaces/default/serviceaccounts/default`
  const manager = makeControllerManager({
    ...common(ports),
    command: binaries.kubeControllerManager,
    kubeconfig,
    caFile,
    isReady: async () => (await statusOf(account, folder, prober)) === 200,
    flags: settings.flags.controllerManager ?? [],
  })
  ports.made(manager)
  await manager.start()
  return manager
}

type ReachableServer = { readonly apiServer: ServerProcess; readonly url: string }

/** Where a free port was lost to someone else, another one is chosen. */
async function startApiServer(ports: ServersPorts, tries = portTries): Promise<ReachableServer> {
  const { settings, binaries, prober } = ports
  const port = await settings.choosePort()
  const apiServer = makeApiServer({
    ...common(ports),
    command: binaries.kubeApiserver,
    port,
    requestTimeoutSeconds: settings.requestTimeoutSeconds,
    prober,
    flags: settings.flags.apiServer ?? [],
  })
  ports.made(apiServer)
  try {
    await apiServer.start()
    return { apiServer, url: `https://127.0.0.1:${port}` }
  } catch (error) {
    if (tries === 1 || !(error instanceof ClusterError) || error.reason !== 'PortTaken') throw error
    return startApiServer(ports, tries - 1)
  }
}

function common({ folder, settings, stopping }: ServersPorts) {
  return {
    folder,
    env: { PATH: '/usr/bin:/bin', HOME: folder },
    readyTimeoutMs: settings.readyTimeoutMs,
    signal: stopping.signal,
  }
}
