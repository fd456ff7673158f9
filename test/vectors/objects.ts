import type { Manifest } from './scenario.ts'

type Fields = Readonly<Record<string, unknown>>

/** An image that nobody pulls: there is no kubelet. */
export const image = 'registry.example/web:1'
export const otherImage = 'registry.example/web:2'

const container = { name: 'web', image }
const labels = { app: 'web' }

type Specified = Manifest & { readonly spec: Fields }

/** `metadata` and `spec` laid over those of the base. */
function make(base: Specified, metadata: Fields, spec: Fields): Specified {
  return { ...base, metadata: { ...base.metadata, ...metadata }, spec: { ...base.spec, ...spec } }
}

/** A Pod of one container. */
export function pod(metadata: Fields = {}, spec: Fields = {}): Manifest {
  const base = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [container] } }
  return make(base, metadata, spec)
}

/** A pod template; `annotations` only when given. */
export function template(spec: Fields = {}): Fields {
  return { metadata: { labels }, spec: { containers: [container], ...spec } }
}

/** A Deployment, StatefulSet, DaemonSet or ReplicaSet around the same template. */
export function workload(kind: string, metadata: Fields = {}, spec: Fields = {}): Manifest {
  const base = {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels }, template: template() },
  }
  return make(base, metadata, spec)
}

/** A Job whose pods never restart. */
export function job(metadata: Fields = {}, spec: Fields = {}): Manifest {
  const base = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec: { template: jobTemplate } }
  return make(base, metadata, spec)
}

const jobTemplate = { spec: { containers: [container], restartPolicy: 'Never' } }

/** A CronJob of yearly runs. */
export function cronJob(metadata: Fields = {}, spec: Fields = {}): Manifest {
  const base = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'yearly' },
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: jobTemplate } } },
  }
  return make(base, metadata, spec)
}

/** A Service for the pods labelled app=web, on port 80. */
export function service(metadata: Fields = {}, spec: Fields = {}): Manifest {
  const base = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: labels, ports: [{ name: 'http', port: 80 }] },
  }
  return make(base, metadata, spec)
}

/** An object without spec: fields lie beside the metadata. */
export function plain(apiVersion: string, kind: string, fields: Fields & { readonly metadata: Fields }): Manifest {
  return { apiVersion, kind, ...fields }
}

export function configMap(metadata: Fields = {}, data: Fields = { colour: 'green' }): Manifest {
  return plain('v1', 'ConfigMap', { metadata: { name: 'settings', ...metadata }, data })
}

export function secret(metadata: Fields = {}, stringData: Fields = { word: 'open-sesame' }): Manifest {
  return plain('v1', 'Secret', { metadata: { name: 'word', ...metadata }, stringData })
}

/** A Node that no kubelet stands behind; scenarios reach it only to be told so. */
export function node(name = 'n1', fields: Fields = {}): Manifest {
  return plain('v1', 'Node', { metadata: { name, labels: { zone: 'a' } }, ...fields })
}
