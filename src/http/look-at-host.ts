import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { ConnectionOptions, PeerCertificate, TLSSocket } from 'node:tls'
import type { HostAsked, HostSight, LookAtHost, ShownCertificate } from '../app/host-sight.ts'
import type { Instant } from '../domain/instant.ts'

/**
 * Resolves a name as every program here does, and shakes hands with what is behind it. The certificate is looked at whether
 * it holds or not, so nothing is ever sent or read over the connection.
 */
export function makeLookAtHost(): LookAtHost {
  return async (asked) => {
    const addresses = await addressesOf(asked)
    if (typeof addresses === 'string') return { noName: addresses }
    const seen = await handshake(asked)
    return typeof seen === 'string' ? { addresses, noTLS: seen } : { addresses, certificate: seen }
  }
}

/** The addresses, or the code of what the resolver says. */
async function addressesOf({ host, deadlineMs }: HostAsked): Promise<readonly string[] | string> {
  let timer: NodeJS.Timeout | undefined
  // The resolver itself knows no deadline.
  const late = new Promise<'Timeout'>((resolve) => {
    timer = setTimeout(() => resolve('Timeout'), deadlineMs)
  })
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    (error: unknown) => String(Object(error).code),
  )
  return Promise.race([found, late]).finally(() => clearTimeout(timer))
}

type NoTLS = Extract<HostSight, { readonly noTLS: unknown }>['noTLS']

function handshake({ host, port, deadlineMs }: HostAsked): Promise<ShownCertificate | NoTLS> {
  return new Promise((resolve) => {
    let reached = false
    // An address is no server name (RFC 6066 section 3).
    const name: ConnectionOptions = isIP(host) === 0 ? { servername: host } : {}
    const socket = connect({ host, port, rejectUnauthorized: false, ...name })
    const settle = (outcome: ShownCertificate | NoTLS): void => {
      clearTimeout(timer)
      resolve(outcome)
      socket.destroy()
    }
    const timer = setTimeout(() => settle('Timeout'), deadlineMs)
    socket.once('connect', () => {
      reached = true
    })
    socket.once('secureConnect', () => settle(shown(socket)))
    socket.on('error', () => settle(reached ? 'NotSpoken' : 'NotReached'))
    socket.once('close', () => settle(reached ? 'NotSpoken' : 'NotReached'))
  })
}

function shown(socket: TLSSocket): ShownCertificate {
  const certificate = socket.getPeerCertificate()
  return {
    fault: socket.authorized ? undefined : faultOf(socket.authorizationError),
    names: (certificate.subjectaltname ?? '').replaceAll(/(?:DNS|IP Address):/g, ''),
    issuer: issuerOf(certificate),
    notAfter: instantOf(certificate.valid_to),
  }
}

/** Node gives the code in place of the error that its types promise. */
function faultOf(error: Error | string | null): string {
  return typeof error === 'string' ? error : String(Object(error).code ?? 'UNKNOWN')
}

/** Without a certificate Node gives an empty object, whatever its types say. */
function issuerOf({ issuer }: Partial<PeerCertificate>): string {
  return [issuer?.O ?? issuer?.CN ?? 'unknown'].flat().join(', ')
}

function instantOf(time: string | undefined): Instant | undefined {
  const instant = Date.parse(time ?? '')
  return Number.isNaN(instant) ? undefined : instant
}
