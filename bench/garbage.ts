import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects garbage at once, where V8 would do it when it likes. */
export type Collect = {
  /** What was made lately. All that is compiled stays. */
  readonly young: () => void
  /** Everything. V8 then forgets compiled code that was made for objects of which none is left. */
  readonly all: () => void
}

/** The collector of this process. */
export function makeCollect(): Collect {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  if (typeof gc !== 'function') throw new Error('this node cannot collect garbage when asked to')
  return { young: () => void gc({ type: 'minor' }), all: () => void gc() }
}
