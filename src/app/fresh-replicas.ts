import { isDeepStrictEqual } from 'node:util'
import type { Instant } from '../domain/instant.ts'
import type { Replica } from '../domain/replica.ts'

/** A Lease by which a replica says that it is ready. */
export type ReplicaLease = {
  readonly replica: Replica
  /** As the replica's own clock has it. */
  readonly renewTime: Instant | undefined
  readonly durationMs: number
}

type Clocks = {
  readonly now: () => Instant
  /** Milliseconds on a clock that nobody sets. */
  readonly elapsed: () => number
}

/** The replicas that are ready, by our own observation. */
export type FreshReplicas = {
  /** Takes in a Lease as it is now. True when that changes what is known of the replicas. */
  readonly seen: (key: string, lease: ReplicaLease) => boolean
  readonly gone: (key: string) => void
  readonly fresh: () => readonly Replica[]
  /** Keys of Leases that were not renewed for so many milliseconds of ours. */
  readonly silentFor: (ms: number) => readonly string[]
}

type Entry = ReplicaLease & { readonly seenAt: number; readonly freshUntil: number }

/**
 * A Lease is fresh for as long as it says, from when we saw it renewed. One that we see for the first time may be old:
 * then the time in it counts, and where that is no good, the next renewal.
 */
export function makeFreshReplicas({ now, elapsed }: Clocks): FreshReplicas {
  const entries = new Map<string, Entry>()
  const isFresh = ({ freshUntil }: Entry): boolean => elapsed() < freshUntil

  function firstUntil({ renewTime, durationMs }: ReplicaLease): number {
    const ageMs = renewTime === undefined ? durationMs : Math.max(0, now() - renewTime)
    return elapsed() + durationMs - ageMs
  }

  return {
    seen: (key, lease) => {
      const before = entries.get(key)
      if (before?.renewTime === lease.renewTime && isDeepStrictEqual(before?.replica, lease.replica)) return false
      const freshUntil = before === undefined ? firstUntil(lease) : elapsed() + lease.durationMs
      entries.set(key, { ...lease, seenAt: elapsed(), freshUntil })
      return before === undefined || !isFresh(before) || !isDeepStrictEqual(before.replica, lease.replica)
    },
    gone: (key) => {
      entries.delete(key)
    },
    silentFor: (ms) => [...entries].filter(([, { seenAt }]) => elapsed() - seenAt >= ms).map(([key]) => key),
    fresh: () => [...entries.values()].filter(isFresh).map(({ replica }) => replica),
  }
}
