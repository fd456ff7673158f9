import type { Admin } from './admin.ts'
import { readJson } from '../../src/domain/json-reader.ts'
import { at, textAt } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'

/** One review as it arrived: the body, and what of it tells which action it presents. */
export type Presentation = { readonly body: string; readonly request: Json }

/** Reads a body; one that is no review is a bug of the recorder. */
export function readPresentation(body: Buffer): Presentation {
  const read = readJson(body)
  const request = 'value' in read ? at(read.value, 'request') : undefined
  if (request === undefined) throw new Error('not a review')
  return { body: body.toString('utf8'), request }
}

/** What an action is about, as far as a recorder can tell without knowing better than what it records. */
export function targetOf({ request }: Presentation): string {
  const operation = textAt(request, 'operation')
  // What a Connect asks for is all in its options: `kubectl cp` looks first, then copies.
  const options = operation === 'CONNECT' ? JSON.stringify(at(request, 'object')) : ''
  const { group, resource, subresource, namespace } = placeOf(request)
  return [operation, group, resource, subresource, namespace, nameOf(request), options].join(' ')
}

/** The live uid of what a Connect or a Create on a subresource works on; undefined for other operations. */
export async function parentUid(admin: Admin, { request }: Presentation): Promise<string | undefined> {
  const { group, version, resource, subresource, namespace } = placeOf(request)
  const operation = textAt(request, 'operation')
  if (operation !== 'CONNECT' && (operation !== 'CREATE' || subresource === '')) return undefined
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const place = namespace === '' ? root : `${root}/namespaces/${namespace}`
  const { body } = await admin.call('GET', `${place}/${resource}/${plainName(textAt(request, 'name') ?? '')}`)
  return textAt(body, 'metadata', 'uid')
}

type Place = Readonly<Record<'group' | 'version' | 'resource' | 'subresource' | 'namespace', string>>

function placeOf(request: Json): Place {
  const part = (...keys: readonly string[]): string => textAt(request, ...keys) ?? ''
  return {
    group: part('resource', 'group'),
    version: part('resource', 'version'),
    resource: part('resource', 'resource'),
    subresource: part('subResource'),
    namespace: part('namespace'),
  }
}

// A name that is still to be generated is its base; the objects of a deletecollection are named by themselves alone.
function nameOf(request: Json): string {
  const isNew = textAt(request, 'operation') === 'CREATE' && placeOf(request).subresource === ''
  const base = isNew ? textAt(request, 'object', 'metadata', 'generateName') : undefined
  const given = textAt(request, 'name') ?? ''
  return base ?? (given === '' ? (textAt(request, 'oldObject', 'metadata', 'name') ?? '') : given)
}

// A proxied name may carry scheme and port: `https:web:8443`, `web:http`.
function plainName(name: string): string {
  const parts = name.split(':')
  return (parts.length === 3 ? parts[1] : parts[0]) ?? name
}
