import { recordsNamespace } from '../config.ts'
import { leases } from '../kubernetes/lease.ts'
import { doEach } from './do-each.ts'
import type { Surroundings } from './component.ts'
import type { Keep } from './keeper.ts'
import type { KeeperWatches } from './keeper-watches.ts'

type LeasesPorts = {
  readonly around: {
    readonly objects: Pick<Surroundings['objects'], 'remove'>
    readonly log: Pick<Surroundings['log'], 'info'>
  }
  readonly watches: { readonly replicas: Pick<KeeperWatches['replicas'], 'silentFor'> }
}

/** After so long a replica does not come back under its name. One that does makes its Lease anew. */
const silentMs = 3_600_000

/** Takes away the Leases of replicas that ended without doing so: every start has a name of its own. */
export function makeLeasesKeep({ around, watches }: LeasesPorts): Keep {
  return async (signal) => {
    await doEach(watches.replicas.silentFor(silentMs), async (key) => {
      const name = key.slice(`${recordsNamespace}/`.length)
      const target = { namespace: recordsNamespace, name, preconditions: {} }
      await around.objects.remove(leases, target, { signal })
      around.log.info('LeaseRemoved', { lease: name })
    })
    return undefined
  }
}
