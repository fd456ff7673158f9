import type { Instant } from '../domain/instant.ts'
import type { KubernetesObject, Resource } from './resource.ts'

export type LeaseSpec = {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  /** RFC 3339 with six decimals: MicroTime. */
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

/** coordination.k8s.io/v1. */
export type Lease = KubernetesObject & { readonly spec?: LeaseSpec }

export const leases: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
  exact: false,
}

/** Milliseconds; `lease` > `renewDeadline` > `retry`. */
export type LeaseDurations = {
  /** How long the others wait, after they last saw the holder renew, before one of them takes over. */
  readonly lease: number
  /** How long the holder believes in itself after the last renewal that succeeded. */
  readonly renewDeadline: number
  /** Pause between two tries. */
  readonly retry: number
}

/** What controller-runtime and client-go's components use. */
export const leaseDurations: LeaseDurations = { lease: 15_000, renewDeadline: 10_000, retry: 2_000 }

export type Candidate = {
  readonly namespace: string
  /** Of the Lease. */
  readonly name: string
  /** Of this process, and of no other one ever: two that share it would both lead. */
  readonly identity: string
  readonly durations: LeaseDurations
}

/** Milliseconds on the monotonic clock of this process. Means nothing to any other. */
export type Moment = number

/** What one candidate knows. All times are its own: what others wrote as a time is shown to people, never compared. */
export type Election = {
  /** The Lease as last seen, and when this very version was first seen. */
  readonly seen: { readonly lease: Lease; readonly since: Moment } | undefined
  /** Until when this candidate may believe that it leads. */
  readonly leadsUntil: Moment | undefined
}

export const nothingSeen: Election = { seen: undefined, leadsUntil: undefined }

/** `write` is the Lease to create, or to replace by compare-and-swap on its resourceVersion. */
export type LeaseStep = { readonly do: 'Create' | 'Replace'; readonly write: Lease } | { readonly do: 'Wait' }

/** A read of the Lease was answered at `at`, undefined when there is none. */
export function looked(election: Election, lease: Lease | undefined, at: Moment): Election {
  if (lease === undefined) return { ...election, seen: undefined }
  const known = election.seen !== undefined && sameVersion(election.seen.lease, lease)
  return { ...election, seen: { lease, since: known ? election.seen.since : at } }
}

/** Our write of the Lease, sent at `sent`, succeeded; `lease` is what is stored now. */
export function renewed(lease: Lease, sent: Moment, me: Candidate): Election {
  return { seen: { lease, since: sent }, leadsUntil: sent + me.durations.renewDeadline }
}

/**
 * What to do next: hold or take the Lease when it is ours, free, or was not renewed for as long as it says, by our own
 * clock since we first saw it so (client-go, tools/leaderelection). `now` is written down for people.
 */
export function nextStep(
  election: Election,
  me: Candidate,
  time: { readonly at: Moment; readonly now: Instant },
): LeaseStep {
  const { seen } = election
  const metadata = { namespace: me.namespace, name: me.name }
  if (seen === undefined) return { do: 'Create', write: { metadata, spec: taken(undefined, me, time.now) } }
  const holder = seen.lease.spec?.holderIdentity ?? ''
  const { metadata: kept = metadata, spec } = seen.lease
  if (holder === me.identity) return { do: 'Replace', write: { metadata: kept, spec: held(spec, me, time.now) } }
  if (holder !== '' && time.at < seen.since + durationOf(spec, me)) return { do: 'Wait' }
  return { do: 'Replace', write: { metadata: kept, spec: taken(spec, me, time.now) } }
}

/** Whether this candidate may act as the leader at `at`. */
export function leads(election: Election, at: Moment): boolean {
  return election.leadsUntil !== undefined && at < election.leadsUntil
}

/** The Lease given up, so that the others need not wait; undefined when it is not ours. */
export function released(lease: Lease, me: Candidate, now: Instant): Lease | undefined {
  if (lease.spec?.holderIdentity !== me.identity) return undefined
  return { ...lease, spec: { ...held(lease.spec, me, now), holderIdentity: '', leaseDurationSeconds: 1 } }
}

function taken(before: LeaseSpec | undefined, me: Candidate, now: Instant): LeaseSpec {
  const time = microTime(now)
  const transitions = before === undefined ? 0 : (before.leaseTransitions ?? 0) + 1
  return { ...ours(me), acquireTime: time, renewTime: time, leaseTransitions: transitions }
}

/** A renewal must differ from the one before even where the wall clock stands still, else the others see none. */
function held(before: LeaseSpec | undefined, me: Candidate, now: Instant): LeaseSpec {
  const time = microTime(now)
  const renewTime = time === before?.renewTime ? microTime(now + 1) : time
  return { ...before, ...ours(me), renewTime }
}

function ours(me: Candidate): Pick<LeaseSpec, 'holderIdentity' | 'leaseDurationSeconds'> {
  return { holderIdentity: me.identity, leaseDurationSeconds: Math.ceil(me.durations.lease / 1000) }
}

function durationOf(spec: LeaseSpec | undefined, me: Candidate): number {
  return spec?.leaseDurationSeconds === undefined ? me.durations.lease : spec.leaseDurationSeconds * 1000
}

function sameVersion(one: Lease, other: Lease): boolean {
  const [a, b] = [one.metadata, other.metadata]
  return a?.resourceVersion !== undefined && a.resourceVersion === b?.resourceVersion && a.uid === b.uid
}

function microTime(now: Instant): string {
  return new Date(now).toISOString().replace('Z', '000Z')
}
