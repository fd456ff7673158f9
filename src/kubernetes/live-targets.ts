import { isObject } from '../domain/json.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Target } from '../domain/outcome.ts'
import { readJson } from '../domain/json-reader.ts'
import { ApiError } from './api-error.ts'
import { objectPath } from './resource.ts'
import type { Call, Transport } from './transport.ts'

/** `NotAllowed`: we have no right to read it. `NoSuchResource`: the API server serves nothing under that path. */
export type LiveTarget = JsonObject | 'NotFound' | 'NotAllowed' | 'NoSuchResource'

/**
 * One consistent read of any object, exact to the source text of its numbers. Rejects with ApiError when there is no usable
 * answer, and with reason UnreadableReply when the object is none that could be compared.
 */
export async function readTarget(
  transport: Pick<Transport, 'call'>,
  place: Target,
  options: Pick<Call, 'deadlineMs' | 'signal'> = {},
): Promise<LiveTarget> {
  const call: Call = { method: 'GET', path: pathOf(place), ...options }
  try {
    return objectIn(call, (await transport.call(call)).text)
  } catch (error) {
    const refused = error instanceof ApiError ? refusalOf(error) : undefined
    if (refused === undefined) throw error
    return refused
  }
}

function pathOf({ group, version, resource, namespace, name, subresource }: Target): string {
  const namespaced = namespace !== ''
  const served = { group, version, plural: resource, kind: '', namespaced, exact: false }
  return objectPath(served, namespaced ? { namespace, name } : { name }, subresource === '' ? undefined : subresource)
}

function objectIn(call: Call, text: string): JsonObject {
  const read = readJson(new TextEncoder().encode(text))
  if ('value' in read && isObject(read.value)) return read.value
  const words = 'fault' in read ? read.fault : 'no object'
  throw new ApiError({ asked: `GET ${call.path}`, status: 0, reason: 'UnreadableReply', words })
}

/** A 404 that names nothing, and a 405, mean the path, not the object. */
function refusalOf({ status, details }: ApiError): Exclude<LiveTarget, JsonObject> | undefined {
  if (status === 403) return 'NotAllowed'
  if (status === 405) return 'NoSuchResource'
  if (status !== 404) return undefined
  return details?.name === undefined || details.name === '' ? 'NoSuchResource' : 'NotFound'
}
