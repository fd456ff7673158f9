import { leads, leases, looked, nextStep, nothingSeen, released, renewed } from './lease.ts'
import type { Candidate, Election } from './lease.ts'
import type { CallOptions, Objects } from './objects.ts'
import type { Timers } from './timers.ts'

export type ElectorPorts = {
  readonly objects: Pick<Objects, 'get' | 'create' | 'replace'>
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  /** A term begins. `lost` is aborted at its end. Must return at once. */
  readonly started: (lost: AbortSignal) => void
  /** The term is over. Resolves when the leader's work has ended: before that no other term begins and no release. */
  readonly stopped: () => Promise<void>
  /** A try failed, or a callback did. The elector goes on. */
  readonly failed: (error: unknown) => void
}

/**
 * Leader election over a Lease. Leadership is an optimisation, never a lock: a leader that was suspended may act once
 * more before it notices, so whatever two leaders must not both do has to be a compare-and-swap of its own.
 */
export type Elector = {
  /** Computed from the clock, not remembered: false on time even when the elector itself is held up. */
  readonly leads: () => boolean
  /** Stands for election until `until` is aborted, again after every loss; then ends its term and releases the Lease. */
  readonly run: (until: AbortSignal) => Promise<void>
}

/** How much longer than `retry` a pause of one that does not lead may be (client-go's), so that not all come at once. */
const jitter = 1.2

export function makeElector(ports: ElectorPorts, me: Candidate): Elector {
  const { lease, renewDeadline, retry } = me.durations
  if (!(lease > renewDeadline && renewDeadline > retry && retry > 0)) {
    throw new RangeError('a lease lasts longer than its renew deadline, and that longer than the retry pause')
  }
  const { timers } = ports
  let election: Election = nothingSeen
  let running = false

  /** Not beyond the end of our belief: its end is told when it comes. */
  function pauseMs(): number {
    const at = timers.elapsed()
    if (!leads(election, at)) return retry * (1 + jitter * ports.random())
    return Math.min(retry, (election.leadsUntil ?? at) - at)
  }

  async function run(until: AbortSignal): Promise<void> {
    if (running) throw new TypeError('this elector runs already')
    running = true
    const term = makeTerm(ports)
    while (!until.aborted) {
      election = await tried(ports, me, { election, until })
      await term.tell(leads(election, timers.elapsed()))
      await timers.sleep(pauseMs(), until)
      await term.tell(leads(election, timers.elapsed()))
    }
    election = { ...election, leadsUntil: undefined }
    await term.tell(false)
    await release(ports, me).catch(ports.failed)
    running = false
  }

  return { leads: () => leads(election, timers.elapsed()), run }
}

/** Turns what is true now into the two callbacks, each after the other has ended. */
function makeTerm(ports: ElectorPorts): { readonly tell: (leading: boolean) => Promise<void> } {
  let term: AbortController | undefined
  return {
    tell: async (leading) => {
      if (leading === (term !== undefined)) return
      try {
        if (term === undefined) {
          term = new AbortController()
          ports.started(term.signal)
        } else {
          term.abort()
          term = undefined
          await ports.stopped()
        }
      } catch (error) {
        ports.failed(error)
      }
    },
  }
}

type Standing = { readonly election: Election; readonly until: AbortSignal }

/** One round: a write on what the last write told us, or else a read and a write. A failure lets our belief run out. */
async function tried(ports: ElectorPorts, me: Candidate, { election, until }: Standing): Promise<Election> {
  let known = election
  try {
    if (leads(election, ports.timers.elapsed())) {
      const written = await write(ports, me, { election, until })
      if (written !== 'NotStored') return written
    }
    known = await look(ports, me, { election, until })
    const written = await write(ports, me, { election: known, until })
    return written === 'NotStored' ? known : written
  } catch (error) {
    if (!until.aborted) ports.failed(error)
    return known
  }
}

async function look(ports: ElectorPorts, me: Candidate, { election, until }: Standing): Promise<Election> {
  const found = await ports.objects.get(leases, me, limits(ports, me, { election, until }))
  return looked(election, found === 'NotFound' ? undefined : found.object, ports.timers.elapsed())
}

/** `NotStored`: somebody was faster, or it is not our turn. */
async function write(
  ports: ElectorPorts,
  me: Candidate,
  { election, until }: Standing,
): Promise<Election | 'NotStored'> {
  const sent = ports.timers.elapsed()
  const step = nextStep(election, me, { at: sent, now: ports.timers.now() })
  if (step.do === 'Wait') return 'NotStored'
  const put = step.do === 'Create' ? ports.objects.create : ports.objects.replace
  const stored = await put(leases, step.write, limits(ports, me, { election, until }))
  return typeof stored === 'string' ? 'NotStored' : renewed(stored.object, sent, me)
}

/** A leader's call may not outlast its belief. */
function limits(ports: ElectorPorts, me: Candidate, { election, until }: Standing): CallOptions {
  const at = ports.timers.elapsed()
  const left = leads(election, at) ? (election.leadsUntil ?? at) - at : me.durations.renewDeadline
  return { deadlineMs: left, signal: until }
}

async function release(ports: ElectorPorts, me: Candidate): Promise<void> {
  const { objects, timers } = ports
  const deadlineMs = me.durations.retry
  const found = await objects.get(leases, me, { deadlineMs })
  const lease = found === 'NotFound' ? undefined : released(found.object, me, timers.now())
  if (lease !== undefined) await objects.replace(leases, lease, { deadlineMs })
}
