import { createHash, X509Certificate } from 'node:crypto'
import type { Authority } from '../app/certificates.ts'
import type { Instant } from '../domain/instant.ts'

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** All certificates of a PEM text, in order; undefined when one of them cannot be read. */
export function authoritiesIn(text: string): readonly Authority[] | undefined {
  const blocks = text.match(block) ?? []
  const read = blocks.flatMap((pem) => certificateIn(pem) ?? [])
  return read.length < blocks.length ? undefined : read.map(authorityOf)
}

/** The first certificate of a PEM text; undefined when there is none that can be read. */
export function certificateIn(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}

function authorityOf(certificate: X509Certificate): Authority {
  return {
    certificate: certificate.toString(),
    fingerprint: fingerprintOf(certificate),
    notAfter: instantOf(certificate.validTo),
  }
}

/** `sha256:` and 64 hexadecimal digits. */
export function fingerprintOf(certificate: X509Certificate): string {
  return `sha256:${createHash('sha256').update(certificate.raw).digest('hex')}`
}

/** Certificates say their times in whole seconds, and Node in words: `Mar  1 10:20:00 2026 GMT`. */
export function instantOf(words: string): Instant {
  return Date.parse(words)
}
