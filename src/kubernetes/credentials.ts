import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { codeOf, CredentialsError } from './credentials-error.ts'
import { podConnection } from './service-account-files.ts'
import type { PodCredentials } from './service-account-files.ts'
import type { Timers } from './timers.ts'
import type { Connection } from './transport.ts'

/** Where the credentials of this process come from. */
export type CredentialSource =
  | { readonly kind: 'Pod'; readonly pod: PodCredentials }
  /** `context`: else the file's current one. */
  | { readonly kind: 'Kubeconfig'; readonly file: string; readonly context?: string | undefined }

/** The way to the API server. Rejects with CredentialsError, whose message says what to repair. */
export function connectionFrom(source: CredentialSource, timers: Timers): Promise<Connection> {
  return source.kind === 'Pod' ? podConnection(source.pod, timers) : kubeconfigConnection(source)
}

type Kubeconfig = Extract<CredentialSource, { readonly kind: 'Kubeconfig' }>

/**
 * Token, client certificate, token file or exec plugin, as client-node reads them. What the transport would silently
 * leave out (impersonation: fewer rights were meant; no verification of the server; a proxy; a password) is refused.
 */
async function kubeconfigConnection(source: Kubeconfig): Promise<Connection> {
  let config = await load(source)
  let secrets = await secretsOf(config, source)
  const cluster = config.getCurrentCluster()

  /** A rejected token may have been replaced in the file, and an exec plugin remembers the one that it gave. */
  async function token(rejected?: string): Promise<string | undefined> {
    const stale = rejected !== undefined && rejected === secrets.token
    if (stale) config = await load(source)
    if (stale || changesByItself(config)) secrets = await secretsOf(config, source)
    return secrets.token
  }

  return {
    server: cluster?.server ?? '',
    ca: secrets.ca,
    clientCertificate: secrets.clientCertificate,
    serverName: cluster?.tlsServerName,
    token,
  }
}

async function load(source: Kubeconfig): Promise<KubeConfig> {
  const { file } = source
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const missing = codeOf(error) === 'ENOENT'
    throw new CredentialsError(
      missing ? 'NoKubeconfig' : 'UnreadableFile',
      missing ? `there is no kubeconfig ${file}` : `cannot read the kubeconfig ${file} (${codeOf(error)})`,
    )
  })
  // Costs 90 MB and most of a second, which a pod never has to pay.
  const { KubeConfig: Loader } = await import('@kubernetes/client-node')
  const config = new Loader()
  try {
    config.loadFromString(text)
  } catch {
    // The parser's error quotes the file, and with it perhaps a token.
    throw new CredentialsError('InvalidKubeconfig', `${file} is not a kubeconfig`)
  }
  config.makePathsAbsolute(dirname(file))
  if (source.context !== undefined) config.setCurrentContext(source.context)
  checkContext(config, file)
  return config
}

function checkContext(config: KubeConfig, file: string): void {
  const name = config.getCurrentContext()
  const context = config.getContextObject(name)
  const known = config.getContexts().map((one) => one.name)
  const choice = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  if (!name) throw new CredentialsError('UnknownContext', `${file} has no current context; name one (${choice})`)
  if (!context) throw new CredentialsError('UnknownContext', `${file} has no context ${name}; ${choice}`)
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()]
  if (!cluster || !user) {
    const missing = cluster ? `user ${context.user}` : `cluster ${context.cluster}`
    throw new CredentialsError('UnknownContext', `${file}: context ${name} names the ${missing}, which is not there`)
  }
  const unsupported = unsupportedBy(cluster, user)
  if (unsupported !== undefined) {
    throw new CredentialsError('Unsupported', `${file}: context ${name} asks for ${unsupported}`)
  }
}

type Cluster = NonNullable<ReturnType<KubeConfig['getCurrentCluster']>>
type User = NonNullable<ReturnType<KubeConfig['getCurrentUser']>>

function unsupportedBy(cluster: Cluster, user: User): string | undefined {
  const rules: readonly (readonly [unknown, string])[] = [
    [cluster.skipTLSVerify, 'insecure-skip-tls-verify; give certificate-authority instead'],
    [!cluster.server.startsWith('https://'), 'a server without https'],
    [cluster.proxyUrl, 'proxy-url'],
    [user.impersonateUser, 'impersonation (as)'],
    [user.username, 'a username and password'],
    [!credentialOf(user), 'a user without token, client certificate or exec plugin (tokenFile is not read)'],
  ]
  return rules.find(([applies]) => Boolean(applies))?.[1]
}

function credentialOf(user: User): unknown {
  return user.token ?? user.exec ?? user.authProvider ?? user.certData ?? user.certFile
}

function changesByItself(config: KubeConfig): boolean {
  const user = config.getCurrentUser()
  return Boolean(user?.exec ?? user?.authProvider)
}

type Secrets = {
  readonly ca: string | undefined
  readonly token: string | undefined
  readonly clientCertificate: Connection['clientCertificate']
}

async function secretsOf(config: KubeConfig, { file }: Kubeconfig): Promise<Secrets> {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options).catch((error: unknown) => {
    throw explained(error, config, file)
  })
  const token = textOf(Reflect.get(options.headers ?? {}, 'Authorization'))?.replace(/^Bearer /, '')
  const [certificate, key] = [textOf(options.cert), textOf(options.key)]
  const clientCertificate = certificate === undefined || key === undefined ? undefined : { certificate, key }
  if (token === undefined && clientCertificate === undefined) throw explained(undefined, config, file)
  return { ca: textOf(options.ca), token, clientCertificate }
}

/** What went wrong without what was printed or read. */
function explained(error: unknown, config: KubeConfig, file: string): CredentialsError {
  const exec: unknown = config.getCurrentUser()?.exec
  const command = String(Reflect.get(Object(exec), 'command'))
  const call = String(Reflect.get(Object(error), 'syscall'))
  const place: unknown = Reflect.get(Object(error), 'path')
  if (call.startsWith('spawn')) {
    return new CredentialsError('ExecPluginMissing', `${file} needs ${command}: cannot run it (${codeOf(error)})`)
  }
  if (typeof place === 'string') {
    return new CredentialsError('UnreadableFile', `${file} names ${place}: cannot read it (${codeOf(error)})`)
  }
  if (exec)
    return new CredentialsError('ExecPluginFailed', `${file}: ${command} gave no credential; run it by hand to see why`)
  return new CredentialsError('InvalidKubeconfig', `${file}: the user of the current context has no usable credential`)
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' || Buffer.isBuffer(value) ? value.toString().trim() : ''
  return text === '' ? undefined : text
}
