import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { makeElector } from '../../src/kubernetes/elector.ts'
import { leases } from '../../src/kubernetes/lease.ts'
import type { LeaseDurations, LeaseSpec } from '../../src/kubernetes/lease.ts'
import type { Objects } from '../../src/kubernetes/objects.ts'
import { until } from '../until.ts'
import { startRealApi } from './real-api.ts'
import type { RealApi } from './real-api.ts'

const durations: LeaseDurations = { lease: 3_000, renewDeadline: 2_000, retry: 250 }

let api: RealApi
let reader: Objects
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  api = await startRealApi([])
  reader = api.connect().objects
}, 60_000)

afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())), 30_000)

afterAll(() => api.stop(), 60_000)

type Candidate = {
  readonly leads: () => boolean
  /** Ends its connections for good, as a cut network does: it runs on and cannot renew. */
  readonly cutOff: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts a candidate for the Lease `name`; its terms are told to `told`. */
function stand(name: string, identity: string, told: string[]): Candidate {
  const { objects, transport } = api.connect()
  const stopping = new AbortController()
  const ports = {
    objects,
    timers: api.timers,
    random: Math.random,
    started: () => void told.push(`${identity} started`),
    stopped: () => {
      told.push(`${identity} stopped`)
      return Promise.resolve()
    },
    failed: () => undefined,
  }
  const elector = makeElector(ports, { namespace: 'default', name, identity, durations })
  const running = elector.run(stopping.signal)
  const stop = (): Promise<void> => {
    stopping.abort()
    return running
  }
  stops.push(stop)
  return { leads: elector.leads, cutOff: () => transport.close(), stop }
}

/** Real servers, on a machine that may be busy. */
function within(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  return until(what, isSo, 25_000)
}

async function leaseOf(name: string): Promise<LeaseSpec | undefined> {
  const found = await reader.get(leases, { namespace: 'default', name })
  return found === 'NotFound' ? undefined : found.object.spec
}

describe('two candidates on a real API server', () => {
  test('when the leader cannot renew any more, it ends its term, and then the other one begins', async () => {
    const told: string[] = []
    const one = stand('cut', 'one', told)
    await within('one leads', one.leads)
    const two = stand('cut', 'two', told)
    await one.cutOff()
    let both = false
    await within('two leads', () => {
      both ||= one.leads() && two.leads()
      return two.leads()
    })
    expect(both).toBe(false)
    await within('two has been told', () => told.length === 3)
    expect(told).toEqual(['one started', 'one stopped', 'two started'])
    expect(await leaseOf('cut')).toMatchObject({ holderIdentity: 'two', leaseDurationSeconds: 3, leaseTransitions: 1 })
  }, 30_000)

  test('when the leader stops, it releases the Lease and the other one takes it', async () => {
    const told: string[] = []
    const one = stand('released', 'one', told)
    await within('one leads', one.leads)
    const two = stand('released', 'two', told)
    await one.stop()
    await within('two leads', two.leads)
    expect(told).toEqual(['one started', 'one stopped', 'two started'])
    await two.stop()
    expect(await leaseOf('released')).toMatchObject({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      leaseTransitions: 1,
    })
  }, 30_000)

  test('while the leader renews, the other one never leads, and the Lease stays with one holder', async () => {
    const told: string[] = []
    const one = stand('kept', 'one', told)
    await within('one leads', one.leads)
    stand('kept', 'two', told)
    const first = await leaseOf('kept')
    await within('the Lease was renewed for longer than its time', async () => {
      const now = await leaseOf('kept')
      return (
        Date.parse(now?.renewTime ?? '') - Date.parse(first?.renewTime ?? '') >
        durations.lease + durations.renewDeadline
      )
    })
    expect(told).toEqual(['one started'])
    expect(await leaseOf('kept')).toMatchObject({ holderIdentity: 'one', leaseTransitions: 0 })
  }, 30_000)
})
