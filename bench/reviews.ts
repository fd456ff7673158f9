import { configMap, withNewLine } from './config-map.ts'
import { deployment, withNewImage } from './deployment.ts'

/** An AdmissionReview as bytes, and how to call what is in it. */
export type ReviewCase = { readonly name: string; readonly bytes: Uint8Array }

type Fields = Readonly<Record<string, unknown>>

const kilobyte = 1024
const megabyte = 1024 * kilobyte

/** Deployments stand for what is all structure, ConfigMaps for what is all text. */
const objects = [
  { name: 'Deployment 5 KB', make: () => deployment(5 * kilobyte), change: withNewImage },
  { name: 'Deployment 18 KB', make: () => deployment(18 * kilobyte), change: withNewImage },
  { name: 'Deployment 200 KB', make: () => deployment(200 * kilobyte), change: withNewImage },
  { name: 'Deployment 1 MB', make: () => deployment(megabyte), change: withNewImage },
  { name: 'ConfigMap 200 KB', make: () => configMap(200 * kilobyte), change: withNewLine },
  { name: 'ConfigMap 1 MB', make: () => configMap(megabyte), change: withNewLine },
]

/** A review of each object. That of an Update carries it twice, with one value changed. */
export function reviews(operation: 'Create' | 'Update'): readonly ReviewCase[] {
  return objects.map(({ name, make, change }) => {
    const object = make()
    const sides = operation === 'Create' ? { object, oldObject: null } : { object: change(object), oldObject: object }
    return { name: `${operation} ${name}`, bytes: review(operation, sides) }
  })
}

/** A Deployment grows by whole containers of about a kilobyte: with this less, it is the nearest size, not the next. */
const halfContainer = 600

/** A review of a Deployment `name` in this namespace, about `bytes` long in all: that of an Update carries it twice. */
export function deploymentReview(
  operation: 'Create' | 'Update',
  { bytes, namespace, name }: { readonly bytes: number; readonly namespace: string; readonly name: string },
): Uint8Array {
  const around = review(operation, { object: null, oldObject: null }).byteLength
  const each = (bytes - around) / (operation === 'Create' ? 1 : 2)
  const object = placed(deployment(each - halfContainer), { namespace, name })
  return operation === 'Create'
    ? review(operation, { object, oldObject: null }, { namespace, name })
    : review(operation, { object: withNewImage(object), oldObject: object }, { namespace, name })
}

type Place = { readonly namespace: string; readonly name: string }

function placed(object: Fields, place: Place): Fields {
  return { ...object, metadata: { ...Object(object['metadata']), ...place } }
}

type Sides = { readonly object: Fields | null; readonly oldObject: Fields | null }

function review(operation: 'Create' | 'Update', { object, oldObject }: Sides, place?: Place): Uint8Array {
  const isDeployment = object?.['kind'] !== 'ConfigMap'
  const group = isDeployment ? 'apps' : ''
  const kind = { group, version: 'v1', kind: isDeployment ? 'Deployment' : 'ConfigMap' }
  const resource = { group, version: 'v1', resource: isDeployment ? 'deployments' : 'configmaps' }
  const request = {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    name: place?.name ?? (isDeployment ? 'shop' : 'shop-config'),
    namespace: place?.namespace ?? 'prod',
    operation: operation.toUpperCase(),
    userInfo: {
      username: 'system:serviceaccount:agents:bot',
      uid: '0f8a0c8d-58c4-4f0a-9a38-6a5b1c7c7c11',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:agents', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=2b4c8f0e-3d0c-4b8e-8f6e-1a2b3c4d5e6f'] },
    },
    object,
    oldObject,
    dryRun: false,
    options: { kind: `${operation}Options`, apiVersion: 'meta.k8s.io/v1', fieldManager: 'kubectl' },
  }
  const text = JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request })
  // The API server's encoder ends every document with a line break.
  return new TextEncoder().encode(`${text}\n`)
}
