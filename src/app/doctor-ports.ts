import type { Instant } from '../domain/instant.ts'
import type { ApprovalChannel, ApproverGroup } from '../domain/kinds.ts'
import type { LookAtHost } from './host-sight.ts'
import type { Http } from './http.ts'

/** What was read in the cluster, or why it could not be; the words are safe to be shown. */
export type Known<T> = { readonly value: T } | { readonly unreadable: string }

/** The Lease by which one of several operators leads. */
export type LeaderLease = {
  /** Undefined when nobody holds it. */
  readonly holder: string | undefined
  /** As the holder wrote it. Another value is another renewal; what time it names is of no account. */
  readonly renewTime: string
  /** For how long the others wait for a renewal. */
  readonly durationMs: number
}

/** What the doctor looks at, as the person who asks. Nothing is written anywhere. Never rejects. */
export type DoctorPorts = {
  readonly channels: () => Promise<Known<readonly ApprovalChannel[]>>
  readonly groups: () => Promise<Known<readonly ApproverGroup[]>>
  /** `undefined`: there is none. */
  readonly leader: () => Promise<Known<LeaderLease | undefined>>
  /**
   * Tells each version of each channel, in order, until the signal is aborted, and each failure to learn of them. Resolves
   * when all that are there were told, or with the first failure before.
   */
  readonly follow: (tell: (seen: Known<ApprovalChannel>) => void, until: AbortSignal) => Promise<Known<true>>
  readonly http: Http
  readonly lookAtHost: LookAtHost
  readonly timers: DoctorTimers
}

export type DoctorTimers = {
  readonly now: () => Instant
  /** Milliseconds on a clock that nobody sets. */
  readonly elapsed: () => number
  /** Resolves after so many milliseconds, or when the signal is aborted. Never rejects. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}
