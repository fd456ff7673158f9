import type { Change } from '../../src/kubernetes/change.ts'
import type { Live } from '../../src/kubernetes/live-object.ts'
import { makeReflector, reflectorLimits } from '../../src/kubernetes/reflector.ts'
import type { Interest, Reflector, ReflectorLimits } from '../../src/kubernetes/reflector.ts'
import type { KubernetesObject, Resource } from '../../src/kubernetes/resource.ts'
import { makeTransport, transportLimits } from '../../src/kubernetes/transport.ts'
import type { Connection, Transport, TransportLimits } from '../../src/kubernetes/transport.ts'
import { startFakeApiServer } from '../fake/api-server.ts'
import type { FakeApiServer, FakeApiServerOptions } from '../fake/api-server.ts'
import type { FakeObject } from '../fake/api-server-objects.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { until } from '../until.ts'

export type Thing = KubernetesObject & {
  readonly spec?: { readonly n?: number }
  readonly status?: { readonly decision?: string }
}
/** What the rig's reflectors cache: enough to tell objects and their states apart. */
export type Trimmed = {
  readonly name: string
  readonly uid: string
  readonly version: string
  readonly n: number
  readonly decision: string
}

export const things: Resource<Thing> = {
  group: 'example.com',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  namespaced: true,
  exact: true,
}
export const collection = '/apis/example.com/v1/things'
const place = { collection, namespace: 'ns' }

/** A reflector on a fake API server, under a clock that passes while the reflector pauses, and what it has told. */
export type Rig = {
  readonly api: FakeApiServer
  readonly clock: FakeClock
  readonly transport: Transport
  readonly reflector: Reflector<Trimmed>
  /** Every change that was accepted, in order. */
  readonly told: Change<Trimmed>[]
  readonly failures: unknown[]
  /** What a handler knows that has accepted all that was told. */
  readonly known: ReadonlyMap<string, Trimmed>
  readonly refused: { readonly error: unknown; readonly change: Change<Trimmed> }[]
  /** Called before a change is accepted; throw to refuse it. */
  handle: (change: Change<Trimmed>) => void
  readonly put: (name: string, n: number) => FakeObject
  readonly decide: (name: string, decision: string) => FakeObject
  readonly drop: (name: string) => void
  /** Waits in real time, and lets pauses of up to eight seconds pass. */
  readonly until: (what: string, isSo: () => boolean, withinMs?: number) => Promise<void>
  /** Waits until the cache is what the server has, and exactly one watch is open. */
  readonly converged: () => Promise<void>
  readonly lists: () => number
  readonly watches: () => number
  /** Stops everything; fails when a connection, a timer or a watch is left, or when what was told is incoherent. */
  readonly end: () => Promise<void>
}

export type RigOptions = {
  readonly server?: FakeApiServerOptions
  readonly interest?: Partial<Interest<Thing, Trimmed>>
  readonly limits?: Partial<ReflectorLimits>
  readonly token?: Connection['token']
  readonly transport?: Partial<TransportLimits>
  /** What of the server's objects the cache has to hold; default all. */
  readonly kept?: (object: FakeObject) => boolean
}

export async function makeRig(options: RigOptions = {}): Promise<Rig> {
  const api = await startFakeApiServer(options.server)
  const clock = makeFakeClock()
  const transport = makeTransport(api.connection(options.token), {
    timers: clock,
    random: () => 0.5,
    userAgent: 'test/1',
    limits: { ...transportLimits, ...options.transport },
  })
  const told: Change<Trimmed>[] = []
  const failures: unknown[] = []
  const refused: { readonly error: unknown; readonly change: Change<Trimmed> }[] = []
  const model = new Map<string, Trimmed>()
  const wrong: string[] = []
  const rig = { handle: (_change: Change<Trimmed>): void => {} }
  const limits = { ...reflectorLimits, backoff: { firstMs: 200, capMs: 8_000 }, ...options.limits }

  const reflector = makeReflector<Thing, Trimmed>(
    {
      transport,
      timers: clock,
      random: () => 0.5,
      limits,
      handle: (change) => {
        rig.handle(change)
        told.push(change)
        // A handler that has refused an addition is told of the end all the same: it may have done half of it.
        const ended = change.type === 'Deleted' || change.type === 'Left'
        const halfDone = ended && !model.has(change.key) && refused.some((one) => one.change.key === change.key)
        if (!halfDone) wrong.push(...incoherence(model, change))
      },
      handleFailed: (error, change) => refused.push({ error, change }),
      failed: (error) => failures.push(error),
    },
    { resource: things, trim, ...options.interest },
  )

  function put(name: string, n: number): FakeObject {
    const old = api.objects.find({ ...place, name })
    const draft = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name }, spec: { n } }
    return old === undefined ? api.objects.create(place, draft) : api.objects.replace({ ...place, name }, draft)
  }

  async function letPausesPass(isSo: () => boolean): Promise<boolean> {
    if (isSo()) return true
    const [pause = Number.POSITIVE_INFINITY] = clock.sleeping()
    if (pause <= 8_000) await clock.advance(pause)
    return isSo()
  }

  const waitUntil: Rig['until'] = (what, isSo, withinMs) => until(what, () => letPausesPass(isSo), withinMs)

  const same = (): boolean => differences(api, reflector, options.kept).length === 0 && api.watches().length === 1

  return Object.assign(rig, {
    api,
    clock,
    transport,
    reflector,
    told,
    failures,
    refused,
    known: model,
    put,
    decide: (name: string, decision: string) => {
      const key = { ...place, name }
      return api.objects.replace(key, { ...api.objects.get(key), status: { decision } }, { part: 'status' })
    },
    drop: (name: string) => {
      api.objects.delete({ ...place, name })
    },
    until: waitUntil,
    converged: () => waitUntil('the cache is what the server has', same),
    lists: () => api.requests.filter(({ verb, query }) => verb === 'list' && query['continue'] === undefined).length,
    watches: () => api.requests.filter(({ verb }) => verb === 'watch').length,
    end: async () => {
      await reflector.stop()
      await transport.close()
      await until('no connection is left', () => api.connections.open === 0)
      await api.stop()
      if (clock.sleeping().length > 0) throw new Error('a timer is left')
      if (wrong.length > 0) throw new Error(wrong.join('\n'))
    },
  })
}

export function trim(live: Live<Thing>): Trimmed {
  const { name, uid, resourceVersion } = live.metadata
  return { name, uid, version: resourceVersion, n: live.spec?.n ?? 0, decision: live.status?.decision ?? '' }
}

/** Keys whose state in the cache is not that of the server. */
function differences(
  api: FakeApiServer,
  reflector: Reflector<Trimmed>,
  kept: (object: FakeObject) => boolean = () => true,
): readonly string[] {
  const keys = new Set(reflector.cache.keys())
  const wrong: string[] = []
  for (const { metadata } of api.objects.all(collection).filter(kept)) {
    const key = `${metadata.namespace ?? ''}/${metadata.name}`
    keys.delete(key)
    const { uid, version } = reflector.cache.get(key) ?? {}
    if (uid !== metadata.uid || version !== metadata.resourceVersion) wrong.push(key)
  }
  return [...wrong, ...keys]
}

/** What cannot be, given what was accepted before. Takes the change in. */
function incoherence(model: Map<string, Trimmed>, change: Change<Trimmed>): readonly string[] {
  const { type, key, object } = change
  const known = model.get(key)
  if (type === 'Added' || type === 'Updated') model.set(key, object)
  else model.delete(key)
  return fits(known, change) ? [] : [`${key} was ${type}, after ${JSON.stringify(known)}`]
}

function fits(known: Trimmed | undefined, change: Change<Trimmed>): boolean {
  if (change.type === 'Added') return known === undefined
  if (known?.uid !== change.object.uid) return false
  return change.type === 'Deleted' || change.previous.version === known.version
}
