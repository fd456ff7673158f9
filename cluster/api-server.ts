import { X509Certificate, generateKeyPairSync } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import path from 'node:path'
import { etcdSocket } from './folder.ts'
import { makeServerProcess } from './server-process.ts'
import { tokenFile } from './user.ts'
import type { ServerProcess, ServerProcessOptions } from './server-process.ts'
import type { UserWithToken } from './user.ts'

/** How much the audit log says of a request: who and what, or its bodies too. */
export type AuditLevel = 'Metadata' | 'RequestResponse'

export type ApiServerOptions = Omit<ServerProcessOptions, 'args' | 'isReady'> & {
  readonly port: number
  readonly requestTimeoutSeconds: number
  /** Who asks whether it is ready. */
  readonly prober: UserWithToken
  readonly flags: readonly string[]
}

/** Writes what kube-apiserver reads from the folder: key, tokens, audit policy. */
export async function writeApiServerFiles(
  folder: string,
  users: readonly UserWithToken[],
  auditLevel: AuditLevel,
): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  // Each request once, when it was answered (a watch also when it began).
  const rules = [{ level: auditLevel, omitStages: ['RequestReceived'] }]
  const policy = JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules })
  await Promise.all([
    writeFile(serviceAccountKey(folder), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 }),
    writeFile(path.join(folder, 'tokens.csv'), tokenFile(users), { mode: 0o600 }),
    writeFile(path.join(folder, 'audit-policy.json'), policy),
  ])
}

/** The key that signs service accounts' tokens; the controller manager needs it as well. */
export function serviceAccountKey(folder: string): string {
  return path.join(folder, 'service-account.key')
}

/** One JSON event per line: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
export function auditLog(folder: string): string {
  return path.join(folder, 'audit.log')
}

/** kube-apiserver on a port of the loopback interface. Its files must have been written before. */
export function makeApiServer({
  port,
  requestTimeoutSeconds,
  prober,
  flags,
  ...rest
}: ApiServerOptions): ServerProcess {
  const { folder } = rest
  const args = [
    `--etcd-servers=unix://${etcdSocket(folder)}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${path.join(folder, 'certificates')}`,
    `--token-auth-file=${path.join(folder, 'tokens.csv')}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--endpoint-reconciler-type=none',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${serviceAccountKey(folder)}`,
    `--service-account-signing-key-file=${serviceAccountKey(folder)}`,
    `--audit-policy-file=${path.join(folder, 'audit-policy.json')}`,
    `--audit-log-path=${auditLog(folder)}`,
    // Megabytes before a new file is begun: one file for the longest run.
    '--audit-log-maxsize=4096',
    `--request-timeout=${requestTimeoutSeconds}s`,
    '--profiling=false',
    ...flags,
  ]
  const isReady = async (): Promise<boolean> =>
    (await statusOf(`https://127.0.0.1:${port}/readyz`, folder, prober)) === 200
  return makeServerProcess({ ...rest, args, isReady })
}

/** The HTTP status of a GET. Rejects when there is no certificate yet, no connection, or no answer within 2 s. */
export async function statusOf(url: string, folder: string, user: UserWithToken): Promise<number | undefined> {
  const ca = await readAuthority(folder)
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${user.token}` }
    request(url, { ca, headers, agent: false, signal: AbortSignal.timeout(2_000) }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

/**
 * PEM of the authority that signed the server's certificate. kube-apiserver makes both when it first starts and writes
 * them into one file, which it reads again at every later start, so the authority outlives a restart.
 */
export async function readAuthority(folder: string): Promise<string> {
  const content = await readFile(path.join(folder, 'certificates', 'apiserver.crt'), 'utf8')
  const certificates = content.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []
  const authority = certificates.find((certificate) => new X509Certificate(certificate).ca)
  if (authority === undefined) throw new Error('kube-apiserver wrote no authority yet')
  return authority
}
