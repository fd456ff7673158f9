import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from './command.ts'
import { kubeconfig } from './kubeconfig.ts'
import { admin } from './user.ts'
import type { Binaries } from './binaries.ts'
import type { CommandOptions, CommandResult } from './command.ts'
import type { Environment } from './go-toolchain.ts'
import type { UserWithToken } from './user.ts'

type ClientOptions = Omit<CommandOptions, 'command' | 'args' | 'env'> & {
  /** Path; default the admin's. */
  readonly kubeconfig?: string
  /** Added to the clean environment that the command gets. */
  readonly env?: Environment
}

/** A user with the path of the kubeconfig that logs in as this user. */
type Login = UserWithToken & { readonly kubeconfig: string }

/** How people and programs talk to a control plane from outside. */
export type Clients = {
  readonly adminKubeconfig: string
  /** A user of the options, or admin; throws for any other name. */
  readonly user: (name: string) => Login
  /** Writes a kubeconfig for any token, such as a service account's, and returns its path. */
  readonly kubeconfig: (user: {
    readonly name: string
    readonly token: string
    readonly namespace?: string
  }) => Promise<string>
  /** Runs kubectl to its end, by default for 60 s at most. Nothing of the machine's own configuration is seen by it. */
  readonly kubectl: (args: readonly string[], options?: ClientOptions) => Promise<CommandResult>
  /** The same for helm. The first call may build helm, which takes minutes. */
  readonly helm: (args: readonly string[], options?: ClientOptions) => Promise<CommandResult>
}

export type ClientsPorts = {
  readonly folder: string
  readonly binaries: Binaries
  readonly env: Environment
  readonly server: string
  /** PEM. */
  readonly ca: string
  readonly users: readonly UserWithToken[]
  /** Aborted when the control plane stops: running commands are killed. */
  readonly signal: AbortSignal
  readonly ensureHelm: () => Promise<string>
}

/** Writes a kubeconfig for every user and makes the commands. */
export async function makeClients(ports: ClientsPorts): Promise<Clients> {
  const { folder, binaries, server, ca, users } = ports
  const configs = path.join(folder, 'kubeconfigs')
  await Promise.all([configs, homeOf(folder)].map((place) => mkdir(place)))
  const logins = new Map<string, Login>()
  for (const user of users) {
    const file = path.join(configs, encodeURIComponent(user.name))
    await writeFile(file, kubeconfig({ server, ca, user }), { mode: 0o600 })
    logins.set(user.name, { ...user, kubeconfig: file })
  }
  const find = (name: string): Login => {
    const login = logins.get(name)
    if (login === undefined) throw new Error(`no user ${name}; there are ${[...logins.keys()].join(', ')}`)
    return login
  }
  const adminKubeconfig = find(admin.name).kubeconfig
  const run = (command: string, args: readonly string[], options: ClientOptions = {}): Promise<CommandResult> =>
    runCommand({
      ...options,
      command,
      args,
      env: { ...cleanEnvironment(ports), KUBECONFIG: options.kubeconfig ?? adminKubeconfig, ...options.env },
      signal: options.signal === undefined ? ports.signal : AbortSignal.any([options.signal, ports.signal]),
    })
  return {
    adminKubeconfig,
    user: find,
    kubeconfig: async ({ namespace, ...user }) => {
      const file = path.join(configs, `${encodeURIComponent(user.name)}-${randomUUID()}`)
      await writeFile(file, kubeconfig({ server, ca, user, namespace }), { mode: 0o600 })
      return file
    },
    kubectl: (args, options) => run(binaries.kubectl, args, options),
    helm: async (args, options) => run(await ports.ensureHelm(), args, options),
  }
}

/** HOME, caches and configuration inside the folder; PATH for plugins, kubectl first. */
function cleanEnvironment({ folder, binaries, env }: ClientsPorts): Environment {
  const home = homeOf(folder)
  return {
    PATH: [binaries.folder, env['PATH'] ?? '/usr/bin:/bin'].join(path.delimiter),
    HOME: home,
    KUBECACHEDIR: path.join(home, 'kube-cache'),
    HELM_CACHE_HOME: path.join(home, 'helm-cache'),
    HELM_CONFIG_HOME: path.join(home, 'helm-config'),
    HELM_DATA_HOME: path.join(home, 'helm-data'),
    TMPDIR: env['TMPDIR'],
    LANG: 'C.UTF-8',
  }
}

function homeOf(folder: string): string {
  return path.join(folder, 'home')
}
