import { tmpdir } from 'node:os'
import { auditLog } from './api-server.ts'
import { ensureBinaries, ensureHelm } from './binaries.ts'
import { checkPlatform } from './child.ts'
import { makeClients } from './clients.ts'
import { makeTemporaryFolder } from './folder.ts'
import { defaultSettings, startControllerManager, startServers } from './servers.ts'
import { admin, controllerManager, people, withToken } from './user.ts'
import type { Binaries, BinariesOptions } from './binaries.ts'
import type { Clients } from './clients.ts'
import type { ClusterError } from './problem.ts'
import type { ServerProcess } from './server-process.ts'
import type { ServerSettings, ServersPorts } from './servers.ts'
import type { User } from './user.ts'

export type ControlPlaneOptions = BinariesOptions &
  Partial<ServerSettings> & {
    /** Default: `ensureBinaries`, which builds them the first time and tells `report` of it. */
    readonly binaries?: Binaries
    /** Who can log in besides `admin`; default alice, bob, carol and dana of the group approvers. */
    readonly users?: readonly User[]
    /** Default true. Without, nothing acts on objects, and there are no default service accounts, hence no pods. */
    readonly controllerManager?: boolean
    /** Parent of the folder that holds everything; default the system's. */
    readonly temporaryFolder?: string
  }

/**
 * A running control plane: etcd, kube-apiserver, kube-controller-manager, and no node, so pods stay Pending. Everything
 * ends with `stop` and with this process, even if that is killed. Discovery and OpenAPI of a new custom resource follow
 * a moment after its Established condition, as in every cluster.
 */
export type ControlPlane = Clients & {
  readonly url: string
  /** PEM file of the authority that signed the API server's certificate, and the same in Base64 as in a kubeconfig. */
  readonly caFile: string
  readonly caData: string
  /** Removed by `stop`. Holds logs, kubeconfigs and data. */
  readonly folder: string
  /** File with one JSON event per line, written when a request was answered: wait for a line, it comes a moment later. */
  readonly auditLog: string
  readonly binaries: Binaries
  readonly etcd: ServerProcess
  /** Restarted on the same port with the same certificate. */
  readonly apiServer: ServerProcess
  /** Undefined when the options said so. */
  readonly controllerManager: ServerProcess | undefined
  /** Resolves when a server ends by itself. */
  readonly failed: Promise<ClusterError>
  /** Kills all servers and commands, removes the folder. May be called more than once. */
  readonly stop: () => Promise<void>
}

/**
 * Starts a control plane; resolves when it is ready. Rejects with a `ClusterError`, or with the reason of
 * `options.signal` when that is aborted on the way; nothing is left behind then. Once it runs, only `stop` ends it.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  checkPlatform(process.platform)
  const binaries = options.binaries ?? (await ensureBinaries(options))
  const folder = await makeTemporaryFolder(options.temporaryFolder ?? tmpdir())
  const stopping = new AbortController()
  const servers: ServerProcess[] = []
  const stop = async (): Promise<void> => {
    stopping.abort()
    // The data goes too, so nothing is gained by ending gently.
    await Promise.all(servers.map((server) => server.kill()))
    await folder.remove()
  }
  const release = follow(options.signal, stopping)
  const prober = withToken(admin)
  const users = [prober, ...[...(options.users ?? people), controllerManager].map(withToken)]
  const made = (server: ServerProcess): void => void servers.push(server)
  const settings = { ...defaultSettings, ...options }
  try {
    const ports = { settings, folder: folder.path, binaries, users, prober, stopping, made }
    return { ...(await assemble(options, ports)), stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    release()
  }
}

/** Aborts the controller when the signal is aborted, until the returned function is called. */
function follow(signal: AbortSignal | undefined, controller: AbortController): () => void {
  const abort = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted === true) abort()
  return () => signal?.removeEventListener('abort', abort)
}

async function assemble(options: ControlPlaneOptions, ports: ServersPorts): Promise<Omit<ControlPlane, 'stop'>> {
  const { folder, binaries, users, stopping } = ports
  const servers = await startServers(ports)
  const { etcd, apiServer, url, ca, caFile } = servers
  const clients = await makeClients({
    folder,
    binaries,
    users,
    server: url,
    ca,
    env: options.env,
    signal: stopping.signal,
    ensureHelm: () => ensureHelm(options),
  })
  const manager =
    options.controllerManager === false
      ? undefined
      : await startControllerManager(ports, servers, clients.user(controllerManager.name).kubeconfig)
  const all = manager === undefined ? [etcd, apiServer] : [etcd, apiServer, manager]
  return {
    ...clients,
    url,
    caFile,
    caData: Buffer.from(ca).toString('base64'),
    folder,
    auditLog: auditLog(folder),
    binaries,
    etcd,
    apiServer,
    controllerManager: manager,
    failed: Promise.race(all.map((server) => server.failed)),
  }
}
