import { moment } from '../domain/moment.ts'
import { safe } from '../domain/safe-text.ts'
import { fails, holds } from './doctor-finding.ts'
import type { Finding } from './doctor-finding.ts'
import type { DoctorPorts, Known, LeaderLease } from './doctor-ports.ts'

const pauseMs = 500
/** An operator renews its Lease every two seconds, unless it is told otherwise; beyond this nobody waits. */
const longestMs = 60_000
/** A Lease that ends sooner says nothing of how often it is renewed. */
const shortestMs = 5_000

const cure =
  'look at the pods and the log of the operator: kubectl get pods -n countersign-system; requests wait until one leads'

/**
 * Whether an operator leads and lives: it must be seen to renew its Lease. Times that others wrote are not compared with
 * our clock, which may be another.
 */
export async function leaderFinding({ leader, timers }: Pick<DoctorPorts, 'leader' | 'timers'>): Promise<Finding> {
  const first = await leader()
  if ('unreadable' in first) return unreadable(first.unreadable)
  const before = first.value
  if (before?.holder === undefined) return nobody(before)
  const waitMs = Math.min(Math.max(before.durationMs, shortestMs), longestMs)
  const endMs = timers.elapsed() + waitMs
  while (timers.elapsed() < endMs) {
    await timers.sleep(pauseMs)
    const finding = renewed(before, await leader())
    if (finding !== undefined) return finding
  }
  return fails('no operator is alive', {
    cause: `${safe(before.holder)} holds the Lease and has not renewed it for ${Math.round(waitMs / 1000)} s, last ${moment(before.renewTime, timers.now())} by its clock`,
    cure,
  })
}

/** Undefined while nothing has happened. */
function renewed(before: LeaderLease, next: Known<LeaderLease | undefined>): Finding | undefined {
  if ('unreadable' in next) return unreadable(next.unreadable)
  const { holder, renewTime } = next.value ?? {}
  if (holder === undefined || renewTime === before.renewTime) return undefined
  return holds(`operator ${safe(holder)} leads, and was seen to renew its Lease`)
}

function nobody(lease: LeaderLease | undefined): Finding {
  const cause = lease === undefined ? 'there is no Lease countersign-operator' : 'nobody holds the Lease'
  return fails('no operator leads', { cause, cure })
}

function unreadable(cause: string): Finding {
  return fails('whether an operator leads could not be read', {
    cause,
    cure: 'it takes the right to get leases in countersign-system',
  })
}
