import { BlockList, isIPv6 } from 'node:net'
import type { Instant } from '../domain/instant.ts'
import { safe } from '../domain/safe-text.ts'
import { fails, holds, open } from './doctor-finding.ts'
import type { Finding } from './doctor-finding.ts'
import type { HostSight, ShownCertificate } from './host-sight.ts'

/** What the name and the certificate of the gateway come to. Without `usable` nothing can be asked there. */
export type HostFindings = { readonly findings: readonly Finding[]; readonly usable: boolean }

export function hostFindings(host: string, sight: HostSight, now: Instant): HostFindings {
  if ('noName' in sight) {
    const finding = fails(`DNS: ${safe(host)} has no address`, {
      cause: safe(sight.noName),
      cure: 'add a record that leads to the ingress, or correct the name',
    })
    return { findings: [finding], usable: false }
  }
  const name = nameFinding(host, sight.addresses)
  if ('noTLS' in sight) return { findings: [name, noTLS[sight.noTLS]], usable: false }
  const { certificate } = sight
  const finding = certificateFinding(host, certificate, now)
  return { findings: [name, finding], usable: certificate.fault === undefined }
}

/** RFC 6890: what the internet cannot reach. */
const privateNets = new BlockList()
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNets.addSubnet(net, bits, 'ipv4')
}
privateNets.addSubnet('fc00::', 7, 'ipv6')
privateNets.addSubnet('fe80::', 10, 'ipv6')
privateNets.addAddress('::1', 'ipv6')

function isPrivate(address: string): boolean {
  return privateNets.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function nameFinding(host: string, addresses: readonly string[]): Finding {
  const what = `DNS: ${safe(host)} is ${addresses.map(safe).join(', ')}`
  if (!addresses.every(isPrivate)) return holds(what)
  return open(what, {
    cause: 'as seen from here, these addresses are not reachable from the internet',
    cure: 'the Bot Connector comes from the internet: see that the name has a public address there',
  })
}

const noTLS = {
  NotReached: fails('TLS: nobody takes a connection', {
    cause: 'the connection was refused, or no way leads there from here',
    cure: 'look at the load balancer, the firewall and the Service of the ingress',
  }),
  NotSpoken: fails('TLS: what answers does not speak it', {
    cause: 'the handshake was broken off',
    cure: 'let the ingress end TLS on this port',
  }),
  Timeout: fails('TLS: nobody answers in time', {
    cause: 'a firewall may drop what is sent',
    cure: 'look at the load balancer, the firewall and the Service of the ingress',
  }),
} as const

type Reasons = { readonly cause: string; readonly cure: string }

const unknownSigner: Reasons = {
  cause: 'nobody whom this machine trusts has signed it, or a certificate between is missing',
  cure: 'serve the whole chain, of an authority that Microsoft trusts too',
}

/** By the codes of Node and OpenSSL (man x509_verify_cert_error_string). */
const faults: Readonly<Record<string, (certificate: ShownCertificate) => Reasons>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: ({ names }) => ({
    cause: `it is for ${names === '' ? 'no name' : safe(names)}`,
    cure: 'name the host in spec.tls of the Ingress, and see that its Secret holds a certificate for it',
  }),
  CERT_HAS_EXPIRED: () => ({ cause: 'it has expired', cure: 'renew it; look at what should have' }),
  CERT_NOT_YET_VALID: () => ({
    cause: 'it is not valid yet',
    cure: 'look at the clocks of this machine and of its issuer',
  }),
  DEPTH_ZERO_SELF_SIGNED_CERT: () => ({
    cause: 'it is signed by itself, as the stand-in of an ingress without a certificate is',
    cure: 'see that the Secret in spec.tls of the Ingress is there and holds a certificate of a public authority',
  }),
  SELF_SIGNED_CERT_IN_CHAIN: () => ({
    cause: 'its authority is a private one, or a proxy between here and there shows its own',
    cure: 'Microsoft must trust it: take a certificate of a public authority',
  }),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => unknownSigner,
  UNABLE_TO_GET_ISSUER_CERT: () => unknownSigner,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () => unknownSigner,
}

const dayMs = 24 * 60 * 60_000
/** Whoever renews certificates by a program does so earlier. */
const fewDays = 14

function certificateFinding(host: string, certificate: ShownCertificate, now: Instant): Finding {
  const { fault, issuer, notAfter } = certificate
  if (fault !== undefined) {
    const reasons = Object.hasOwn(faults, fault) ? faults[fault]?.(certificate) : undefined
    return fails(
      `TLS: the certificate does not hold for ${safe(host)}`,
      reasons ?? { cause: safe(fault), cure: unknownSigner.cure },
    )
  }
  return holds(`TLS: the certificate holds for ${safe(host)}, by ${safe(issuer)}${timeLeft(notAfter, now)}`)
}

function timeLeft(notAfter: Instant | undefined, now: Instant): string {
  if (notAfter === undefined) return ''
  const days = Math.floor((notAfter - now) / dayMs)
  return `, ${days} ${days === 1 ? 'day' : 'days'} left${days < fewDays ? ': renew it now' : ''}`
}
