import { parseArgs } from 'node:util'
import path from 'node:path'
import { ensureBinaries, ensureHelm } from './binaries.ts'
import { startControlPlane } from './control-plane.ts'
import { ClusterError } from './problem.ts'
import { makePrinter } from './progress.ts'
import { people } from './user.ts'
import type { BinariesOptions } from './binaries.ts'
import type { ControlPlane } from './control-plane.ts'

const usage = `npm run cluster -- [--helm] [--build]

Starts a local Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager) until Ctrl-C.
  --helm    also builds helm
  --build   builds what is missing and ends
`

const printer = makePrinter({
  write: (text) => void process.stderr.write(text),
  now: () => performance.now(),
  terminal: process.stderr.isTTY,
})

type Arguments = { readonly helm: boolean; readonly build: boolean; readonly help: boolean }

function readArguments(): Arguments {
  const flag = { type: 'boolean', default: false } as const
  return parseArgs({ options: { helm: flag, build: flag, help: { ...flag, short: 'h' } } }).values
}

/** Aborted by the first signal that asks this process to end. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort(new ClusterError('Stopped', `stopped by ${name}`)))
  }
  return controller.signal
}

async function run({ helm, build, help }: Arguments): Promise<void> {
  if (help) {
    process.stdout.write(usage)
    return
  }
  const options: BinariesOptions = { env: process.env, report: printer.report, signal: interruption() }
  const binaries = await ensureBinaries(options)
  const helmFolder = helm ? path.dirname(await ensureHelm(options)) : undefined
  const folders = helmFolder === undefined ? [binaries.folder] : [binaries.folder, helmFolder]
  if (build) {
    printer.end()
    process.stdout.write(`built: ${folders.join(' ')}\n`)
    return
  }
  printer.report({ step: 'starting etcd, kube-apiserver, kube-controller-manager' })
  const plane = await startControlPlane({ ...options, binaries })
  printer.end()
  process.stdout.write(greeting(plane, folders))
  await untilTheEnd(plane, options.signal)
}

/** Runs until a signal asks for the end, or a server ends by itself, which is an error. */
async function untilTheEnd(plane: ControlPlane, signal: AbortSignal | undefined): Promise<void> {
  const { promise: asked, resolve } = Promise.withResolvers<undefined>()
  signal?.addEventListener('abort', () => resolve(undefined))
  if (signal?.aborted === true) resolve(undefined)
  const failure = await Promise.race([asked, plane.failed])
  await plane.stop()
  if (failure !== undefined) throw failure
  process.stderr.write('stopped; nothing is left behind\n')
}

function greeting(plane: ControlPlane, folders: readonly string[]): string {
  const others = people.map(({ name }) => `  ${name.padEnd(10)}${plane.user(name).kubeconfig}`)
  return `The control plane is ready at ${plane.url}

Kubeconfigs (admin may do everything, the others nothing until RBAC allows it):
  admin     ${plane.adminKubeconfig}
${others.join('\n')}
Audit log:  ${plane.auditLog}
Logs:       ${plane.etcd.log}
            ${plane.apiServer.log}
            ${plane.controllerManager?.log ?? ''}

In another terminal:
export KUBECONFIG='${plane.adminKubeconfig}'
export PATH="${folders.join(path.delimiter)}${path.delimiter}$PATH"
kubectl get namespaces

There is no node: pods stay Pending. Ctrl-C here stops everything and removes its folder.
`
}

try {
  await run(readArguments())
} catch (error) {
  printer.end()
  process.stderr.write(`cluster: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
