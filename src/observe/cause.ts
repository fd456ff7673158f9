import type { LogFields } from '../app/log.ts'
import { redacted } from './redact.ts'

/** How many causes of causes are told. */
const deepest = 3

/**
 * An error as fields of a log line: its class and redacted message, the status and reason that an error of the
 * Kubernetes API has, and the code of one by the system. Nothing else of it, since errors carry bodies and headers.
 */
export function causeFields(cause: unknown): LogFields {
  if (!(cause instanceof Error)) return cause === undefined ? {} : { cause: typeof cause }
  const { status, reason } = Object(cause)
  return {
    cause: namesOf(cause, 0),
    code: wordOf(codeOf(cause, 0)),
    status: typeof status === 'number' ? status : undefined,
    reason: wordOf(reason),
    message: redacted(cause.message),
  }
}

function namesOf(cause: Error, depth: number): string {
  const name = wordOf(cause.name) ?? 'Error'
  return cause.cause instanceof Error && depth < deepest ? `${name} < ${namesOf(cause.cause, depth + 1)}` : name
}

/** The innermost one says most: ECONNREFUSED, not UND_ERR. */
function codeOf(cause: Error, depth: number): unknown {
  const inner = cause.cause instanceof Error && depth < deepest ? codeOf(cause.cause, depth + 1) : undefined
  return inner ?? Object(cause).code
}

/** A word of a programmer's, not a text that came from somewhere. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\w{1,64}$/.test(value) ? value : undefined
}
