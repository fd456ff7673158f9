import type { Instant } from '../domain/instant.ts'
import { leases } from './lease.ts'
import type { Lease } from './lease.ts'
import type { Objects } from './objects.ts'
import type { Timers } from './timers.ts'

/** The Lease by which a replica says that it is ready, and what it knows. */
export type ReplicaLeasePorts = {
  readonly objects: Pick<Objects, 'get' | 'create' | 'replace'>
  readonly timers: Timers
  readonly now: () => Instant
  readonly failed: (error: unknown) => void
  /** Labels and annotations; undefined while the replica is not ready: the Lease is then left to lapse. */
  readonly says: () => Saying | undefined
}

type Saying = Pick<NonNullable<Lease['metadata']>, 'labels' | 'annotations'>

type Replica = { readonly namespace: string; readonly name: string; readonly instance: string }

/** How long a Lease counts after it was renewed, and how often it is. */
const leaseSeconds = 15
const renewMs = 5_000
/** While there is nothing to say yet, and after a failure. */
const retryMs = 500

/** Keeps the Lease until `until` is aborted. Nobody else writes it: its name is that of this instance. */
export async function keepReplicaLease(ports: ReplicaLeasePorts, replica: Replica, until: AbortSignal): Promise<void> {
  let told = ''
  let renewed = Number.NEGATIVE_INFINITY
  while (!until.aborted) {
    const says = ports.says()
    const due = JSON.stringify(says) !== told || ports.timers.elapsed() - renewed >= renewMs
    if (says !== undefined && due) {
      const stored = await write(ports, replica, { says, until }).catch((error: unknown) => {
        if (!until.aborted) ports.failed(error)
      })
      if (stored === true) {
        told = JSON.stringify(says)
        renewed = ports.timers.elapsed()
      }
    }
    await ports.timers.sleep(retryMs, until)
  }
}

async function write(
  { objects, now }: ReplicaLeasePorts,
  { namespace, name, instance }: Replica,
  { says, until: signal }: { readonly says: Saying; readonly until: AbortSignal },
): Promise<boolean> {
  const renewTime = new Date(now()).toISOString().replace('Z', '000Z')
  const spec = { holderIdentity: instance, leaseDurationSeconds: leaseSeconds, renewTime }
  const found = await objects.get(leases, { namespace, name }, { signal })
  if (found === 'NotFound') {
    return (
      typeof (await objects.create(leases, { metadata: { namespace, name, ...says }, spec }, { signal })) !== 'string'
    )
  }
  const metadata = { ...found.object.metadata, ...says }
  return typeof (await objects.replace(leases, { ...found.object, metadata, spec }, { signal })) !== 'string'
}
