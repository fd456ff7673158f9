/** An answer that is not 2xx, in the form of a metav1.Status. Thrown inside the fake, sent to the client. */
export class FakeRefusal extends Error {
  readonly code: number
  readonly reason: string
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(
    code: number,
    reason: string,
    more: { message?: string; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(more.message ?? `the fake API server says ${reason}`)
    this.code = code
    this.reason = reason
    this.details = more.details
  }

  status(): Readonly<Record<string, unknown>> {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    }
  }
}
