import { recordsNamespace } from '../config.ts'
import { replicaMetadata } from '../domain/replica.ts'
import { leases } from '../kubernetes/lease.ts'
import { keepReplicaLease } from '../kubernetes/replica-lease.ts'
import type { Surroundings } from './component.ts'
import type { HeldKeys } from './held-keys.ts'

/**
 * The Lease by which this replica says that it is ready, and which keys it knows: a new key is used once all replicas
 * know it. At the end it is taken away, so that nobody waits for what a replica knew that is gone.
 */
export function makeOperatorLease(
  around: Surroundings,
  keys: Pick<HeldKeys, 'checks' | 'keyIDs'>,
): { readonly start: () => void; readonly stop: () => Promise<void> } {
  const { objects, instance, version, log } = around
  const name = `countersign-operator-${instance}`
  const end = new AbortController()
  let running: Promise<void> | undefined

  const says = (): ReturnType<typeof replicaMetadata> | undefined =>
    keys.checks().every(({ ok }) => ok)
      ? replicaMetadata({ component: 'operator', version, keyIDs: keys.keyIDs(), servedCertificate: undefined })
      : undefined
  const failed = (error: unknown): void => {
    log.warn('LeaseNotKept', { cause: error instanceof Error ? error.message : '' })
  }

  return {
    start: () => {
      running ??= keepReplicaLease(
        { ...around, says, failed },
        { namespace: recordsNamespace, name, instance },
        end.signal,
      )
    },
    stop: async () => {
      end.abort()
      await running
      if (running === undefined) return
      await objects.remove(leases, { namespace: recordsNamespace, name, preconditions: {} }).catch(failed)
    },
  }
}
