import type { KeyUse } from '../domain/trust.ts'

/**
 * What can be signed. `typ` stands in the protected header and keeps a signature for one purpose from serving another
 * (RFC 8725 section 3.11); `use` is that of the keys which may sign it.
 */
export const purposes = {
  /** A decision. */
  Record: { typ: 'countersign-record+jws', use: 'evidence' },
  /** A vote that came through the gateway. */
  Vote: { typ: 'countersign-vote+jws', use: 'gateway' },
  /** The introduction or dismissal of a key. */
  Key: { typ: 'countersign-key+jws', use: 'evidence' },
} as const satisfies Readonly<Record<string, { readonly typ: string; readonly use: KeyUse }>>

export type Purpose = keyof typeof purposes

/** The one algorithm (RFC 8037). The key decides it, never the header: any other value there is a fault. */
export const algorithm = 'EdDSA'
