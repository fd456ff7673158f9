import * as fc from 'fast-check'
import { leads, leaseDurations, looked, nextStep, nothingSeen, released, renewed } from '../../src/kubernetes/lease.ts'
import type { Candidate, Election, Lease, LeaseStep } from '../../src/kubernetes/lease.ts'

/** How the clocks of a process go: `elapsed` from `base` at `rate`; the wall clock off by `wallOffset`, or standing still. */
export type Clocks = {
  readonly base: number
  readonly rate: number
  readonly wallOffset: number
  readonly frozen: boolean
}

/** After `wait` ms of real time, one process goes one stage on. `lost`: it does not get its answer. */
export type Move = { readonly who: number; readonly wait: number; readonly lost: boolean; readonly release: boolean }

/** The call that a process has under way. */
type CallUnderWay =
  | { readonly is: 'Looked'; readonly lease: Lease | undefined }
  | { readonly is: 'Sent'; readonly step: LeaseStep; readonly sent: number; readonly release: boolean }
  | { readonly is: 'Stored'; readonly lease: Lease; readonly sent: number; readonly release: boolean }

type Process = {
  readonly me: Candidate
  readonly elapsed: (real: number) => number
  readonly wall: (real: number) => number
  election: Election
  call: CallUnderWay | undefined
}

/** Plays the moves against one Lease; gives who believed to lead after each of them. */
export function play(clocks: readonly Clocks[], moves: readonly Move[]): readonly (readonly string[])[] {
  const store = makeStore()
  const processes = clocks.map((one, index) => makeProcess(one, `candidate-${index}`))
  let real = 0
  return moves.map((made) => {
    real += made.wait
    const process = processes[made.who % processes.length]
    if (process !== undefined) moveOn(store, process, { ...made, real })
    return processes.filter((one) => leads(one.election, one.elapsed(real))).map((one) => one.me.identity)
  })
}

export const anyClocks: fc.Arbitrary<Clocks> = fc.record({
  base: fc.integer({ min: 0, max: 10 ** 9 }),
  rate: fc.double({ min: 0.85, max: 1.15, noNaN: true }),
  wallOffset: fc.integer({ min: -(10 ** 8), max: 10 ** 8 }),
  frozen: fc.boolean(),
})

export const anyMove: fc.Arbitrary<Move> = fc.record({
  who: fc.nat({ max: 2 }),
  wait: fc.oneof(
    { weight: 12, arbitrary: fc.nat({ max: 600 }) },
    { weight: 3, arbitrary: fc.nat({ max: 12_000 }) },
    { weight: 1, arbitrary: fc.nat({ max: 40_000 }) },
  ),
  lost: fc.boolean(),
  release: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
})

type Store = { readonly get: () => Lease | undefined; readonly put: (step: LeaseStep) => Lease | undefined }

/** The API server: compare-and-swap, and no new version for a write that changes nothing. */
function makeStore(): Store {
  let lease: Lease | undefined
  let version = 0
  const fits = (step: LeaseStep): boolean => {
    if (step.do === 'Create') return lease === undefined
    return step.do === 'Replace' && lease?.metadata?.resourceVersion === step.write.metadata?.resourceVersion
  }
  return {
    get: () => lease,
    put: (step) => {
      if (step.do === 'Wait' || !fits(step)) return undefined
      if (JSON.stringify(lease?.spec) !== JSON.stringify(step.write.spec)) version += 1
      lease = { ...step.write, metadata: { ...step.write.metadata, uid: 'u', resourceVersion: String(version) } }
      return lease
    },
  }
}

function makeProcess(clocks: Clocks, identity: string): Process {
  const start = Date.UTC(2030, 0, 1) + clocks.wallOffset
  return {
    me: { namespace: 'ns', name: 'operator', identity, durations: leaseDurations },
    elapsed: (real) => clocks.base + real * clocks.rate,
    wall: (real) => start + (clocks.frozen ? 0 : Math.round(real * clocks.rate)),
    election: nothingSeen,
    call: undefined,
  }
}

type Made = Move & { readonly real: number }

/** Looks, decides and sends, is served, learns: whatever time passes between two of these is a pause. */
function moveOn(store: Store, process: Process, made: Made): void {
  const { call } = process
  if (call === undefined) begin(store, process, made)
  else if (call.is === 'Looked') {
    process.election = looked(process.election, call.lease, process.elapsed(made.real))
    send(process, { ...made, release: false })
  } else if (call.is === 'Sent') serve(store, process, call)
  else {
    if (!made.lost && !call.release) process.election = renewed(call.lease, call.sent, process.me)
    process.call = undefined
  }
}

/** A leader writes on what it knows, or gives up; anyone else looks first. */
function begin(store: Store, process: Process, made: Made): void {
  if (!leads(process.election, process.elapsed(made.real))) {
    process.call = { is: 'Looked', lease: store.get() }
    return
  }
  if (made.release) process.election = { ...process.election, leadsUntil: undefined }
  send(process, made)
}

function send(process: Process, { real, release }: Made): void {
  const time = { at: process.elapsed(real), now: process.wall(real) }
  const own = process.election.seen?.lease
  const given = release && own !== undefined ? released(own, process.me, time.now) : undefined
  const step: LeaseStep =
    given === undefined ? nextStep(process.election, process.me, time) : { do: 'Replace', write: given }
  process.call = step.do === 'Wait' ? undefined : { is: 'Sent', step, sent: time.at, release: given !== undefined }
}

/** A write that was not stored is followed by a look, as in the elector. */
function serve(store: Store, process: Process, { step, sent, release }: CallUnderWay & { readonly is: 'Sent' }): void {
  const lease = store.put(step)
  process.call = lease === undefined ? { is: 'Looked', lease: store.get() } : { is: 'Stored', lease, sent, release }
}
