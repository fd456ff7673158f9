/** Why there is no usable answer at all (`status` 0). Every other reason is the API server's own word. */
export type NoAnswer =
  /** The deadline of the call passed. */
  | 'Timeout'
  /** The caller gave up, or the transport was closed. */
  | 'Canceled'
  /** The connection could not be made, or ended before the answer was complete. */
  | 'Connection'
  /** A stream brought nothing for longer than its idle deadline. */
  | 'Silent'
  /** No bearer token could be had; nothing was sent. */
  | 'TokenUnavailable'
  /** The answer is larger than the configured limit. */
  | 'ReplyTooLarge'
  /** The answer is not UTF-8, or not JSON of the kind that was asked for. */
  | 'UnreadableReply'
  /** A watch brought a line that is no event. */
  | 'MalformedEvent'
  /** A watch brought a line longer than the configured limit. */
  | 'LineTooLong'
  /** A watch brought a line that is not UTF-8. */
  | 'NotUtf8'
  /** A watch ended in the middle of a line. */
  | 'Truncated'

/** What the API server says an error is about. Names and field paths only: a cause's message may quote the object. */
export type ApiErrorDetails = {
  readonly group?: string
  readonly kind?: string
  readonly name?: string
  readonly uid?: string
  readonly causes: readonly { readonly reason: string; readonly field: string }[]
}

export type ApiErrorFields = {
  /** What was asked: method and path, never the query or a body. */
  readonly asked: string
  /** HTTP status, 0 when there was no answer. */
  readonly status: number
  /** `Status.reason` as the API server says it, `Http<status>` when it says none, or a NoAnswer. */
  readonly reason: string
  /** What may be said in a log, already free of contents. */
  readonly words?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly details?: ApiErrorDetails | undefined
  readonly outcomeUnknown?: boolean
  readonly cause?: Error | undefined
}

/**
 * A call to the API server that did not succeed. Safe to log as it is: message and cause carry no body, no header, no
 * query, and nothing that the API server may have quoted from an object.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly reason: string
  /** How long the API server asks us to wait, whatever the status. */
  readonly retryAfterSeconds: number | undefined
  readonly details: ApiErrorDetails | undefined
  /**
   * True when the write may have been carried out although this error says no: it was sent and no answer came, the
   * answer was a 5xx, or an earlier try of the same call ended so (then AlreadyExists, Conflict or a failed `test` may
   * be our own doing). Read the object before drawing a conclusion. Never true for a GET.
   */
  readonly outcomeUnknown: boolean
  readonly #fields: ApiErrorFields

  constructor(fields: ApiErrorFields) {
    const words = fields.words === undefined ? '' : `: ${fields.words}`
    const status = fields.status === 0 ? '' : `${fields.status} `
    super(`${fields.asked}: ${status}${fields.reason}${words}`, fields.cause && { cause: fields.cause })
    this.status = fields.status
    this.reason = fields.reason
    this.retryAfterSeconds = fields.retryAfterSeconds
    this.details = fields.details
    this.outcomeUnknown = fields.outcomeUnknown ?? false
    this.#fields = fields
  }

  /** The same error for a call of which an earlier try left in doubt whether it was carried out. */
  inDoubt(): ApiError {
    return this.outcomeUnknown ? this : new ApiError({ ...this.#fields, outcomeUnknown: true })
  }
}
