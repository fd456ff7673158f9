import type { ApiError } from './api-error.ts'
import { backoffMs } from './backoff.ts'
import type { Backoff } from './backoff.ts'

/** How often, beyond the first time, one call may be sent, and how long to wait in between. */
export type RetryPolicy = Backoff & { readonly limit: number }

/** One try that failed; `earlier` is the number of retries before it. `error` speaks of this try alone. */
export type FailedTry = { readonly method: string; readonly error: ApiError; readonly earlier: number }

/**
 * Milliseconds to wait before the same call is sent again, or undefined when sending it again is unsafe or useless.
 * The rules are client-go's (`rest/with_retry.go`): any verb when the server names a time to wait on a 429 or 5xx,
 * otherwise GET alone; and beyond it any verb on a bare 429, and when nothing was sent.
 */
export function retryDelayMs(failed: FailedTry, policy: RetryPolicy, random: () => number): number | undefined {
  if (failed.earlier >= policy.limit || !mayBeSentAgain(failed)) return undefined
  return (failed.error.retryAfterSeconds ?? 0) * 1000 + backoffMs(policy, failed.earlier, random)
}

function mayBeSentAgain({ method, error }: FailedTry): boolean {
  if (error.status === 429) return true
  if (error.status >= 500) return method === 'GET' || error.retryAfterSeconds !== undefined
  if (error.status > 0) return false
  if (error.reason === 'TokenUnavailable') return true
  return error.reason === 'Connection' && !error.outcomeUnknown
}
