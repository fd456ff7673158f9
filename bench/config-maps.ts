import type { HttpCall } from './http-client.ts'

/** What a write of the bench is about: a config map of about 4 KB, so that a review of it has 5. */
export function createConfigMap(namespace: string, name: string): HttpCall {
  const data = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`key-${index}`, 'x'.repeat(80)]))
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
  return { method: 'POST', path: configMaps(namespace), body: JSON.stringify(body) }
}

export function deleteConfigMap(namespace: string, name: string): HttpCall {
  return { method: 'DELETE', path: `${configMaps(namespace)}/${name}` }
}

/** Another value of one key. */
export function changeConfigMap(namespace: string, name: string, value: string): HttpCall {
  const body = JSON.stringify({ data: { changed: value } })
  return { method: 'PATCH', path: `${configMaps(namespace)}/${name}`, body, type: 'application/merge-patch+json' }
}

function configMaps(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps`
}
