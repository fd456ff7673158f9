import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { makeElector } from '../../src/kubernetes/elector.ts'
import type { Elector } from '../../src/kubernetes/elector.ts'
import { fieldsOf } from '../../src/kubernetes/fields.ts'
import type { Fields } from '../../src/kubernetes/fields.ts'
import { leaseDurations } from '../../src/kubernetes/lease.ts'
import type { LeaseDurations } from '../../src/kubernetes/lease.ts'
import { makeObjects } from '../../src/kubernetes/objects.ts'
import type { Timers } from '../../src/kubernetes/timers.ts'
import { makeTransport, transportLimits } from '../../src/kubernetes/transport.ts'
import type { Transport } from '../../src/kubernetes/transport.ts'
import type { FakeApiServer } from '../fake/api-server.ts'
import { startFakeApiServer } from '../fake/api-server.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { until } from '../until.ts'

const key = { collection: '/apis/coordination.k8s.io/v1/leases', namespace: 'ns', name: 'operator' }
const second = 1_000

/** One process that stands for election, on a clock of its own. */
type Standing = {
  readonly elector: Elector
  readonly clock: FakeClock
  /** Milliseconds until the elector goes on, undefined while it does something. */
  readonly pause: () => number | undefined
  readonly told: string[]
  readonly terms: AbortSignal[]
  readonly errors: unknown[]
  /** The work of its terms ends when this is called. */
  endWork: () => void
  readonly run: () => void
  readonly stop: () => Promise<void>
}

let api: FakeApiServer
let transports: Transport[]
let standing: Standing[]

beforeEach(async () => {
  api = await startFakeApiServer()
  transports = []
  standing = []
})

afterEach(async () => {
  api.faults.clear()
  await Promise.all(
    standing.map((one) => {
      one.endWork()
      return one.stop()
    }),
  )
  await Promise.all(transports.map((transport) => transport.close()))
  await until('every connection is closed', () => api.connections.open === 0)
  await api.stop()
})

type Character = { readonly worksOn?: boolean; readonly started?: () => void; readonly durations?: LeaseDurations }

function stand(identity: string, { worksOn = false, started, durations = leaseDurations }: Character = {}): Standing {
  const clock = makeFakeClock()
  const limits = { ...transportLimits, retries: { ...transportLimits.retries, limit: 0 } }
  const transport = makeTransport(api.connection(), { timers: clock, random: () => 0, userAgent: identity, limits })
  transports.push(transport)
  const stopping = new AbortController()
  const work = Promise.withResolvers<void>()
  if (!worksOn) work.resolve()
  let running: Promise<void> = Promise.resolve()
  let wakes: number | undefined
  const timers: Timers = {
    ...clock,
    sleep: async (ms, signal) => {
      wakes = clock.elapsed() + ms
      await clock.sleep(ms, signal)
      wakes = undefined
    },
  }
  const told: string[] = []
  const terms: AbortSignal[] = []
  const errors: unknown[] = []
  const elector = makeElector(
    {
      objects: makeObjects({ transport, fieldManager: identity }),
      timers,
      random: () => 0,
      started: (lost) => {
        told.push('started')
        terms.push(lost)
        started?.()
      },
      stopped: async () => {
        told.push('stopping')
        await work.promise
        told.push('stopped')
      },
      failed: (error) => errors.push(error),
    },
    { namespace: 'ns', name: 'operator', identity, durations },
  )
  const one: Standing = {
    elector,
    clock,
    pause: () => (wakes === undefined ? undefined : wakes - clock.elapsed()),
    told,
    terms,
    errors,
    endWork: () => work.resolve(),
    run: () => {
      running = elector.run(stopping.signal)
    },
    stop: () => {
      stopping.abort()
      return running
    },
  }
  standing.push(one)
  return one
}

/** Waits until a process has nothing to do before time passes. */
function quiet({ pause }: Standing): Promise<void> {
  return until('the elector pauses', () => pause() !== undefined)
}

/** Lets time pass for one process, from pause to pause. */
async function pass(one: Standing, ms: number): Promise<void> {
  for (let left = ms; left > 0;) {
    await quiet(one)
    const step = Math.min(one.pause() ?? left, left)
    await one.clock.advance(step)
    left -= step
  }
  await quiet(one)
}

async function begin(one: Standing): Promise<void> {
  one.run()
  await quiet(one)
}

function lease(): Fields {
  return fieldsOf(api.objects.find(key)?.['spec'])
}

describe('standing for election', () => {
  test('the first one creates the Lease and leads', async () => {
    const one = stand('one')
    await begin(one)
    expect(one.elector.leads()).toBe(true)
    expect(one.told).toEqual(['started'])
    expect(lease()).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: '2030-01-01T00:00:00.000000Z',
      renewTime: '2030-01-01T00:00:00.000000Z',
    })
  })

  test('the leader renews with one write and no read', async () => {
    const one = stand('one')
    await begin(one)
    const before = api.requests.length
    await pass(one, 10 * second)
    expect(api.requests.slice(before).map((request) => request.verb)).toEqual(Array(5).fill('update'))
    expect(lease()['renewTime']).toBe('2030-01-01T00:00:10.000000Z')
  })

  test('another one waits as long as the leader renews', async () => {
    const [one, two] = [stand('one'), stand('two')]
    await begin(one)
    await begin(two)
    for (let passed = 0; passed < 60; passed += 2) {
      await pass(one, 2 * second)
      await pass(two, 2 * second)
    }
    expect([one.elector.leads(), two.elector.leads()]).toEqual([true, false])
    expect(two.told).toEqual([])
    expect(lease()['leaseTransitions']).toBe(0)
  })

  test('another one takes over when the leader has not renewed for its time', async () => {
    const [one, two] = [stand('one'), stand('two')]
    await begin(one)
    await begin(two)
    await pass(two, 14 * second)
    expect(two.elector.leads()).toBe(false)
    await pass(two, 2 * second)
    expect(two.elector.leads()).toBe(true)
    expect(lease()).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 })
  })

  test('the one that was suspended no longer believes in itself when it wakes', async () => {
    const [one, two] = [stand('one'), stand('two')]
    await begin(one)
    await begin(two)
    await pass(two, 16 * second)
    const waking = one.clock.advance(16 * second)
    expect(one.elector.leads()).toBe(true)
    await waking
    expect(one.elector.leads()).toBe(false)
    await quiet(one)
    expect(one.told).toEqual(['started', 'stopping', 'stopped'])
    expect(one.terms[0]?.aborted).toBe(true)
  })

  test('who stops releases the Lease, and the next one leads at its next try', async () => {
    const [one, two] = [stand('one'), stand('two')]
    await begin(one)
    await begin(two)
    await one.stop()
    expect(lease()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 })
    await pass(two, 2 * second)
    expect(two.elector.leads()).toBe(true)
  })

  test('who stops without leading leaves the Lease alone', async () => {
    const [one, two] = [stand('one'), stand('two')]
    await begin(one)
    await begin(two)
    await two.stop()
    expect(lease()['holderIdentity']).toBe('one')
  })
})

describe('the end of a term', () => {
  test('the Lease is not released before the work has ended', async () => {
    const one = stand('one', { worksOn: true })
    await begin(one)
    const stopped = one.stop()
    await until('the term is over', () => one.told.includes('stopping'))
    await begin(stand('two'))
    expect(one.elector.leads()).toBe(false)
    expect(lease()['holderIdentity']).toBe('one')
    one.endWork()
    await stopped
    expect(lease()['holderIdentity']).toBe('')
  })

  test('no other term begins before the work of the last one has ended', async () => {
    const one = stand('one', { worksOn: true })
    await begin(one)
    api.faults.next({ do: 'refuse', status: 500 }, {}, 4)
    await one.clock.advance(2 * second)
    for (let passed = 2; passed < 10; passed += 2) {
      await quiet(one)
      await one.clock.advance(2 * second)
    }
    await until('the term is over', () => one.told.includes('stopping'))
    await begin(stand('two'))
    expect(one.told).toEqual(['started', 'stopping'])
    one.endWork()
    await until('the next term has begun', () => one.told.length === 4)
    expect(one.told).toEqual(['started', 'stopping', 'stopped', 'started'])
    expect(one.terms.map((term) => term.aborted)).toEqual([true, false])
  })
})

describe('an API server that fails', () => {
  test('ends the term at the renew deadline, not sooner', async () => {
    const one = stand('one', { durations: { ...leaseDurations, renewDeadline: 9_000 } })
    await begin(one)
    const behave = api.faults.always({ do: 'refuse', status: 500 })
    await pass(one, 8_999)
    expect([one.elector.leads(), one.told]).toEqual([true, ['started']])
    await pass(one, 1)
    expect([one.elector.leads(), one.told]).toEqual([false, ['started', 'stopping', 'stopped']])
    expect(one.errors).not.toEqual([])
    behave()
    await pass(one, 2 * second)
    expect(one.elector.leads()).toBe(true)
  })

  test('and one that hangs cannot hold the belief up', async () => {
    const one = stand('one')
    await begin(one)
    api.faults.always({ do: 'hang' })
    await one.clock.advance(2 * second)
    await until('the renewal is sent', () => api.requests.length === 3)
    await one.clock.advance(7_999)
    expect(one.elector.leads()).toBe(true)
    await one.clock.advance(1)
    expect(one.elector.leads()).toBe(false)
    await until('the term is over', () => one.told.includes('stopped'))
  })

  test.each([
    ['lost', { do: 'resetAfter' } as const],
    ['cut off', { do: 'truncate' } as const],
  ])('a renewal whose answer is %s does not end the term', async (_what, fault) => {
    const one = stand('one')
    await begin(one)
    api.faults.next(fault)
    await pass(one, 4 * second)
    await pass(one, 7 * second)
    expect([one.elector.leads(), one.told, one.errors.length]).toEqual([true, ['started'], 1])
  })

  test('a Lease that comes back with another holder than was written is no leadership', async () => {
    api.faults.always({
      do: 'mutate',
      change: (sent) => ({ ...sent, spec: { ...fieldsOf(sent['spec']), holderIdentity: 'thief' } }),
    })
    const one = stand('one')
    await begin(one)
    expect([one.elector.leads(), one.told]).toEqual([false, []])
    expect(one.errors).toMatchObject([{ name: 'ResponseDiffers', paths: ['/spec/holderIdentity'] }])
  })

  test('a Lease that is deleted is created again, and the term goes on', async () => {
    const one = stand('one')
    await begin(one)
    api.objects.delete(key)
    await pass(one, 2 * second)
    expect([one.elector.leads(), one.told]).toEqual([true, ['started']])
    expect(lease()['holderIdentity']).toBe('one')
  })

  test('what somebody else writes on the Lease does not end the term', async () => {
    const one = stand('one')
    await begin(one)
    const stored = api.objects.get(key)
    api.objects.replace(key, { ...stored, metadata: { ...stored.metadata, labels: { a: 'b' } } })
    await pass(one, 2 * second)
    await pass(one, 9 * second)
    expect(one.elector.leads()).toBe(true)
    expect(api.objects.get(key).metadata.labels).toEqual({ a: 'b' })
  })
})

describe('misuse', () => {
  test('a callback that throws is reported, and the election goes on', async () => {
    const one = stand('one', {
      started: () => {
        throw new Error('no')
      },
    })
    await begin(one)
    await pass(one, 4 * second)
    expect(one.elector.leads()).toBe(true)
    expect(one.errors).toEqual([new Error('no')])
  })

  test('running twice is refused', async () => {
    const one = stand('one')
    await begin(one)
    await expect(one.elector.run(AbortSignal.abort())).rejects.toThrow(TypeError)
  })

  test.each([
    { lease: 10_000, renewDeadline: 10_000, retry: 2_000 },
    { lease: 15_000, renewDeadline: 2_000, retry: 2_000 },
    { lease: 15_000, renewDeadline: 10_000, retry: 0 },
    { lease: 15_000, renewDeadline: Number.NaN, retry: 1_000 },
  ])('durations that would make two leaders are refused: %j', (durations) => {
    expect(() => stand('one', { durations })).toThrow(RangeError)
  })
})
