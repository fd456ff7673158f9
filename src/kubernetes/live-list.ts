import type { Place } from '../domain/around.ts'
import { at, isList, isObject } from '../domain/json.ts'
import type { JsonObject } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'
import { ApiError } from './api-error.ts'
import { collectionPath } from './resource.ts'
import type { Call, Transport } from './transport.ts'

/** So many objects are looked at; a namespace with more of one kind is told of in part. */
const most = 500

/** Objects of one kind in one namespace; undefined when they may not be read, are not served, or are too large to read. */
export async function readList(
  transport: Pick<Transport, 'call'>,
  { group, version, resource, namespace }: Place,
  options: Pick<Call, 'deadlineMs' | 'signal'> = {},
): Promise<readonly JsonObject[] | undefined> {
  const served = { group, version, plural: resource, kind: '', namespaced: true, exact: false }
  const call: Call = {
    method: 'GET',
    path: collectionPath(served, namespace),
    query: { limit: String(most) },
    ...options,
  }
  try {
    return itemsIn((await transport.call(call)).text)
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined
    throw error
  }
}

function itemsIn(text: string): readonly JsonObject[] | undefined {
  const read = readJson(new TextEncoder().encode(text))
  if ('fault' in read) return undefined
  const items = at(read.value, 'items')
  return isList(items) ? items.filter(isObject) : undefined
}
