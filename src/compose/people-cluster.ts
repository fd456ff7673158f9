import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Login } from '../cli/people-command.ts'
import type { Environment } from '../config-env.ts'
import { connectionFrom } from '../kubernetes/credentials.ts'
import type { Timers } from '../kubernetes/timers.ts'
import { makeTransport, transportLimits } from '../kubernetes/transport.ts'
import type { Transport } from '../kubernetes/transport.ts'

export type Kubeconfig = { readonly file: string; readonly context: string | undefined }

export type PeopleTransportPorts = {
  readonly version: string
  readonly random: () => number
  readonly timers: Timers
}

/** The way of a person to the API server. Rejects with CredentialsError when the kubeconfig cannot be used. */
export async function peopleTransport(
  { version, random, timers }: PeopleTransportPorts,
  kubeconfig: Kubeconfig,
): Promise<Transport> {
  const connection = await connectionFrom({ kind: 'Kubeconfig', ...kubeconfig }, timers)
  // A person waits for the answer: few retries, and soon an end.
  const limits = { ...transportLimits, retries: { ...transportLimits.retries, limit: 2 } }
  return makeTransport(connection, { timers, random, userAgent: `kubectl-countersign/${version}`, limits })
}

/** As kubectl finds it, but for several files in KUBECONFIG, which only kubectl knows how to put together. */
export function kubeconfigOf(login: Login, env: Environment): Kubeconfig | { readonly problem: string } {
  const { context } = login
  if (login.kubeconfig !== undefined) return { file: login.kubeconfig, context }
  const files = (env['KUBECONFIG'] ?? '').split(':').filter((file) => file !== '')
  const [first = join(env['HOME'] ?? homedir(), '.kube', 'config'), ...more] = files
  if (more.length === 0) return { file: first, context }
  return {
    problem:
      'KUBECONFIG names several files; name one by --kubeconfig (kubectl config view --flatten --minify makes one).',
  }
}
