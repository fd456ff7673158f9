/** Something that came in over HTTP, before anything about it is believed. Inboxes take it, so none knows the server. */
export type RawRequest = {
  readonly method: string
  /** Without the query, as it was sent. */
  readonly path: string
  readonly query: URLSearchParams
  /** The header's value; undefined when it is absent, or was sent more than once. */
  readonly header: (name: string) => string | undefined
  readonly body: Uint8Array
  /** The body is larger than the server takes: this is its beginning. */
  readonly cutOff: boolean
  /** So many bodies came at once that there was no room for this one: it is empty. */
  readonly crowdedOut?: boolean
  /** Aborted when whoever asked has gone. */
  readonly gone: AbortSignal
}

export type RawAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Answers what came in. Never rejects. */
export type Inbox = (raw: RawRequest) => Promise<RawAnswer>
