import { ApiError } from './api-error.ts'
import type { NoAnswer } from './api-error.ts'
import { readStatus } from './api-status.ts'
import { fieldsOf, parseFields } from './fields.ts'
import { LineError, linesOf } from './lines.ts'
import { isLive } from './live-object.ts'
import type { Live } from './live-object.ts'
import type { KubernetesObject } from './resource.ts'

/** One event of a watch. A bookmark says up to which version nothing else has happened. */
export type WatchEvent<T extends KubernetesObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Live<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }

export type WatchOptions = {
  /** What was asked, for errors: `GET /api/v1/configmaps`. */
  readonly asked: string
  readonly kind: string
  /** Of one event. etcd's limit for an object is 1.5 MiB; JSON may take some more. */
  readonly mostLineBytes: number
}

/**
 * The events in the bytes of a watch. Whatever is not plainly one of the four events throws ApiError, because an event
 * that is skipped is lost for ever: an ERROR event with the status that it carries; anything else with status 0 and
 * reason MalformedEvent, LineTooLong, NotUtf8 or Truncated. Ends when the server ends the stream after a whole line.
 * (Format: Kubernetes API concepts, "Efficient detection of changes".)
 */
export async function* watchEvents<T extends KubernetesObject>(
  bytes: AsyncIterable<Uint8Array>,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  try {
    for await (const line of linesOf(bytes, options.mostLineBytes)) yield readEvent<T>(line, options)
  } catch (error) {
    if (error instanceof LineError) throw broken(options, error.reason)
    throw error
  }
}

function readEvent<T extends KubernetesObject>(line: string, options: WatchOptions): WatchEvent<T> {
  const { type, object } = fieldsOf(parseFields(line))
  if (type === 'BOOKMARK') return { type, resourceVersion: versionOf(object) ?? malformed(options) }
  if (type === 'ERROR') throw inStreamError(object, options)
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return malformed(options)
  return isLive<T>(object, options.kind) ? { type, object } : malformed(options)
}

function versionOf(object: unknown): string | undefined {
  const { resourceVersion } = fieldsOf(fieldsOf(object)['metadata'])
  return typeof resourceVersion === 'string' && resourceVersion !== '' ? resourceVersion : undefined
}

function inStreamError(object: unknown, { asked }: WatchOptions): ApiError {
  const { code } = fieldsOf(object)
  const said = readStatus(object)
  return new ApiError({
    asked,
    ...said,
    status: typeof code === 'number' ? code : 500,
    reason: said.reason ?? 'Unknown',
  })
}

function malformed(options: WatchOptions): never {
  throw broken(options, 'MalformedEvent')
}

/** Without a cause: an error of JSON.parse quotes the text. */
function broken({ asked }: WatchOptions, reason: NoAnswer): ApiError {
  return new ApiError({ asked, status: 0, reason })
}
