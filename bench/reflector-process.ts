import { approvalRequests } from '../src/kubernetes/kinds.ts'
import type { Live } from '../src/kubernetes/live-object.ts'
import { makeReflector, reflectorLimits } from '../src/kubernetes/reflector.ts'
import type { ReflectorPorts } from '../src/kubernetes/reflector.ts'
import { makeTimers } from '../src/kubernetes/timers.ts'
import { makeTransport, transportLimits } from '../src/kubernetes/transport.ts'
import type { Transport } from '../src/kubernetes/transport.ts'
import type { ApprovalRequest } from '../src/domain/kinds.ts'
import { localhostCertificate } from '../test/fake/localhost-cert.ts'
import { makeCollect } from './garbage.ts'
import { makeMeter } from './meter.ts'

// A process that holds all requests of an API server in memory, whole or trimmed, and tells what that costs.
const [server = '', form = 'whole'] = process.argv.slice(2)

const collect = makeCollect()
const meter = makeMeter()
const timers = makeTimers({ now: Date.now, elapsed: () => performance.now() })
const connection = { server, ca: localhostCertificate, token: () => Promise.resolve('a-token') }
const transport = makeTransport(connection, {
  timers,
  random: Math.random,
  userAgent: 'bench',
  limits: transportLimits,
})
let wireBytes = 0
const counting: Pick<Transport, 'call' | 'stream'> = {
  stream: transport.stream,
  call: async (call) => {
    const reply = await transport.call(call)
    wireBytes += reply.text.length
    return reply
  },
}

const ports: ReflectorPorts<unknown> = {
  transport: counting,
  timers,
  random: Math.random,
  handle: () => undefined,
  handleFailed: fail,
  failed: fail,
  limits: reflectorLimits,
}

function fail(error: unknown): void {
  process.stderr.write(String(error))
  process.exit(1)
}

/** What a component needs to know of a request that is no longer its business. */
function trimmed({ metadata, spec, status }: Live<ApprovalRequest>): unknown {
  const { name, uid, resourceVersion } = metadata
  return { name, uid, resourceVersion, digest: spec.actions[0]?.digest, decision: status?.decision }
}

const reflector = makeReflector(ports, {
  resource: approvalRequests,
  trim: form === 'whole' ? (object): unknown => object : trimmed,
})

function memory(): { readonly heapBytes: number; readonly rssBytes: number } {
  collect.all()
  const { heapUsed: heapBytes, rss: rssBytes } = process.memoryUsage()
  return { heapBytes, rssBytes }
}

const before = { ...memory(), cpuMicros: meter.cpuMicros(), wallMicros: meter.wallMicros() }
reflector.start()
await reflector.untilSynced()
const cpuMicros = meter.cpuMicros() - before.cpuMicros
const wallMicros = meter.wallMicros() - before.wallMicros
const { heapBytes, rssBytes } = memory()
const grown = { heapBytes: heapBytes - before.heapBytes, rssBytes: rssBytes - before.rssBytes }
process.stdout.write(JSON.stringify({ objects: reflector.cache.size, ...grown, wireBytes, cpuMicros, wallMicros }))
await reflector.stop()
await transport.close()
