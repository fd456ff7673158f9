import type { Instant } from '../domain/instant.ts'
import { ApiError } from './api-error.ts'
import type { Call, Reply, Transport } from './transport.ts'

/** An object as the API server has it now, and the server's clock when it said so. */
export type Stored<T> = { readonly object: T; readonly date: Instant | undefined }

/** The refusals that a caller has to expect. Certain: it means that this call changed nothing. */
export type Refused = 'AlreadyExists' | 'Conflict' | 'Invalid' | 'NotFound'

/**
 * Makes a call whose refusals of the `expected` sorts are values. Rejects with ApiError for any other, and for a
 * refusal that may be the answer to our own earlier try.
 */
export async function answerOf<R extends Refused>(
  transport: Pick<Transport, 'call'>,
  call: Call,
  expected: readonly R[],
): Promise<Reply | R> {
  try {
    return await transport.call(call)
  } catch (error) {
    const refused = error instanceof ApiError && !error.outcomeUnknown ? refusalOf(error) : undefined
    const found = expected.find((one) => one === refused)
    if (found === undefined) throw error
    return found
  }
}

/** A 404 that names nothing means that the whole path is not served, say because the CRD is missing. */
function refusalOf(error: ApiError): Refused | undefined {
  const { status, reason, details } = error
  if (status === 404) return details?.name ? 'NotFound' : undefined
  if (status === 409) return reason === 'AlreadyExists' || reason === 'Conflict' ? reason : undefined
  return status === 422 ? 'Invalid' : undefined
}
