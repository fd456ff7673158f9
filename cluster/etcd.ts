import { request } from 'node:http'
import path from 'node:path'
import { etcdSocket } from './folder.ts'
import { makeServerProcess } from './server-process.ts'
import type { ServerProcess, ServerProcessOptions } from './server-process.ts'

export type EtcdOptions = Omit<ServerProcessOptions, 'args' | 'isReady'> & {
  /** Whether a write is on the disk before it is answered. */
  readonly fsync: boolean
  readonly flags: readonly string[]
}

/** etcd with one member, reachable through a socket in the folder only. */
export function makeEtcd({ fsync, flags, ...rest }: EtcdOptions): ServerProcess {
  const socket = etcdSocket(rest.folder)
  const args = [
    `--data-dir=${path.join(rest.folder, 'etcd')}`,
    `--listen-client-urls=unix://${socket}`,
    // Nobody looks these up. A socket is not accepted in the first; the second's port is the kernel's choice.
    '--advertise-client-urls=http://127.0.0.1:0',
    '--listen-peer-urls=http://127.0.0.1:0',
    '--log-level=warn',
    '--quota-backend-bytes=8589934592',
    // As kubeadm and the large providers set it: without, watches of a quiet resource get no bookmarks.
    '--watch-progress-notify-interval=5s',
    ...(fsync ? [] : ['--unsafe-no-fsync']),
    ...flags,
  ]
  return makeServerProcess({ ...rest, args, isReady: () => isHealthy(socket) })
}

function isHealthy(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const options = { socketPath, path: '/health', agent: false, signal: AbortSignal.timeout(1_000) }
    request(options, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
      .on('error', reject)
      .end()
  })
}
