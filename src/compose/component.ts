import type { Gauges, Measure } from '../app/fact.ts'
import type { Log } from '../app/log.ts'
import type { Config } from '../config.ts'
import type { Instant } from '../domain/instant.ts'
import type { Objects } from '../kubernetes/objects.ts'
import type { Timers } from '../kubernetes/timers.ts'
import type { Transport } from '../kubernetes/transport.ts'

/** What every component is built from. `transport` and `objects` act as the component's own service account. */
export type Surroundings = {
  readonly config: Config
  readonly timers: Timers
  /** The later of our own clock and the API server's, as it was heard last. */
  readonly now: () => Instant
  /** The earlier of the two: for what must not end too soon. */
  readonly earliest: () => Instant
  readonly random: () => number
  readonly transport: Transport
  readonly objects: Objects
  readonly log: Log
  readonly measure: Measure
  /** Of this process and no other one ever. A DNS label. */
  readonly instance: string
  readonly version: string
}

/** One check of readiness. `detail` says what is missing. */
export type ReadyCheck = { readonly name: string; readonly ok: boolean; readonly detail?: string }

/** A part of the process with a life of its own. */
export type Component = {
  /** Resolves when it runs; rejects when it cannot. It may be unready for long after. */
  readonly start: () => Promise<void>
  readonly checks: () => readonly ReadyCheck[]
  readonly gauges: Gauges
  /** Ends gently: nobody who waits on it is cut off. Resolves when nothing of it runs any more. */
  readonly stop: () => Promise<void>
}
