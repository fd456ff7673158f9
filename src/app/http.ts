/** One HTTP request to somebody else's service. Nothing of it belongs into a log but method, host and path. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** For all of it, the reading of the answer included. */
  readonly deadlineMs: number
  /** Of the answer's body. */
  readonly mostBytes: number
  /** Aborted, nobody waits for the answer any more: the failure is NotSent or Broken, at once. */
  readonly signal?: AbortSignal | undefined
}

/** An answer, whatever its status; redirects are answers and never followed. */
export type HttpAnswer = {
  readonly status: number
  /** The header's value; undefined when it is absent. */
  readonly header: (name: string) => string | undefined
  readonly body: Uint8Array
}

/**
 * Why there is no answer. NotSent: the request has certainly not reached the service. Of the others nobody knows: it may
 * have been carried out.
 */
export type HttpFailure = { readonly failure: 'NotSent' | 'Timeout' | 'Broken' | 'TooLarge' }

/** Sends once. Never rejects. */
export type Http = (request: HttpRequest) => Promise<HttpAnswer | HttpFailure>
