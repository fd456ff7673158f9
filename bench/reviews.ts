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

type Sides = { readonly object: Fields; readonly oldObject: Fields | null }

function review(operation: 'Create' | 'Update', { object, oldObject }: Sides): Uint8Array {
  const isDeployment = object['kind'] === 'Deployment'
  const group = isDeployment ? 'apps' : ''
  const kind = { group, version: 'v1', kind: object['kind'] }
  const resource = { group, version: 'v1', resource: isDeployment ? 'deployments' : 'configmaps' }
  const request = {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    name: isDeployment ? 'shop' : 'shop-config',
    namespace: 'prod',
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
