import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import type { Authority, CertificateFault, Certificates, ServingPair } from '../app/certificates.ts'
import type { SecretData } from '../app/secret-store.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import { textAt } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'
import { authoritiesIn, certificateIn, fingerprintOf, instantOf } from './pem.ts'

/** Entries of the Secret: the served pair as in a Secret of type kubernetes.io/tls, all authorities, and the pair to come. */
const entries = {
  leaf: { certificate: 'tls.crt', key: 'tls.key' },
  next: { certificate: 'next.crt', key: 'next.key' },
  authorities: 'ca.crt',
  times: 'times.json',
} as const

/** What is stored in the Secret. An entry without value counts as absent. `names`: those that a certificate is to have. */
export function readCertificates(data: SecretData, names: readonly string[]): Certificates | CertificateFault {
  const authorities = authoritiesIn(textIn(data, entries.authorities))
  if (authorities === undefined) return { fault: 'BadCertificate', entry: entries.authorities }
  const leaf = readPair(data, 'leaf', { authorities, names })
  const next = readPair(data, 'next', { authorities, names })
  const times = readTimes(textIn(data, entries.times))
  if (leaf !== undefined && 'fault' in leaf) return leaf
  if (next !== undefined && 'fault' in next) return next
  return times === undefined ? { fault: 'BadTimes', entry: entries.times } : { leaf, next, authorities, ...times }
}

/** The Secret of what is stored: what {@link readCertificates} reads. */
export function certificateData({ leaf, next, authorities, publishedTime, switchedTime }: Certificates): SecretData {
  const times = { published: timeText(publishedTime), switched: timeText(switchedTime) }
  return {
    ...pairData('leaf', leaf),
    ...pairData('next', next),
    [entries.authorities]: base64(authorities.map(({ certificate }) => certificate).join('')),
    [entries.times]: base64(JSON.stringify(times)),
  }
}

/** What an HTTPS server is given, as PEM, and the fingerprint by which it says what it serves. `key` is a secret. */
export type Serving = {
  readonly cert: string
  readonly key: string
  readonly fingerprint: string
  readonly notAfter: Instant
}

/**
 * What to serve from the Secret; undefined while there is nothing. A fault means to go on serving what was served: the
 * certificate and its key are never taken from two versions of the Secret.
 */
export function servingIn(data: SecretData): Serving | CertificateFault | undefined {
  const leaf = readPair(data, 'leaf', { authorities: [], names: [] })
  if (leaf === undefined || 'fault' in leaf) return leaf
  const { certificate, fingerprint, notAfter } = leaf
  return { cert: certificate, key: pemOf(leaf.key), fingerprint, notAfter }
}

/** A pair that was issued just now. */
export function newPair(
  {
    certificate,
    key,
    authority,
  }: { readonly certificate: string; readonly key: KeyObject; readonly authority: Authority },
  names: readonly string[],
): ServingPair {
  const parsed = certificateIn(certificate)
  if (parsed === undefined) throw new TypeError('what was issued is no certificate')
  return pairOf(parsed, key, { authorities: [authority], names })
}

type Context = { readonly authorities: readonly Authority[]; readonly names: readonly string[] }

function readPair(
  data: SecretData,
  which: 'leaf' | 'next',
  context: Context,
): ServingPair | CertificateFault | undefined {
  const { certificate, key } = entries[which]
  const [chain, privateKey] = [textIn(data, certificate), textIn(data, key)]
  if (chain === '' && privateKey === '') return undefined
  const parsed = certificateIn(chain)
  if (parsed === undefined) return { fault: 'BadCertificate', entry: certificate }
  const secret = privateKeyIn(privateKey)
  if (secret === undefined) return { fault: 'BadKey', entry: key }
  return parsed.checkPrivateKey(secret) ? pairOf(parsed, secret, context) : { fault: 'OtherKey', entry: key }
}

function pairOf(parsed: X509Certificate, key: KeyObject, { authorities, names }: Context): ServingPair {
  return {
    certificate: parsed.toString(),
    key,
    fingerprint: fingerprintOf(parsed),
    notBefore: instantOf(parsed.validFrom),
    notAfter: instantOf(parsed.validTo),
    authority: authorities.find((authority) => isIssuedBy(parsed, authority))?.fingerprint,
    fits: names.every((name) => isFor(parsed, name)),
  }
}

function isIssuedBy(certificate: X509Certificate, authority: Authority): boolean {
  const issuer = new X509Certificate(authority.certificate)
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function isFor(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined
  return certificate.checkHost(name, { subject: 'never' }) !== undefined
}

/** OpenSSL says what is wrong with a key; nobody needs to read that, and it might cite the key. */
function privateKeyIn(text: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: text, format: 'pem' })
  } catch {
    return undefined
  }
}

function pairData(which: 'leaf' | 'next', pair: ServingPair | undefined): SecretData {
  if (pair === undefined) return {}
  const { certificate, key } = entries[which]
  return { [certificate]: base64(pair.certificate), [key]: base64(pemOf(pair.key)) }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const limits = { bytes: 4096, depth: 4, nodes: 64, keys: 1000, paths: 4096 }

function readTimes(text: string): Pick<Certificates, 'publishedTime' | 'switchedTime'> | undefined {
  if (text === '') return { publishedTime: undefined, switchedTime: undefined }
  const read = readJson(new TextEncoder().encode(text), limits)
  if ('fault' in read) return undefined
  const at = (key: string): number | undefined => parseInstant(textAt(read.value, key) ?? '')
  return { publishedTime: at('published'), switchedTime: at('switched') }
}

function textIn(data: SecretData, entry: string): string {
  return Buffer.from(data[entry] ?? '', 'base64').toString('utf8')
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function timeText(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString()
}
