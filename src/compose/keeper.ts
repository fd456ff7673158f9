import type { AlarmBell } from '../app/alarm-bell.ts'
import type { Surroundings } from './component.ts'
import type { Wake } from './keeper-names.ts'
import type { KeeperWatches } from './keeper-watches.ts'

/** What every keeper is built from. */
export type KeeperPorts = {
  readonly around: Surroundings
  readonly watches: KeeperWatches
  readonly bell: AlarmBell
  readonly wake: Wake
}

/**
 * Brings one thing to where it should be. Resolves to the milliseconds after which time alone may have changed something,
 * undefined when it does not. Rejects when the API server gives no usable answer, and is called again.
 */
export type Keep = (signal: AbortSignal) => Promise<number | undefined>

/** Somebody else wrote at the same time: the watch will soon tell what. */
export const conflictMs = 50
