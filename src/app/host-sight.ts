import type { Instant } from '../domain/instant.ts'

export type HostAsked = {
  readonly host: string
  readonly port: number
  /** For the name and for the connection, each. */
  readonly deadlineMs: number
}

/** A certificate as the host shows it, whether it holds or not. */
export type ShownCertificate = {
  /** Why it does not hold for this name here, by OpenSSL's code or Node's; undefined when it does. */
  readonly fault: string | undefined
  /** The names that it is for, as it says itself. */
  readonly names: string
  /** Who signed it, as it says itself. */
  readonly issuer: string
  readonly notAfter: Instant | undefined
}

/**
 * What of a host is seen from here. `noName`: the code of the resolver. `noTLS`: there is a name, and behind it nobody who
 * answers in time, or in TLS.
 */
export type HostSight =
  | { readonly noName: string }
  | { readonly addresses: readonly string[]; readonly noTLS: 'NotReached' | 'NotSpoken' | 'Timeout' }
  | { readonly addresses: readonly string[]; readonly certificate: ShownCertificate }

/** Resolves the name and shakes hands; says nothing of ours. Never rejects. */
export type LookAtHost = (asked: HostAsked) => Promise<HostSight>
