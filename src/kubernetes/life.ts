/** Why a call or a stream is over. `Over` is the good end. */
type Ending = 'Over' | 'Timeout' | 'Silent' | 'Canceled'

/** The time during which one call may use the network. It ends once, and says why. */
export type Life = {
  /** Aborted at the end, whatever the reason. */
  readonly signal: AbortSignal
  readonly ending: () => Ending | undefined
  /** Only the first one counts. */
  readonly end: (ending: Ending) => void
}

/** A life that the caller's signal ends as `Canceled`. `onEnd` is called once. It must be ended, or it leaks. */
export function makeLife(caller: AbortSignal | undefined, onEnd: (life: Life) => void): Life {
  const controller = new AbortController()
  let ending: Ending | undefined
  const cancel = (): void => end('Canceled')
  const life: Life = { signal: controller.signal, ending: () => ending, end }

  function end(why: Ending): void {
    if (ending !== undefined) return
    ending = why
    caller?.removeEventListener('abort', cancel)
    controller.abort()
    onEnd(life)
  }

  if (caller?.aborted === true) end('Canceled')
  else caller?.addEventListener('abort', cancel)
  return life
}
