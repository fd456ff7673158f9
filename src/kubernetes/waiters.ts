/** Those who wait for the end of something that has a key. */
export type Waiters<T> = {
  /** It has ended so: whoever waits is told, and whoever asks later, for as long as it is remembered. */
  readonly end: (key: string, result: T | undefined) => void
  readonly ended: (key: string) => boolean
  /** Resolves with the result of its end, at once when that was before; undefined when `until` ends first. */
  readonly wait: (key: string, until: AbortSignal) => Promise<T | undefined>
}

/** `most`: how many ends are remembered; the oldest are forgotten first. */
export function makeWaiters<T>(most: number): Waiters<T> {
  const over = new Map<string, T | undefined>()
  const waiting = new Map<string, Set<(result: T | undefined) => void>>()

  function end(key: string, result: T | undefined): void {
    over.set(key, result)
    for (const oldest of over.keys()) {
      if (over.size <= most) break
      over.delete(oldest)
    }
    for (const tell of waiting.get(key) ?? []) tell(result)
  }

  function wait(key: string, until: AbortSignal): Promise<T | undefined> {
    return new Promise((resolve) => {
      if (over.has(key) || until.aborted) return resolve(over.get(key))
      const mine = waiting.get(key) ?? new Set()
      const leave = (): void => tell(undefined)
      const tell = (result: T | undefined): void => {
        until.removeEventListener('abort', leave)
        mine.delete(tell)
        if (mine.size === 0) waiting.delete(key)
        resolve(result)
      }
      mine.add(tell)
      waiting.set(key, mine)
      until.addEventListener('abort', leave)
    })
  }

  return { end, ended: (key) => over.has(key), wait }
}
