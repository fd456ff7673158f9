import type { Action } from '../src/domain/action.ts'
import { contentOf } from '../src/domain/content.ts'
import type { Content } from '../src/domain/content.ts'
import { digestOf } from '../src/domain/digest.ts'
import type { Digest, DigestContext, HmacKey } from '../src/domain/digest.ts'
import type { Instant } from '../src/domain/instant.ts'
import { readJson } from '../src/domain/json-reader.ts'
import { isObject, JsonNumber } from '../src/domain/json.ts'
import type { Json, JsonObject } from '../src/domain/json.ts'
import { mask } from '../src/domain/mask.ts'
import type { Masked, View } from '../src/domain/mask.ts'
import { readReview } from '../src/webhook/admission.ts'
import type { Review } from '../src/webhook/admission.ts'

/** One key for all tests: tags and digests in golden texts depend on it. */
export const hmacKey: HmacKey = { id: 'test-key', secret: new TextEncoder().encode('a key for tests and nothing else') }

export const digestContext: DigestContext = { cluster: '6f1c2c1e-8f5e-4a0b-9a53-0d4f6e1a7b11', key: hmacKey }

/** When tests happen. */
export const now: Instant = Date.parse('2026-03-01T10:20:00Z')

/** A number by its source text: what a JavaScript literal cannot say (`1.0`, 9007199254740993). */
export function exact(source: string): JsonNumber {
  return new JsonNumber(source)
}

/** JSON text of plain values and {@link exact} numbers. Keys stand in their order, undefined ones are left out. */
export function jsonText(value: unknown): string {
  if (value instanceof JsonNumber) return value.source
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const entries = Object.entries(value).filter(([, found]) => found !== undefined)
  return `{${entries.map(([key, found]) => `${JSON.stringify(key)}:${jsonText(found)}`).join(',')}}`
}

/** UTF-8. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** A value as our reader makes it. */
export function json(value: unknown): Json {
  const read = readJson(bytes(jsonText(value)))
  if ('fault' in read) throw new Error(`no document for a test: ${read.fault}`)
  return read.value
}

/** Like {@link json}, for an object. */
export function object(value: unknown): JsonObject {
  const read = json(value)
  if (!isObject(read)) throw new Error('not an object')
  return read
}

/** An AdmissionReview's request, as far as tests say; the rest is an agent's update of Deployment prod/web. */
export type Request = {
  readonly uid?: unknown
  readonly operation?: unknown
  readonly resource?: unknown
  readonly subResource?: unknown
  readonly kind?: unknown
  readonly name?: unknown
  readonly namespace?: unknown
  readonly userInfo?: unknown
  readonly object?: unknown
  readonly oldObject?: unknown
  readonly options?: unknown
  readonly dryRun?: unknown
}

export const agentUser = { username: 'system:serviceaccount:agents:bot', uid: '9b0c7a52-1d1f-4c52-8a5c-3f1f0a4f8a01' }

const request: Request = {
  uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
  operation: 'UPDATE',
  resource: { group: 'apps', version: 'v1', resource: 'deployments' },
  kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  name: 'web',
  namespace: 'prod',
  userInfo: agentUser,
  dryRun: false,
}

/** The text of a review's body. */
export function reviewText(changes: Request): string {
  return jsonText({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request: { ...request, ...changes } })
}

/** A review as it is read; throws when it is refused. */
export function readText(body: string | Uint8Array): Review {
  const read = readReview(typeof body === 'string' ? bytes(body) : body)
  if ('fault' in read) throw new Error(`refused: ${read.fault}`)
  return read
}

/** The action of a review. */
export function action(changes: Request): Action {
  return readText(reviewText(changes)).action
}

/** What the action of a review would do. */
export function content(changes: Request, at: Instant = now): Content {
  return contentOf(action(changes), at)
}

/** The digest of the action in a body. */
export function digestOfText(body: string | Uint8Array, context: DigestContext = digestContext): Digest {
  const read = readText(body)
  return digestOf(read.action, contentOf(read.action, now), context)
}

/** The digest of a review's action. `parentUID` is what the webhook looks up for a Connect or a subresource. */
export function digest(changes: Request, parentUID?: string): Digest {
  const asked = { ...action(changes), parentUID }
  return digestOf(asked, contentOf(asked, now), digestContext)
}

/** What people see of a review's action. */
export function view(changes: Request, hiddenPaths: readonly string[] = []): Masked<View> {
  return mask(content(changes), { paths: hiddenPaths }, hmacKey)
}

/** Changes to what a builder makes: whole fields of `metadata` and `spec`, added to or replacing its own. */
export type Modified = {
  readonly metadata?: Record<string, unknown>
  readonly spec?: Record<string, unknown>
  readonly [field: string]: unknown
}

type Plain = Record<string, unknown>

function made(base: Plain & { metadata: Plain; spec: Plain }, { metadata, spec, ...fields }: Modified): Plain {
  return { ...base, ...fields, metadata: { ...base.metadata, ...metadata }, spec: { ...base.spec, ...spec } }
}

export const imageA = `registry.example/web@sha256:${'a1'.repeat(32)}`
export const imageB = `registry.example/web@sha256:${'b2'.repeat(32)}`

/** A Deployment prod/web as it stands on the server: 3 replicas of one container, `web`. */
export function deployment(changes: Modified & { readonly image?: string; readonly template?: Plain } = {}): Plain {
  const { image = imageA, template, ...rest } = changes
  return made(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'web',
        namespace: 'prod',
        uid: '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d21',
        resourceVersion: '1001',
        generation: 4,
        creationTimestamp: '2026-01-05T08:00:00Z',
        labels: { app: 'web' },
      },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' }, creationTimestamp: null },
          spec: { containers: [{ name: 'web', image, args: ['--port', '8080'] }], serviceAccountName: 'web' },
          ...template,
        },
      },
      status: { replicas: 3, readyReplicas: 3, observedGeneration: 4 },
    },
    rest,
  )
}

/** The random end of a name that the API server makes. */
export const suffixA = 'x7k2p'
export const suffixB = 'bcdfg'

/** A Pod prod/web-0 of one container, without the volume that the server adds. */
export function pod(changes: Modified = {}): Plain {
  return made(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-0', namespace: 'prod', uid: '11111111-0000-4000-8000-000000000001' },
      spec: {
        serviceAccountName: 'web',
        containers: [{ name: 'web', image: imageA }],
      },
    },
    changes,
  )
}

export const asPod: Request = {
  resource: { group: '', version: 'v1', resource: 'pods' },
  kind: { group: '', version: 'v1', kind: 'Pod' },
  name: 'web-0',
}

/** The volume that the API server adds to a new pod, under the name with this suffix. */
export function tokenVolume(suffix: string): Plain {
  return {
    name: `kube-api-access-${suffix}`,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  }
}

/** Its mount. */
export function tokenMount(suffix: string): Plain {
  return {
    name: `kube-api-access-${suffix}`,
    readOnly: true,
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  }
}

/** A Service prod/web with one port, and managedFields that claim `owned` of its spec. */
export function service(spec: Plain, owned: Plain, changes: Modified = {}): Plain {
  return made(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'web',
        namespace: 'prod',
        uid: '22222222-0000-4000-8000-000000000001',
        managedFields: [managed('kubectl-create', { 'f:spec': owned })],
      },
      spec: { type: 'ClusterIP', selector: { app: 'web' }, ...spec },
      status: { loadBalancer: {} },
    },
    changes,
  )
}

export const asService: Request = {
  resource: { group: '', version: 'v1', resource: 'services' },
  kind: { group: '', version: 'v1', kind: 'Service' },
}

/** One entry of managedFields. */
export function managed(manager: string, fieldsV1: Plain, changes: Plain = {}): Plain {
  return {
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-03-01T10:20:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...changes,
  }
}

/** A ConfigMap prod/rules. */
export function configMap(data: Plain, changes: Modified = {}): Plain {
  const { spec: _none, ...rest } = made(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'rules', namespace: 'prod', uid: '33333333-0000-4000-8000-000000000001' },
      spec: {},
      data,
    },
    changes,
  )
  return rest
}

export const asConfigMap: Request = {
  resource: { group: '', version: 'v1', resource: 'configmaps' },
  kind: { group: '', version: 'v1', kind: 'ConfigMap' },
  name: 'rules',
}

/** A custom resource, of which the API server knows nothing and resets nothing. */
export const asWidget: Request = {
  resource: { group: 'example.com', version: 'v1', resource: 'widgets' },
  kind: { group: 'example.com', version: 'v1', kind: 'Widget' },
}
