import type { KeyObject } from 'node:crypto'
import type { Instant } from '../domain/instant.ts'
import type { SecretData } from './secret-store.ts'

/** The Secret from which the webhook serves. */
export const tlsSecret = 'countersign-tls'

/** The certificate of an authority. `certificate` is PEM, `fingerprint` is `sha256:` and the hash of its DER form. */
export type Authority = { readonly certificate: string; readonly fingerprint: string; readonly notAfter: Instant }

/** A server's certificate with its private key, a KeyObject, which shows nothing of itself when it is printed. */
export type ServingPair = {
  readonly certificate: string
  readonly key: KeyObject
  readonly fingerprint: string
  readonly notBefore: Instant
  readonly notAfter: Instant
  /** Fingerprint of its authority; undefined when that is not among those kept. */
  readonly authority: string | undefined
  /** It is for all names under which the server is called. */
  readonly fits: boolean
}

/** What is stored. */
export type Certificates = {
  /** The pair that is served. */
  readonly leaf: ServingPair | undefined
  /** The pair that will take its place once its authority is known everywhere. */
  readonly next: ServingPair | undefined
  /** Whoever calls the webhook is to trust all of these. */
  readonly authorities: readonly Authority[]
  /** Since when the authority of `next` is among those that callers are told to trust. */
  readonly publishedTime: Instant | undefined
  /** When `leaf` took the place of another one. */
  readonly switchedTime: Instant | undefined
}

export const noCertificates: Certificates = {
  leaf: undefined,
  next: undefined,
  authorities: [],
  publishedTime: undefined,
  switchedTime: undefined,
}

/** Why the Secret cannot be read: an entry is no certificate, no key, the key of another certificate, or has no times in it. */
export type CertificateFault = {
  readonly fault: 'BadCertificate' | 'BadKey' | 'OtherKey' | 'BadTimes'
  /** The entry of the Secret, never its value. */
  readonly entry: string
}

/** All that the keeping of certificates needs of X.509 and of the form in which they are stored. */
export type CertificateCraft = {
  readonly issue: (order: {
    readonly names: readonly string[]
    readonly notBefore: Instant
    readonly notAfter: Instant
  }) => Promise<{ readonly pair: ServingPair; readonly authority: Authority }>
  /** `names`: those under which the server is called. */
  readonly read: (data: SecretData, names: readonly string[]) => Certificates | CertificateFault
  readonly data: (certificates: Certificates) => SecretData
  /** The authorities as `clientConfig.caBundle` of a webhook configuration: PEM, in base64. */
  readonly bundle: (authorities: readonly Authority[]) => string
  /** Fingerprints of the authorities in such a bundle; of what is none, those that can be read. */
  readonly fingerprints: (bundle: string) => readonly string[]
}
