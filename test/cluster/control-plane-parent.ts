import { ensureBinaries } from '../../cluster/binaries.ts'
import { startControlPlane } from '../../cluster/control-plane.ts'

// A process with a control plane, which tells their pids and then waits to be killed.
const [temporaryFolder = ''] = process.argv.slice(2)
const binaries = await ensureBinaries({ env: process.env })
const plane = await startControlPlane({ env: process.env, binaries, temporaryFolder })
const pids = [plane.etcd, plane.apiServer, plane.controllerManager].map((server) => server?.pid())
process.stdout.write(`${pids.join(' ')}\n`)
