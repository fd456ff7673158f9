import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ClusterError } from './problem.ts'

/** A temporary folder that only its owner may enter and that does not outlive this process. */
export type TemporaryFolder = { readonly path: string; readonly remove: () => Promise<void> }

/** A Unix socket's address holds 104 bytes on macOS and 108 on Linux, with the byte that ends it. */
const longestSocketPath = 103

/**
 * Removes the folder when the other end of its standard input closes, which is when this process ends. The servers are
 * killed at the same moment by watchers of their own, hence the second of repetitions.
 */
const sweep = `read -r _; for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- "$1"; sleep 0.1; done`

/** Makes the folder in which a control plane keeps everything, and a process that will remove it if we cannot. */
export async function makeTemporaryFolder(parent: string): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(parent, 'countersign-'))
  if (Buffer.byteLength(etcdSocket(folder)) > longestSocketPath) {
    await rm(folder, { recursive: true })
    throw new ClusterError(
      'UnsupportedPlatform',
      `${parent} is too long for a Unix socket's address: set TMPDIR to a shorter one`,
    )
  }
  const options = {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'] as ['pipe', 'ignore', 'ignore'],
    env: systemPath,
  }
  const sweeper = spawn('/bin/sh', ['-c', sweep, 'sh', folder], options)
  await once(sweeper, 'spawn')
  sweeper.stdin.on('error', () => undefined)
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    if (sweeper.exitCode === null && sweeper.signalCode === null) {
      sweeper.kill('SIGKILL')
      await once(sweeper, 'exit')
    }
  }
  return { path: folder, remove }
}

/** Where etcd listens: a socket, since a port could be taken and would let every user of the machine in. */
export function etcdSocket(folder: string): string {
  return path.join(folder, 'etcd.sock')
}

const systemPath = { PATH: '/usr/bin:/bin' }
