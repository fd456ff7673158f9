import type { Instant } from '../domain/instant.ts'
import type { PinFault, Trust, TrustedKey, TrustReading } from '../domain/trust.ts'
import type { KeyUse } from '../domain/trust.ts'
import type { Ring, RingKey, RingName } from './key-ring.ts'
import type { SecretData } from './secret-store.ts'

/**
 * Why a ring cannot be read: no key is named as the current one, or one that is not there; the name of a key cannot be
 * one; a key is none of its kind; a key is not the one that its name says; the times of the keys cannot be read.
 */
export type RingFault = {
  readonly fault: 'NoCurrent' | 'UnknownCurrent' | 'BadName' | 'BadKey' | 'OtherKey' | 'BadTimes'
  /** The entry of the Secret, never its value. */
  readonly entry: string
}

/** Why a published set cannot be read. */
export type TrustSetFault = {
  readonly fault: 'TooLarge' | 'NotJson' | 'NoKeySet' | 'BadKey' | 'PrivateKey' | 'TwoKeys'
}

/** What a statement about a key says: `by` vouches for it, or says that nothing signed with it counts any more. */
export type Statement = {
  readonly key: TrustedKey
  readonly by: RingKey
  readonly time: Instant
}

/** All that the keeping of keys needs of cryptography and of the forms in which keys are stored. */
export type KeyCraft = {
  readonly generate: (name: RingName, createdTime: Instant) => RingKey
  readonly readRing: (name: RingName, data: SecretData) => Ring | RingFault
  readonly ringData: (name: RingName, ring: Ring) => SecretData
  /** The public half, without any statement. */
  readonly publicHalf: (key: RingKey, use: KeyUse) => TrustedKey
  readonly introduce: (statement: Statement) => Promise<TrustedKey>
  readonly dismiss: (statement: Statement) => Promise<TrustedKey>
  /** `own`: what is trusted until now; undefined in the first reading. */
  readonly readTrust: (own: Trust | undefined, data: SecretData) => Promise<TrustReading | PinFault | TrustSetFault>
  readonly trustData: (trust: Trust) => SecretData
}
