import { readFile } from 'node:fs/promises'
import { startControlPlane } from '../../cluster/control-plane.ts'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import { makeObjects } from '../../src/kubernetes/objects.ts'
import type { Objects } from '../../src/kubernetes/objects.ts'
import { makeTimers } from '../../src/kubernetes/timers.ts'
import type { Timers } from '../../src/kubernetes/timers.ts'
import { makeTransport, transportLimits } from '../../src/kubernetes/transport.ts'
import type { Connection, Transport } from '../../src/kubernetes/transport.ts'

/** A real API server, and clients of our own on it. */
export type RealApi = {
  readonly plane: ControlPlane
  readonly timers: Timers
  /** Typed objects as the administrator, over connections of their own, and the transport below them. */
  readonly connect: () => { readonly objects: Objects; readonly transport: Transport }
  /** A transport as whom the connection says, closed at the end. */
  readonly transport: (connection: Connection) => Transport
  readonly stop: () => Promise<void>
}

/** Starts a control plane without a controller manager and applies `manifests` (files or folders). */
export async function startRealApi(manifests: readonly string[]): Promise<RealApi> {
  const plane = await startControlPlane({ env: process.env, controllerManager: false })
  const timers = makeTimers({ now: Date.now, elapsed: () => performance.now() })
  const ca = await readFile(plane.caFile, 'utf8')
  const { token } = plane.user('admin')
  const transports: Transport[] = []
  if (manifests.length > 0) {
    await plane.kubectl(['apply', '--server-side', ...manifests.flatMap((file) => ['-f', file])])
    await plane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'])
  }
  const transport = (connection: Connection): Transport => {
    // Twenty patches that contend for one object can take long on a machine that has other things to do.
    const limits = { ...transportLimits, deadlineMs: 60_000 }
    const made = makeTransport(connection, { timers, random: Math.random, userAgent: 'countersign-test', limits })
    transports.push(made)
    return made
  }
  return {
    plane,
    timers,
    connect: () => {
      const made = transport({ server: plane.url, ca, token: () => Promise.resolve(token) })
      return { objects: makeObjects({ transport: made, fieldManager: 'countersign-test' }), transport: made }
    },
    transport,
    stop: async () => {
      await Promise.all(transports.map((one) => one.close()))
      await plane.stop()
    },
  }
}
