import type { Authority, CertificateCraft } from '../app/certificates.ts'
import { issue } from './issue.ts'
import { authoritiesIn } from './pem.ts'
import { certificateData, newPair, readCertificates } from './tls-secret.ts'

/** What the keeper of certificates needs. */
export const certificateCraft: CertificateCraft = {
  issue: async (order) => {
    const issued = await issue(order)
    const [authority] = authoritiesIn(issued.authority) ?? []
    if (authority === undefined) throw new TypeError('what was issued has no authority')
    return { authority, pair: newPair({ ...issued, authority }, order.names) }
  },
  read: readCertificates,
  data: certificateData,
  bundle: (authorities) => Buffer.from(pemOf(authorities)).toString('base64'),
  fingerprints: (bundle) => {
    const authorities = authoritiesIn(Buffer.from(bundle, 'base64').toString('utf8')) ?? []
    return authorities.map(({ fingerprint }) => fingerprint)
  },
}

function pemOf(authorities: readonly Authority[]): string {
  return authorities.map(({ certificate }) => certificate).join('')
}
