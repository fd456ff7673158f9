/** Waiting longer after each failure, from `firstMs` doubling up to `capMs`. */
export type Backoff = { readonly firstMs: number; readonly capMs: number }

/**
 * Milliseconds to wait after the given number of earlier failures in a row (0 for the first). Between half and all of
 * the doubled time, by `random` in [0, 1), so that many clients that failed together do not come back together.
 */
export function backoffMs(backoff: Backoff, failures: number, random: () => number): number {
  const longest = Math.min(backoff.capMs, backoff.firstMs * 2 ** failures)
  return longest / 2 + (random() * longest) / 2
}
