import type { ReplicaLease } from '../app/fresh-replicas.ts'
import { parseInstant } from '../domain/instant.ts'
import { readReplica } from '../domain/replica.ts'
import type { Lease } from '../kubernetes/lease.ts'

/** What the Lease of a replica says; undefined when it is none. */
export function readLease({ metadata = {}, spec = {} }: Lease): ReplicaLease | undefined {
  const replica = readReplica(metadata)
  if (replica === undefined) return undefined
  const { renewTime = '', leaseDurationSeconds = 0 } = spec
  return { replica, renewTime: parseInstant(renewTime), durationMs: leaseDurationSeconds * 1000 }
}
