import type { Change } from '../kubernetes/change.ts'
import { makeReflector, reflectorLimits } from '../kubernetes/reflector.ts'
import type { Interest, Reflector } from '../kubernetes/reflector.ts'
import type { KubernetesObject } from '../kubernetes/resource.ts'
import type { ReadyCheck, Surroundings } from './component.ts'

/** Watches that begin and end together. */
export type WatchSet = {
  /** `name` stands in checks, metrics and log lines. */
  readonly watch: <K extends KubernetesObject, T>(
    name: string,
    interest: Interest<K, T>,
    handle: (change: Change<T>) => void,
  ) => Reflector<T>
  /** Were these read at least once, or, without names, all? */
  readonly synced: (names?: readonly string[]) => boolean
  readonly checks: () => readonly ReadyCheck[]
  readonly silentSeconds: () => Readonly<Record<string, number>>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

export function makeWatchSet({ transport, timers, random, log, measure }: Surroundings): WatchSet {
  const all = new Map<string, Pick<Reflector<unknown>, 'start' | 'stop' | 'synced' | 'silentMs'>>()

  return {
    watch: (name, interest, handle) => {
      const failed = (error: unknown): void => {
        measure({ fact: 'WatchFailed', resource: name })
        log.warn('WatchFailed', { resource: name, cause: error instanceof Error ? error.message : '' })
      }
      const ports = { transport, timers, random, handle, handleFailed: failed, failed, limits: reflectorLimits }
      const made = makeReflector(ports, interest)
      all.set(name, made)
      return made
    },
    synced: (names = [...all.keys()]) => names.every((name) => all.get(name)?.synced() === true),
    checks: () => [...all].map(([name, one]) => ({ name: `watch-${name}`, ok: one.synced(), detail: 'not read yet' })),
    silentSeconds: () => Object.fromEntries([...all].map(([name, one]) => [name, one.silentMs() / 1000])),
    start: () => {
      for (const one of all.values()) one.start()
    },
    stop: async () => {
      await Promise.all([...all.values()].map((one) => one.stop()))
    },
  }
}
