import path from 'node:path'
import { serviceAccountKey } from './api-server.ts'
import { makeServerProcess } from './server-process.ts'
import type { ServerProcess, ServerProcessOptions } from './server-process.ts'

export type ControllerManagerOptions = Omit<ServerProcessOptions, 'args'> & {
  readonly kubeconfig: string
  readonly caFile: string
  readonly flags: readonly string[]
}

/** kube-controller-manager, each controller under its own service account as in a real cluster. It opens no port. */
export function makeControllerManager({ kubeconfig, caFile, flags, ...rest }: ControllerManagerOptions): ServerProcess {
  const args = [
    `--kubeconfig=${kubeconfig}`,
    '--secure-port=0',
    '--leader-elect=false',
    '--use-service-account-credentials',
    `--service-account-private-key-file=${serviceAccountKey(rest.folder)}`,
    `--root-ca-file=${caFile}`,
    // By default its own limit of 20 requests a second makes the first start take five seconds longer.
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    `--cert-dir=${path.join(rest.folder, 'controller-manager')}`,
    ...flags,
  ]
  return makeServerProcess({ ...rest, args })
}
