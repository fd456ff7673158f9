import { ApiError } from './api-error.ts'
import { isLive } from './live-object.ts'
import { readPage } from './page.ts'
import { parseFields } from './fields.ts'
import { collectionPath, objectPath } from './resource.ts'
import type { KubernetesObject, ObjectRef } from './resource.ts'
import { momentOf, takeIn, takeOut } from './run.ts'
import type { Run } from './run.ts'
import type { Call } from './transport.ts'

/**
 * Reads the whole list, page by page, into the cache, and takes out what is not in it. Resolves to the version from
 * which a watch has to go on. The list is as new as its start at least: a list without a resourceVersion is consistent.
 * Rejects with ApiError; what was taken in until then is true nevertheless.
 */
export async function relist<K extends KubernetesObject, T>(run: Run<K, T>, pageSize: number): Promise<string> {
  const began = momentOf(run)
  const seen = new Set<string>()
  let version: string | undefined
  let next = ''
  do {
    const call = listCall(run, pageSize, next)
    const page = await readPage<K>(run.ports.transport, call, run.interest.resource.kind)
    if (page.next !== '' && page.next === next) throw unreadable(call)
    for (const item of page.items) seen.add(takeIn(run, item))
    version ??= page.version
    next = page.next
  } while (next !== '')
  await takeOutUnseen(run, seen)
  run.heard(began)
  return version
}

function listCall<K extends KubernetesObject, T>(
  { interest, signal }: Run<K, T>,
  pageSize: number,
  next: string,
): Call {
  const selector = { ...interest.selector, ...interest.whileKept?.listSelector }
  const query = { limit: String(pageSize), ...selector, ...(next === '' ? {} : { continue: next }) }
  return { method: 'GET', path: collectionPath(interest.resource, interest.namespace), query, signal }
}

/** Where the list asks for less than the watch brings, what is missing may be there still, changed: it is looked up. */
async function takeOutUnseen<K extends KubernetesObject, T>(run: Run<K, T>, seen: ReadonlySet<string>): Promise<void> {
  for (const key of run.cache.keys()) {
    if (seen.has(key)) continue
    if (run.interest.whileKept === undefined) takeOut(run, key)
    else await lookUp(run, key)
  }
}

async function lookUp<K extends KubernetesObject, T>(run: Run<K, T>, key: string): Promise<void> {
  const { transport } = run.ports
  const { resource } = run.interest
  const call: Call = { method: 'GET', path: objectPath(resource, refOf(key)), signal: run.signal }
  const found = await transport.call(call).catch((error: unknown) => {
    // A 404 that names no object means that the whole path is not served.
    if (error instanceof ApiError && error.status === 404 && error.details?.name !== undefined) return undefined
    throw error
  })
  if (found === undefined) return takeOut(run, key)
  const object = parseFields(found.text)
  if (!isLive<K>(object, resource.kind)) throw unreadable(call)
  takeIn(run, object)
}

/** Neither namespaces nor names have a slash in them. */
function refOf(key: string): ObjectRef {
  const [first = '', second] = key.split('/')
  return second === undefined ? { name: first } : { namespace: first, name: second }
}

function unreadable(call: Call): ApiError {
  return new ApiError({ asked: `GET ${call.path}`, status: 0, reason: 'UnreadableReply' })
}
