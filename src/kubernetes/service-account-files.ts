import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, CredentialsError } from './credentials-error.ts'
import type { Timers } from './timers.ts'
import type { Connection } from './transport.ts'

/** What Kubernetes gives to every pod. */
export type PodCredentials = {
  /** `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`. */
  readonly host: string
  readonly port: string
  /** Mostly `/var/run/secrets/kubernetes.io/serviceaccount`; holds `token` and `ca.crt`. */
  readonly directory: string
}

/** As often as client-go reads the file again. The kubelet renews it when a fifth of its life is left. */
const rereadMs = 60_000

/**
 * The connection of a pod's own service account. The token is read again every minute, and at once when the API server
 * rejected the one we have; a file that cannot be read for a while leaves the last token in use. Throws
 * CredentialsError when the files are not there to begin with.
 */
export async function podConnection(pod: PodCredentials, timers: Timers): Promise<Connection> {
  const ca = await contentOf(join(pod.directory, 'ca.crt'))
  const token = tokenFile(join(pod.directory, 'token'), timers)
  await token()
  const host = pod.host.includes(':') ? `[${pod.host}]` : pod.host
  return { server: `https://${host}:${pod.port}`, ca, token }
}

function tokenFile(file: string, timers: Timers): Connection['token'] {
  let last: { readonly token: string; readonly since: number } | undefined
  let reading: Promise<string> | undefined

  async function read(): Promise<string> {
    try {
      last = { token: (await contentOf(file)).trim(), since: timers.elapsed() }
    } catch (error) {
      if (last === undefined) throw error
      last = { ...last, since: timers.elapsed() }
    } finally {
      reading = undefined
    }
    return last.token
  }

  return (rejected) => {
    const fresh = last !== undefined && timers.elapsed() - last.since < rereadMs && last.token !== rejected
    if (fresh) return Promise.resolve(last?.token)
    reading ??= read()
    return reading
  }
}

async function contentOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const reason = codeOf(error) === 'ENOENT' ? 'NotInCluster' : 'UnreadableFile'
    throw new CredentialsError(reason, `cannot read ${file} (${codeOf(error)})`)
  })
  if (text.trim() === '') throw new CredentialsError('UnreadableFile', `${file} is empty`)
  return text
}
