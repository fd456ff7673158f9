import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import type * as x509 from '@peculiar/x509'
import type { Instant } from '../domain/instant.ts'
import { loadX509 } from './x509.ts'

/** `names`: DNS names and IP addresses under which the server is called. */
export type Order = { readonly names: readonly string[]; readonly notBefore: Instant; readonly notAfter: Instant }

/** `certificate` and `authority` are PEM; `key` belongs to the certificate. */
export type Issue = { readonly certificate: string; readonly key: KeyObject; readonly authority: string }

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * A certificate for a server, and that of the authority which issued it and nothing else ever: its key is not kept, so
 * nobody can steal it. ECDSA P-256 (RFC 5280 profile, accepted by Go and OpenSSL). Both are valid for the same time.
 * Throws TypeError when there is no name.
 */
export async function issue(order: Order): Promise<Issue> {
  if (order.names.length === 0) throw new TypeError('a certificate without a name is for no server')
  const library = await loadX509()
  const authority = newKeys()
  const leaf = newKeys()
  const root = await authorityFor(library, order, authority)
  const certificate = await library.X509CertificateGenerator.create(
    {
      ...validity(order),
      serialNumber: newSerial(),
      subject: 'CN=countersign-webhook',
      issuer: root.subjectName,
      publicKey: leaf.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: ecdsa,
      extensions: await leafExtensions(library, order, { leaf, authority }),
    },
    webcrypto,
  )
  return { certificate: pem(certificate.toString('pem')), key: leaf.key, authority: pem(root.toString('pem')) }
}

type Library = typeof x509

type Keys = {
  readonly key: KeyObject
  readonly privateKey: webcrypto.CryptoKey
  readonly publicKey: webcrypto.CryptoKey
}

function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    key: privateKey,
    privateKey: privateKey.toCryptoKey(ecdsa, false, ['sign']),
    publicKey: publicKey.toCryptoKey(ecdsa, true, ['verify']),
  }
}

/** Its name is its own: few clients tell two authorities of one name apart. */
async function authorityFor(library: Library, order: Order, keys: Keys): Promise<x509.X509Certificate> {
  const serialNumber = newSerial()
  return library.X509CertificateGenerator.createSelfSigned(
    {
      ...validity(order),
      serialNumber,
      name: `CN=countersign-webhook-ca-${serialNumber.slice(0, 16)}`,
      keys,
      signingAlgorithm: ecdsa,
      extensions: [
        new library.BasicConstraintsExtension(true, 0, true),
        new library.KeyUsagesExtension(library.KeyUsageFlags.keyCertSign, true),
        await library.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
}

async function leafExtensions(
  library: Library,
  { names }: Order,
  { leaf, authority }: { readonly leaf: Keys; readonly authority: Keys },
): Promise<x509.Extension[]> {
  const alternatives = names.map((value): x509.JsonGeneralName => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))
  return [
    new library.BasicConstraintsExtension(false, undefined, true),
    new library.KeyUsagesExtension(library.KeyUsageFlags.digitalSignature, true),
    new library.ExtendedKeyUsageExtension([library.ExtendedKeyUsage.serverAuth]),
    new library.SubjectAlternativeNameExtension(alternatives),
    await library.SubjectKeyIdentifierExtension.create(leaf.publicKey, false, webcrypto),
    await library.AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
  ]
}

function validity({ notBefore, notAfter }: Order): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(notBefore), notAfter: new Date(notAfter) }
}

/** 127 random bits, positive, never short (RFC 5280 section 4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function pem(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
