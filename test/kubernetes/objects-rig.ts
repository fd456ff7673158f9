import { makeObjects } from '../../src/kubernetes/objects.ts'
import type { Objects } from '../../src/kubernetes/objects.ts'
import { makeTransport, transportLimits } from '../../src/kubernetes/transport.ts'
import type { Connection, Transport } from '../../src/kubernetes/transport.ts'
import { startFakeApiServer } from '../fake/api-server.ts'
import type { FakeApiServer } from '../fake/api-server.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { until } from '../until.ts'

/** Objects over a transport that tries each call once, over an API server that lies when told to. */
export type Rig = {
  readonly api: FakeApiServer
  readonly clock: FakeClock
  readonly objects: Objects
  /** A transport as somebody else. */
  readonly connect: (connection?: Partial<Connection>) => Transport
  /** What a promise was rejected with. */
  readonly stop: () => Promise<void>
}

export async function startRig(): Promise<Rig> {
  const api = await startFakeApiServer()
  const clock = makeFakeClock()
  const limits = { ...transportLimits, retries: { ...transportLimits.retries, limit: 0 } }
  const transports: Transport[] = []
  const connect = (connection: Partial<Connection> = {}): Transport => {
    const options = { timers: clock, random: () => 0, userAgent: 'test/1', limits }
    const transport = makeTransport({ ...api.connection(), ...connection }, options)
    transports.push(transport)
    return transport
  }
  return {
    api,
    clock,
    objects: makeObjects({ transport: connect(), fieldManager: 'test' }),
    connect,
    stop: async () => {
      await Promise.all(transports.map((transport) => transport.close()))
      await until('every connection is closed', () => api.connections.open === 0)
      await api.stop()
    },
  }
}

/** The error that a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error
  throw new Error('expected a rejection', { cause: outcome.value })
}
