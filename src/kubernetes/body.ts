/** What the bytes come from. `abandon` is called when the reader leaves before the end. */
export type Source = { readonly pause: () => void; readonly resume: () => void; readonly abandon: () => void }

/** The source is paused while more than this waits for the reader, so that a slow one costs no memory. */
const highWaterBytes = 256 * 1024

/** The bytes of one answer on their way from the callbacks of an HTTP client to one reader. */
export class Body implements AsyncIterableIterator<Uint8Array> {
  readonly #source: Source
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #ended: { readonly error: Error | undefined } | undefined
  #wake: (() => void) | undefined

  constructor(source: Source) {
    this.#source = source
  }

  push(chunk: Uint8Array): void {
    if (this.#ended !== undefined) return
    this.#queue.push(chunk)
    this.#queuedBytes += chunk.byteLength
    if (this.#queuedBytes > highWaterBytes) this.#source.pause()
    this.#wake?.()
  }

  /** What was pushed before is still read; then the reader sees the end, or the error. Only the first call counts. */
  end(error: Error | undefined): void {
    this.#ended ??= { error }
    this.#wake?.()
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const value = this.#take()
      if (value !== undefined) return { done: false, value }
      if (this.#ended?.error !== undefined) throw this.#ended.error
      if (this.#ended !== undefined) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#queue = []
    this.#queuedBytes = 0
    if (this.#ended === undefined) {
      this.end(undefined)
      this.#source.abandon()
    }
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #take(): Uint8Array | undefined {
    const chunk = this.#queue.shift()
    if (chunk === undefined) return undefined
    this.#queuedBytes -= chunk.byteLength
    if (this.#queuedBytes <= highWaterBytes) this.#source.resume()
    return chunk
  }
}
