import type { Manifest } from './scenario.ts'

/** The namespace in which all scenarios play. */
export const shop = 'shop'

const clusterKinds = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'CertificateSigningRequest',
  'PriorityClass',
  'StorageClass',
  'IngressClass',
  'ValidatingWebhookConfiguration',
])

const oddPlurals: Readonly<Record<string, string>> = {
  Ingress: 'ingresses',
  NetworkPolicy: 'networkpolicies',
  PriorityClass: 'priorityclasses',
  StorageClass: 'storageclasses',
  IngressClass: 'ingressclasses',
  Endpoints: 'endpoints',
}

/** The path of the collection that an object of this kind belongs to. */
export function collectionOf(object: Manifest): string {
  const root = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`
  const plural = oddPlurals[object.kind] ?? `${object.kind.toLowerCase()}s`
  if (clusterKinds.has(object.kind)) return `${root}/${plural}`
  return `${root}/namespaces/${object.metadata.namespace ?? shop}/${plural}`
}

/** The path of one core object in the namespace of the scenarios. */
export function core(plural: string, name: string): string {
  return `/api/v1/namespaces/${shop}/${plural}/${name}`
}

/** The path of one apps object in the namespace of the scenarios. */
export function apps(plural: string, name: string): string {
  return `/apis/apps/v1/namespaces/${shop}/${plural}/${name}`
}
