import type { DoctorPorts, Known, LeaderLease } from '../app/doctor-ports.ts'
import { failureWords } from '../cli/failure-words.ts'
import { recordsNamespace as namespace } from '../config.ts'
import type { ApprovalChannel } from '../domain/kinds.ts'
import { approvalChannels, approverGroups } from '../kubernetes/kinds.ts'
import { leases } from '../kubernetes/lease.ts'
import type { Lease } from '../kubernetes/lease.ts'
import { makeObjects } from '../kubernetes/objects.ts'
import { makeReflector, reflectorLimits } from '../kubernetes/reflector.ts'
import type { Timers } from '../kubernetes/timers.ts'
import type { Transport } from '../kubernetes/transport.ts'
import { leaderLeaseName } from './leadership.ts'

type ClusterPorts = {
  readonly transport: Transport
  readonly timers: Timers
  readonly random: () => number
}

export type DoctorCluster = Pick<DoctorPorts, 'channels' | 'groups' | 'leader' | 'follow'> & {
  /** Resolves when nothing is followed any more. */
  readonly stop: () => Promise<void>
}

/** What the doctor reads of the cluster, as the person of the transport. It writes nothing. */
export function makeDoctorCluster(ports: ClusterPorts): DoctorCluster {
  const objects = makeObjects({ transport: ports.transport, fieldManager: 'countersign-doctor' })
  const ends: (() => Promise<void>)[] = []
  return {
    channels: () => known(objects.list(approvalChannels, {}).then(({ items }) => items)),
    groups: () => known(objects.list(approverGroups, {}).then(({ items }) => items)),
    leader: () =>
      known(
        objects
          .get(leases, { namespace, name: leaderLeaseName })
          .then((found) => (found === 'NotFound' ? undefined : leaderOf(found.object))),
      ),
    follow: (tell, until) => follow(ports, { tell, until, ends }),
    stop: async () => {
      await Promise.all(ends.map((end) => end()))
    },
  }
}

function leaderOf({ spec = {} }: Lease): LeaderLease {
  const { holderIdentity: holder = '', renewTime = '', leaseDurationSeconds = 0 } = spec
  return { holder: holder === '' ? undefined : holder, renewTime, durationMs: leaseDurationSeconds * 1000 }
}

async function known<T>(read: Promise<T>): Promise<Known<T>> {
  return read.then(
    (value) => ({ value }),
    (error: unknown) => ({ unreadable: wordsOf(error) }),
  )
}

/** The hints of the other commands are about voting. */
function wordsOf(error: unknown): string {
  return failureWords(error).split('\n')[0] ?? ''
}

type Following = {
  readonly tell: (seen: Known<ApprovalChannel>) => void
  readonly until: AbortSignal
  readonly ends: (() => Promise<void>)[]
}

function follow(ports: ClusterPorts, { tell, until, ends }: Following): Promise<Known<true>> {
  return new Promise((resolve) => {
    const failed = (error: unknown): void => {
      const unreadable = wordsOf(error)
      tell({ unreadable })
      resolve({ unreadable })
    }
    const reflector = makeReflector<ApprovalChannel, ApprovalChannel>(
      {
        ...ports,
        handle: ({ type, object }) => (type === 'Deleted' ? undefined : tell({ value: object })),
        handleFailed: failed,
        failed,
        limits: reflectorLimits,
      },
      { resource: approvalChannels, trim: (object) => object },
    )
    ends.push(reflector.stop)
    until.addEventListener('abort', () => void reflector.stop())
    reflector.start()
    void reflector.untilSynced(until).then(() => resolve({ value: true }))
  })
}
