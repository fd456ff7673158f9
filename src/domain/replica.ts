/**
 * What a running replica says of itself, in the annotations of its Lease: while the Lease is fresh, it is ready, and it
 * knows these keys.
 */
export type Replica = {
  readonly component: 'webhook' | 'operator' | 'gateway'
  readonly version: string
  /** Ids of all keys that it knows, signing and HMAC. */
  readonly keyIDs: readonly string[]
  /** Fingerprint of the certificate that it serves. */
  readonly servedCertificate: string | undefined
}

/** Marks the Leases by which replicas say that they are ready, and tells of which component each is. */
export const componentLabel = 'countersign.dev/component'

const versionAnnotation = 'countersign.dev/version'
const keysAnnotation = 'countersign.dev/key-ids'
const certificateAnnotation = 'countersign.dev/served-certificate'

type Texts = Readonly<Record<string, string>>

/** The replica as labels and annotations of its Lease. */
export function replicaMetadata(replica: Replica): { readonly labels: Texts; readonly annotations: Texts } {
  const { component, version, keyIDs, servedCertificate } = replica
  return {
    labels: { [componentLabel]: component },
    annotations: {
      [versionAnnotation]: version,
      [keysAnnotation]: [...keyIDs].toSorted().join(','),
      ...(servedCertificate === undefined ? {} : { [certificateAnnotation]: servedCertificate }),
    },
  }
}

/** Reads them back; undefined when the Lease is not one of a replica. */
export function readReplica(metadata: { readonly labels?: Texts; readonly annotations?: Texts }): Replica | undefined {
  const { labels = {}, annotations = {} } = metadata
  const component = (['webhook', 'operator', 'gateway'] as const).find((one) => one === labels[componentLabel])
  if (component === undefined) return undefined
  return {
    component,
    version: annotations[versionAnnotation] ?? '',
    keyIDs: (annotations[keysAnnotation] ?? '').split(',').filter((id) => id !== ''),
    servedCertificate: annotations[certificateAnnotation],
  }
}
