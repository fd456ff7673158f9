/** Resolves after so many milliseconds, or as soon as `until` is aborted. */
export function sleep(ms: number, until?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      until?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    until?.addEventListener('abort', done)
  })
}
