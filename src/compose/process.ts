import type { Gauges, Measure } from '../app/fact.ts'
import type { Log } from '../app/log.ts'
import type { Component as ComponentName, Config } from '../config.ts'
import type { CredentialSource } from '../kubernetes/credentials.ts'
import { makeHttp } from '../http/send.ts'
import { makeObjects } from '../kubernetes/objects.ts'
import { schemaProblems } from '../kubernetes/schema-revision.ts'
import { makeTimers } from '../kubernetes/timers.ts'
import type { Clocks } from '../kubernetes/timers.ts'
import type { Component, ReadyCheck, Surroundings } from './component.ts'
import { connect } from './connect.ts'
import type { Connections } from './connect.ts'
import { makeGateway } from './gateway.ts'
import { gaugesOf } from './gauges.ts'
import { makeOperator } from './operator.ts'
import { makeServerClock } from './server-clock.ts'
import { makeWebhook } from './webhook.ts'

/** What a process is started with. Whoever starts it reads argv, environment and clocks. */
export type ProcessSettings = {
  readonly config: Config
  readonly credentials: CredentialSource
  readonly clocks: Clocks
  /** In [0, 1). */
  readonly random: () => number
  /** Of this process and no other one ever. A DNS label. */
  readonly instance: string
  readonly version: string
  /** Aborted when the process is to end. */
  readonly until: AbortSignal
  readonly log: Log
  readonly measure: Measure
  /** Where the built files of the tab are. */
  readonly tabFolder: string
  /** Takes one line per signed record. */
  readonly evidence: (line: string) => void
  /** Serves /livez, /readyz and /metrics; resolves when it listens. */
  readonly serveHealth: (told: {
    readonly checks: () => readonly ReadyCheck[]
    readonly gauges: Gauges
  }) => Promise<{ readonly close: () => Promise<void> }>
}

/** The CRDs of this cluster are not those that this version needs. */
class SchemaError extends Error {
  override readonly name = 'SchemaError'
}

/** Runs the configured components until it is told to end. Rejects when they cannot be started. */
export async function runProcess(settings: ProcessSettings): Promise<void> {
  const { config, clocks, until, log } = settings
  const timers = makeTimers(clocks)
  const connections = await connect({ ...settings, timers }, settings.credentials)
  const components = config.components.map((name) => {
    return { name, ...makeComponent(settings, surroundingsOf(settings, connections, name), name) }
  })
  const health = await settings.serveHealth({
    checks: () => components.flatMap((one) => checksOf(one.name, one)),
    gauges: () => gaugesOf(components),
  })
  try {
    await untilCRDsFit(settings, connections)
    if (!until.aborted) {
      await Promise.all(components.map((one) => one.start()))
      log.info('Started', { components: config.components.join(','), instance: settings.instance })
      await aborted(until)
    }
    log.info('Stopping')
  } finally {
    await Promise.all(components.map((one) => one.stop()))
    await health.close()
    await connections.close()
  }
}

function makeComponent({ evidence, tabFolder }: ProcessSettings, around: Surroundings, name: ComponentName): Component {
  switch (name) {
    case 'webhook':
      return makeWebhook(around)
    case 'operator':
      return makeOperator(around, evidence)
    case 'gateway':
      return makeGateway(around, { http: makeHttp(), tabFolder })
  }
}

function checksOf(component: ComponentName, { checks }: Pick<Component, 'checks'>): readonly ReadyCheck[] {
  return checks().map((check) => ({ ...check, name: `${component}/${check.name}` }))
}

function surroundingsOf(settings: ProcessSettings, connections: Connections, name: ComponentName): Surroundings {
  const timers = makeTimers(settings.clocks)
  const clock = makeServerClock(timers)
  const transport = clock.listening(connections.transportOf(name))
  const objects = makeObjects({ transport, fieldManager: `countersign-${name}` })
  return { ...settings, timers, now: clock.now, earliest: clock.earliest, transport, objects }
}

/** Waits while the API server is away or still taking the CRDs in; on older ones nothing may start. */
async function untilCRDsFit({ config, until, log, clocks }: ProcessSettings, connections: Connections): Promise<void> {
  const timers = makeTimers(clocks)
  // Any of them may read definitions, and in a pod there is the account of one alone.
  const [component = 'operator'] = config.components
  const transport = connections.transportOf(component)
  const objects = makeObjects({ transport, fieldManager: 'countersign' })
  while (!until.aborted) {
    const problems = await schemaProblems(objects, { signal: until }).catch((error: unknown) => {
      if (!until.aborted) log.warn('SchemaNotRead', { cause: error instanceof Error ? error.message : 'unknown' })
      return undefined
    })
    if (problems?.length === 0) return
    const lasting = (problems ?? []).filter(({ reason }) => reason !== 'NotServed')
    if (lasting.length > 0) throw new SchemaError(lasting.map(({ message }) => message).join('\n'))
    await timers.sleep(1000, until)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
