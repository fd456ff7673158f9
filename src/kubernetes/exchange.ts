import type { Dispatcher } from 'undici'
import { Body } from './body.ts'

type Controller = Dispatcher.DispatchController
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]

/** Status line and headers have come. `body` must be read to its end or left, else it holds a socket. */
export type Answered = {
  readonly kind: 'Answered'
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

/** No status line came. `sent`: the first byte of the request may have left this process. */
export type Unanswered = { readonly kind: 'Unanswered'; readonly sent: boolean; readonly error: Error }

/**
 * Sends one HTTP request on a connection of `dispatcher`. Aborting `signal` ends it at any stage, the body included,
 * and destroys its socket. Never rejects; a body that breaks off throws while it is read.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<Answered | Unanswered> {
  return new Promise((resolve) => {
    const handler = new Exchange(signal, resolve)
    if (!signal.aborted) dispatcher.dispatch(request, handler)
  })
}

/** undici tells it what happens; `onRequestStart` comes just before the first byte is written. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal
  readonly #settle: (outcome: Answered | Unanswered) => void
  readonly #body: Body
  #controller: Controller | undefined

  constructor(signal: AbortSignal, settle: (outcome: Answered | Unanswered) => void) {
    this.#signal = signal
    this.#settle = settle
    this.#body = new Body({
      pause: () => this.#controller?.pause(),
      resume: () => this.#controller?.resume(),
      abandon: () => this.#controller?.abort(new Error('left')),
    })
    if (signal.aborted) this.#fail(new Error('aborted'))
    else signal.addEventListener('abort', this.#abort)
  }

  onRequestStart(controller: Controller): void {
    if (this.#signal.aborted) controller.abort(new Error('aborted'))
    else this.#controller = controller
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    this.#settle({ kind: 'Answered', status, headers, body: this.#body })
  }

  onResponseData(_controller: Controller, chunk: Uint8Array): void {
    this.#body.push(chunk)
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#abort)
    this.#body.end(undefined)
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#fail(error)
  }

  readonly #abort = (): void => {
    const error = new Error('aborted')
    this.#controller?.abort(error)
    this.#fail(error)
  }

  #fail(error: Error): void {
    this.#signal.removeEventListener('abort', this.#abort)
    this.#settle({ kind: 'Unanswered', sent: this.#controller !== undefined, error })
    this.#body.end(error)
  }
}
