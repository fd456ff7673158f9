import type { Change } from '../kubernetes/change.ts'
import { makeReflector, reflectorLimits } from '../kubernetes/reflector.ts'
import type { Interest, Reflector } from '../kubernetes/reflector.ts'
import type { KubernetesObject } from '../kubernetes/resource.ts'
import type { ReadyCheck, Surroundings } from './component.ts'
import { watchFailed } from './watch-failed.ts'

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

/** `decidesBy`: names of those watches by which votes are judged; a check of one fails also when it is silent too long. */
export function makeWatchSet(around: Surroundings, decidesBy: readonly string[] = []): WatchSet {
  const { transport, timers, random, config } = around
  const all = new Map<string, Pick<Reflector<unknown>, 'start' | 'stop' | 'synced' | 'silentMs'>>()

  return {
    watch: (name, interest, handle) => {
      const failed = watchFailed(around, name)
      const ports = { transport, timers, random, handle, handleFailed: failed, failed, limits: reflectorLimits }
      const made = makeReflector(ports, interest)
      all.set(name, made)
      return made
    },
    synced: (names = [...all.keys()]) => names.every((name) => all.get(name)?.synced() === true),
    checks: () =>
      [...all].map(([name, one]) => watchCheck(name, one, decidesBy.includes(name) ? staleMsOf(config) : undefined)),
    silentSeconds: () => Object.fromEntries([...all].map(([name, one]) => [name, one.silentMs() / 1000])),
    start: () => {
      for (const one of all.values()) one.start()
    },
    stop: async () => {
      await Promise.all([...all.values()].map((one) => one.stop()))
    },
  }
}

/** After so long without a sign of the API server nothing is decided by what is known. */
export function staleMsOf({ operator }: Pick<Surroundings['config'], 'operator'>): number {
  return operator.staleSeconds * 1000
}

/** Was it read, and, where `staleMs` is given, heard of since then? */
export function watchCheck(
  name: string,
  { synced, silentMs }: Pick<Reflector<unknown>, 'synced' | 'silentMs'>,
  staleMs = Number.POSITIVE_INFINITY,
): ReadyCheck {
  const silent = silentMs()
  const detail = synced() ? `nothing was heard for ${Math.round(silent / 1000)} s` : 'not read yet'
  return { name: `watch-${name}`, ok: synced() && silent <= staleMs, detail }
}
