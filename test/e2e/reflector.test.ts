import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setTimeout as wait } from 'node:timers/promises'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import type { Change } from '../../src/kubernetes/change.ts'
import { makeReflector, reflectorLimits } from '../../src/kubernetes/reflector.ts'
import type { Reflector } from '../../src/kubernetes/reflector.ts'
import type { KubernetesObject, Resource } from '../../src/kubernetes/resource.ts'
import type { Call, Transport } from '../../src/kubernetes/transport.ts'
import { seededRandom } from '../random.ts'
import { scaled } from '../scale.ts'
import { until } from '../until.ts'
import { startRealApi } from './real-api.ts'
import type { RealApi } from './real-api.ts'

type ConfigMap = KubernetesObject & { readonly data?: { readonly n?: string } }
type Trimmed = { readonly uid: string; readonly version: string; readonly n: string }

const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  exact: true,
}
const namespace = 'default'
const path = `/api/v1/namespaces/${namespace}/configmaps`
const seconds = scaled(60, 600)

let api: RealApi
let reflector: Reflector<Trimmed> | undefined

beforeAll(async () => {
  api = await startRealApi([])
}, 60_000)

afterAll(async () => {
  await reflector?.stop()
  await api.stop()
}, 60_000)

/** Creates, updates and deletes at random until told to end. Returns how many writes the server has confirmed. */
async function writeUntil(end: AbortSignal, transport: Transport, random: () => number): Promise<number> {
  let confirmed = 0
  while (!end.aborted) {
    const call = randomWrite(random)
    try {
      await transport.call({ ...call, deadlineMs: 2_000 })
      confirmed += 1
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      // Not there, there already, or nobody there: what counts is what the server has in the end.
      if (error.status === 0) await wait(100)
    }
    await wait(2)
  }
  return confirmed
}

function randomWrite(random: () => number): Call {
  const name = `map-${Math.floor(random() * 60)}`
  const n = String(Math.floor(random() * 1e9))
  const body = JSON.stringify({ metadata: { name }, data: { n } })
  const kind = random()
  if (kind < 0.25) return { method: 'DELETE', path: `${path}/${name}` }
  if (kind < 0.5) return { method: 'POST', path, body }
  const contentType = 'application/merge-patch+json'
  return { method: 'PATCH', path: `${path}/${name}`, contentType, body: JSON.stringify({ data: { n } }) }
}

/**
 * Kills and restarts the API server, or lets it hang, at random moments, for so many seconds and, on a slow machine, a
 * few times at least. Leaves it running, and aborts `over`.
 */
async function harass(over: AbortController, random: () => number): Promise<void> {
  const { apiServer } = api.plane
  const start = performance.now()
  for (let kills = 0; kills < 3 || performance.now() - start < seconds * 1000;) {
    await wait(500 + random() * 3_000)
    if (random() < 0.7) {
      await apiServer.kill()
      await wait(random() * 1_500)
      await apiServer.start()
      kills += 1
    } else {
      apiServer.pause()
      await wait(200 + random() * 2_000)
      apiServer.resume()
    }
  }
  over.abort()
}

/** The same transport, counting the watches that are open at a time. */
function counted(transport: Transport): Pick<Transport, 'call' | 'stream'> & { readonly most: () => number } {
  let [open, most] = [0, 0]
  async function* counting(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes
    } finally {
      open -= 1
    }
  }
  const stream = async (call: Call): Promise<AsyncIterable<Uint8Array>> => {
    const bytes = await transport.stream(call)
    open += 1
    most = Math.max(most, open)
    return counting(bytes)
  }
  return { call: transport.call, stream, most: () => most }
}

async function liveList(transport: Transport): Promise<Readonly<Record<string, Trimmed>>> {
  const { text } = await transport.call({ method: 'GET', path })
  const { items }: { readonly items: readonly Required<ConfigMap>[] } = JSON.parse(text)
  return Object.fromEntries(
    items.map(({ metadata: { name, uid, resourceVersion }, data }) => {
      return [`${namespace}/${name ?? ''}`, { uid: uid ?? '', version: resourceVersion ?? '', n: data.n ?? '' }]
    }),
  )
}

test(
  `while the API server is killed and restarted for ${seconds} s, nothing is lost: the cache is the live list in the end`,
  async () => {
    const random = seededRandom(seconds)
    const { transport } = api.connect()
    const counting = counted(api.connect().transport)
    const told = new Map<string, Trimmed>()
    const failures: unknown[] = []
    const made = makeReflector<ConfigMap, Trimmed>(
      {
        transport: counting,
        timers: api.timers,
        random: Math.random,
        handle: (change: Change<Trimmed>) => {
          if (change.type === 'Added') expect(told.has(change.key)).toBe(false)
          else expect(told.get(change.key)?.uid).toBe(change.object.uid)
          if (change.type === 'Deleted') told.delete(change.key)
          else told.set(change.key, change.object)
        },
        handleFailed: (error) => failures.push(error),
        failed: (error) => error instanceof ApiError || failures.push(error),
        limits: { ...reflectorLimits, pageSize: 10, backoff: { firstMs: 100, capMs: 2_000 } },
      },
      {
        resource: configMaps,
        namespace,
        trim: ({ metadata, data }) => ({ uid: metadata.uid, version: metadata.resourceVersion, n: data?.n ?? '' }),
      },
    )
    reflector = made
    made.start()
    expect(await made.untilSynced()).toBe(true)

    const over = new AbortController()
    const [, ...confirmed] = await Promise.all([
      harass(over, random),
      writeUntil(over.signal, transport, random),
      writeUntil(over.signal, api.connect().transport, random),
    ])
    const live = await liveList(transport)
    const cached = (): object => Object.fromEntries([...made.cache.keys()].map((key) => [key, made.cache.get(key)]))
    await until(
      'the cache is the live list',
      () => JSON.stringify(sorted(cached())) === JSON.stringify(sorted(live)),
      30_000,
    )
    expect(Object.fromEntries(told)).toEqual(live)
    expect(told.size).toBeGreaterThan(10)
    expect(failures).toEqual([])
    expect(counting.most()).toBe(1)
    for (const count of confirmed) expect(count).toBeGreaterThan(100)
    await made.stop()
  },
  seconds * 1000 + 120_000,
)

function sorted(record: object): unknown {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))
}
