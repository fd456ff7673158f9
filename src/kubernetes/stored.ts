import { ApiError } from './api-error.ts'
import { differences } from './differences.ts'
import { fieldsOf, parseFields } from './fields.ts'
import type { Fields } from './fields.ts'
import { patchDifferences } from './json-patch.ts'
import type { PatchOperation } from './json-patch.ts'
import type { KubernetesObject, Resource } from './resource.ts'
import { ResponseDiffers } from './response-differs.ts'
import type { Call, Reply } from './transport.ts'

/** Set or changed by the server on every write, whatever was sent. */
const serversOwn = new Set(['resourceVersion', 'generation', 'managedFields', 'creationTimestamp', 'selfLink'])

/** The body of a 2xx answer as JSON. Rejects as ApiError what is none: a proxy may answer 200 with a page. */
export function parseReply(call: Call, reply: Reply): Fields {
  const value = parseFields(reply.text)
  if (value !== undefined) return value
  throw unreadable(call, 'the answer is not a JSON object')
}

/** The object in a 2xx answer. ApiError when it is of another kind or name than the one that was asked for. */
export function parseObject<T extends KubernetesObject>(call: Call, reply: Reply, asked: Asked<T>): T {
  const object: KubernetesObject = parseReply(call, reply)
  if (isAsked(object, asked)) return object
  throw unreadable(call, 'the answer is another object')
}

type Asked<T extends KubernetesObject> = { readonly resource: Resource<T>; readonly name: string | undefined }

/** Its kind vouches for the shape: the API server has checked it against the schema. */
function isAsked<T extends KubernetesObject>(object: KubernetesObject, asked: Asked<T>): object is T {
  return object.kind === asked.resource.kind && (asked.name === undefined || object.metadata?.name === asked.name)
}

/**
 * Throws ResponseDiffers when `returned` is not the object that was sent, as JSON text, to the main resource. Its
 * status is left out: the API server ignores it there.
 */
export function checkStored(resource: Resource<KubernetesObject>, sent: string, returned: KubernetesObject): void {
  const rest = { ...parseFields(sent) }
  const metadata = Object.entries(fieldsOf(rest['metadata'])).filter(([key]) => !serversOwn.has(key))
  const { metadata: _metadata, status: _status, ...back } = returned as Fields
  delete rest['metadata']
  delete rest['status']
  complain(resource, returned, [
    ...differences(Object.fromEntries(metadata), returned.metadata, { exact: false, at: ['metadata'] }),
    ...differences(rest, back, { exact: resource.exact }),
  ])
}

/** The same for a merge patch: only what it names. */
export function checkMerged(resource: Resource<KubernetesObject>, sent: string, returned: KubernetesObject): void {
  const { metadata, ...rest } = fieldsOf(parseFields(sent))
  const named = Object.entries(fieldsOf(metadata)).filter(([key]) => !serversOwn.has(key))
  const change = { ...rest, metadata: Object.fromEntries(named) }
  complain(resource, returned, differences(change, returned, { exact: false }))
}

/** The same for a JSON Patch. */
export function checkPatched(
  resource: Resource<KubernetesObject>,
  operations: readonly PatchOperation[],
  returned: KubernetesObject,
): void {
  complain(resource, returned, patchDifferences(JSON.parse(JSON.stringify(operations)), returned))
}

function complain(resource: Resource<KubernetesObject>, object: KubernetesObject, paths: readonly string[]): void {
  if (paths.length === 0) return
  const { namespace, name } = object.metadata ?? {}
  const place = namespace === undefined ? '' : `${namespace}/`
  throw new ResponseDiffers(`${resource.plural} ${place}${name ?? ''}`, paths)
}

function unreadable(call: Call, words: string): ApiError {
  const outcomeUnknown = call.method !== 'GET'
  const asked = `${call.method} ${call.path.slice(0, 300)}`
  return new ApiError({ asked, status: 0, reason: 'UnreadableReply', words, outcomeUnknown })
}
