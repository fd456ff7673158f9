import type { ApiErrorDetails } from './api-error.ts'
import { fieldsOf, parseFields } from './fields.ts'
import type { Fields } from './fields.ts'

/** What the body of a refusal says, without what it may quote from the object that was sent or stored. */
export type ApiStatus = {
  readonly reason: string | undefined
  readonly words: string | undefined
  readonly details: ApiErrorDetails | undefined
  readonly retryAfterSeconds: number | undefined
}

/** The API server words these from names and versions alone. An Invalid, a BadRequest or a webhook's no quotes values. */
const harmless = new Set([
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Expired',
  'Gone',
  'Unauthorized',
  'TooManyRequests',
])

/**
 * Sentences, or their beginnings, that tell who refused, and are made of names alone. What follows them may quote
 * anything; so may the whole of a refusal that has none of these shapes.
 */
const whoRefused = [
  /User "[^"]*" cannot [a-z]+ resource "[^"]*"( in API group "[^"]*")?( in the namespace "[^"]*"| at the cluster scope)?/,
  /admission webhook "[a-z0-9.-]+" denied the request/,
  /ValidatingAdmissionPolicy '[a-z0-9.-]+' with binding '[a-z0-9.-]+' denied request/,
]

const longestWords = 300
const mostCauses = 16

/**
 * Reads a metav1.Status, either the body of a non-2xx answer or the object of a watch's ERROR event. Anything that is
 * not one reads as empty.
 */
export function readStatus(value: unknown): ApiStatus {
  const status = fieldsOf(value)
  const details = fieldsOf(status['details'])
  const reason = reasonOf(status['reason'])
  const seconds = details['retryAfterSeconds']
  return {
    reason,
    words: wordsOf(reason, textOf(status['message'])),
    details: status['details'] === undefined ? undefined : detailsOf(details),
    retryAfterSeconds: typeof seconds === 'number' && seconds > 0 ? seconds : undefined,
  }
}

/** The same from text. Not JSON reads as empty: a proxy's error page says nothing that we could use. */
export function parseStatus(text: string): ApiStatus {
  return readStatus(parseFields(text))
}

function wordsOf(reason: string | undefined, message: string | undefined): string | undefined {
  if (reason === undefined || message === undefined) return undefined
  const who = whoRefused.map((sentence) => sentence.exec(message)?.[0]).find((found) => found !== undefined)
  const kept = who ?? (harmless.has(reason) ? message : undefined)
  return kept?.slice(0, longestWords).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}

/** A webhook may give any text for a reason; ours are words. */
function reasonOf(value: unknown): string | undefined {
  const reason = textOf(value)
  return reason !== undefined && /^[A-Za-z0-9]{1,64}$/.test(reason) ? reason : undefined
}

function detailsOf(details: Fields): ApiErrorDetails {
  const causes = Array.isArray(details['causes']) ? details['causes'].slice(0, mostCauses).map(fieldsOf) : []
  const named = (['group', 'kind', 'name', 'uid'] as const).flatMap((key) => {
    const text = textOf(details[key])
    return text === undefined ? [] : [[key, text.slice(0, 253)] as const]
  })
  return {
    ...Object.fromEntries(named),
    causes: causes.map((cause) => ({
      reason: (textOf(cause['reason']) ?? '').slice(0, 64),
      field: (textOf(cause['field']) ?? '').slice(0, 253),
    })),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
