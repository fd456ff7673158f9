import { answerOf } from './answer.ts'
import { ApiError } from './api-error.ts'
import type { Listed, Objects } from './objects.ts'
import { collectionPath, objectPath } from './resource.ts'
import type { KubernetesObject } from './resource.ts'
import { parseObject, parseReply } from './stored.ts'
import type { Call, Transport } from './transport.ts'

/** As large as client-go's pager asks for. */
const pageSize = '500'

/** The reading half of Objects. */
export function makeReads(transport: Pick<Transport, 'call'>): Pick<Objects, 'get' | 'list'> {
  return {
    get: async (resource, ref, options) => {
      const call: Call = { method: 'GET', path: objectPath(resource, ref), ...options }
      const answered = await answerOf(transport, call, ['NotFound'])
      if (answered === 'NotFound') return answered
      return { object: parseObject(call, answered, { resource, name: ref.name }), date: answered.date }
    },
    list: async (resource, { namespace, ...selectors }, options) => {
      const query = { limit: pageSize, ...selectors }
      const call: Call = { method: 'GET', path: collectionPath(resource, namespace), query, ...options }
      return withoutExpiry(() => allPages(transport, call))
    },
  }
}

async function withoutExpiry<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ApiError && error.status === 410) return read()
    throw error
  }
}

async function allPages<T extends KubernetesObject>(
  transport: Pick<Transport, 'call'>,
  first: Call,
): Promise<Listed<T>> {
  const items: T[] = []
  let call = first
  for (;;) {
    const page = parseReply(call, await transport.call(call)) as Page<T>
    items.push(...(page.items ?? []))
    const { resourceVersion = '', continue: next = '' } = page.metadata ?? {}
    if (next === '') return { items, resourceVersion }
    call = { ...first, query: { ...first.query, continue: next } }
  }
}

type Page<T> = {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly T[] | null
}
