import { ApiError } from './api-error.ts'
import { fieldsOf, parseFields } from './fields.ts'
import { isLive } from './live-object.ts'
import type { Live } from './live-object.ts'
import type { KubernetesObject } from './resource.ts'
import type { Call, Transport } from './transport.ts'

/** Part of a list. `next` is what to ask for as `continue`; empty in the last page. */
export type Page<K extends KubernetesObject> = {
  readonly items: readonly Live<K>[]
  readonly version: string
  readonly next: string
}

/** Reads one page of a list. Rejects with ApiError, also when what comes is not a list of live objects of the kind. */
export async function readPage<K extends KubernetesObject>(
  transport: Pick<Transport, 'call'>,
  call: Call,
  kind: string,
): Promise<Page<K>> {
  const { text } = await transport.call(call)
  const list = fieldsOf(parseFields(text))
  const { resourceVersion: version, continue: next = '' } = fieldsOf(list['metadata'])
  // A list without any may say `null`.
  const items = list['items'] ?? []
  if (isText(version) && version !== '' && isText(next) && isItems<K>(items, kind)) return { items, version, next }
  throw new ApiError({ asked: `GET ${call.path}`, status: 0, reason: 'UnreadableReply' })
}

function isItems<K extends KubernetesObject>(items: unknown, kind: string): items is readonly Live<K>[] {
  return Array.isArray(items) && items.every((item) => isLive<K>(item, kind))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
