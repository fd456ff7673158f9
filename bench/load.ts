/**
 * Sends this many, so many at once: each of the senders sends its next when it has its answer. Resolves with what each
 * took, in milliseconds; rejects with the first that fails.
 */
export async function drive(
  { count, atOnce }: { readonly count: number; readonly atOnce: number },
  send: (index: number) => Promise<{ readonly millis: number }>,
): Promise<readonly number[]> {
  const millis: number[] = []
  let next = 0
  async function sender(): Promise<void> {
    while (next < count) {
      const index = next
      next += 1
      millis.push((await send(index)).millis)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, sender))
  return millis
}
