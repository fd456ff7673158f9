/** Lets many wait until anything has changed. */
export type ChangeFeed = {
  /** Another one after every change; of this process and no other one. */
  readonly version: () => string
  /** Something has changed: wakes everybody who waits. */
  readonly changed: () => void
  /** Resolves when the version is another one than `since`, or when `until` is aborted. Never rejects. */
  readonly next: (since: string, until: AbortSignal) => Promise<void>
}

/** `instance`: a name that no other process ever has, so that a version of another replica is never taken for one of ours. */
export function makeChangeFeed(instance: string): ChangeFeed {
  const waiting = new Set<() => void>()
  let count = 0
  const version = (): string => `${instance}.${count}`

  return {
    version,
    changed: () => {
      count += 1
      for (const wake of waiting) wake()
    },
    next: (since, until) =>
      new Promise((resolve) => {
        if (since !== version() || until.aborted) return resolve()
        const wake = (): void => {
          waiting.delete(wake)
          until.removeEventListener('abort', wake)
          resolve()
        }
        waiting.add(wake)
        until.addEventListener('abort', wake)
      }),
  }
}
