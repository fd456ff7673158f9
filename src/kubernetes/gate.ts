/** Something that is not yet so, and those who wait for it. */
export type Gate = {
  readonly isOpen: () => boolean
  readonly open: () => void
  /** Also lets all go who wait, with false. */
  readonly close: () => void
  /** True as soon as it is open; false when it is closed anew, or the signal is aborted, before that. */
  readonly passed: (signal?: AbortSignal) => Promise<boolean>
}

/** A gate that is closed at first. */
export function makeGate(): Gate {
  const waiting = new Set<(passed: boolean) => void>()
  let isOpen = false

  function set(open: boolean): void {
    isOpen = open
    for (const settle of waiting) settle(open)
  }

  function passed(signal?: AbortSignal): Promise<boolean> {
    if (isOpen || signal?.aborted === true) return Promise.resolve(isOpen)
    return new Promise((resolve) => {
      const leave = (): void => settle(false)
      const settle = (through: boolean): void => {
        waiting.delete(settle)
        signal?.removeEventListener('abort', leave)
        resolve(through)
      }
      waiting.add(settle)
      signal?.addEventListener('abort', leave)
    })
  }

  return { isOpen: () => isOpen, open: () => set(true), close: () => set(false), passed }
}
