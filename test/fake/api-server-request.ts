import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { FakeObject } from './api-server-objects.ts'
import { FakeRefusal } from './api-server-refusal.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** A request as a Kubernetes authorizer would see it. */
export type SeenRequest = {
  readonly verb: Verb
  readonly method: string
  /** As sent, without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Path without namespace, name and subresource, for example `/apis/apps/v1/deployments`. */
  readonly collection: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
}

export async function readRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const body = await text(incoming)
  const url = new URL(incoming.url ?? '/', 'https://fake')
  const query = Object.fromEntries(url.searchParams)
  const place = placeOf(url.pathname)
  const method = incoming.method ?? 'GET'
  const verb = verbOf(method, place.name, query)
  return {
    verb,
    method,
    path: url.pathname,
    query,
    headers: incoming.headers,
    body,
    ...place,
  }
}

function placeOf(path: string): Pick<SeenRequest, 'collection' | 'resource' | 'namespace' | 'name' | 'subresource'> {
  const segments = path.split('/').slice(1).map(decodeURIComponent)
  const groupVersion = segments.slice(0, segments[0] === 'api' ? 2 : 3)
  const rest = segments.slice(groupVersion.length)
  const within = isNamespaced(rest)
  const [resource = '', name = '', ...sub] = rest.slice(within ? 2 : 0)
  const collection = `/${[...groupVersion, resource].join('/')}`
  return { collection, resource, namespace: (within ? rest[1] : undefined) ?? '', name, subresource: sub.join('/') }
}

/** `namespaces/ns/pods` is in a namespace, `namespaces/ns` and `namespaces/ns/status` are the namespace itself. */
function isNamespaced(rest: readonly string[]): boolean {
  return rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '')
}

const verbs: Readonly<Record<string, Verb>> = { POST: 'create', PUT: 'update', PATCH: 'patch' }

function verbOf(method: string, name: string, query: Readonly<Record<string, string>>): Verb {
  if (method === 'DELETE') return name === '' ? 'deletecollection' : 'delete'
  if (['true', '1'].includes(query['watch'] ?? '')) return 'watch'
  return verbs[method] ?? (name === '' ? 'list' : 'get')
}

/** Whether an object is among those that a list, watch or deletecollection asks for. */
export function makeSelection(request: SeenRequest): (object: FakeObject) => boolean {
  const fields = split(request.query['fieldSelector']).map(fieldRule)
  const labels = split(request.query['labelSelector']).map(labelRule)
  const { namespace } = request
  return (object) =>
    (namespace === '' || object.metadata.namespace === namespace) &&
    [...fields, ...labels].every((rule) => rule(object))
}

function split(selector: string | undefined): readonly string[] {
  return selector === undefined || selector === '' ? [] : selector.split(',')
}

function fieldRule(rule: string): (object: FakeObject) => boolean {
  const { key, operator, value } = ruleOf(rule)
  if (operator === 'exists') throw new FakeRefusal(400, 'BadRequest', { message: 'invalid field selector' })
  return (object) => (at(object, key.split('.')) === value) === (operator === '=')
}

function labelRule(rule: string): (object: FakeObject) => boolean {
  const { key, operator, value } = ruleOf(rule)
  return ({ metadata: { labels = {} } }) => {
    if (operator === 'exists')
      return key.startsWith('!') ? labels[key.slice(1)] === undefined : labels[key] !== undefined
    return (labels[key] === value) === (operator === '=')
  }
}

function ruleOf(rule: string): {
  readonly key: string
  readonly operator: '=' | '!=' | 'exists'
  readonly value: string
} {
  const [, key = rule, operator = '', value = ''] = /^([^=!]+)(!?==?)(.*)$/.exec(rule) ?? []
  if (operator === '') return { key: rule, operator: 'exists', value: '' }
  return { key, operator: operator === '!=' ? '!=' : '=', value }
}

/** A field as a selector compares it: absent is the empty string. */
function at(object: unknown, keys: readonly string[]): string {
  let here: unknown = object
  for (const key of keys) here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined
  return typeof here === 'string' ? here : ''
}
