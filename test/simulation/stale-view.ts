import type { Change } from '../fake/api-server-objects.ts'
import type { RecordsServer } from './records-server.ts'
import type { Stage } from './stage.ts'

/** A watch that lags: changes come in order, each a while after it was made, now and then a long while. */
export type StaleView = {
  /** How long ago the watch was heard of last. */
  readonly silentMs: () => number
  readonly stop: () => void
}

/** What is there when the watch begins comes as `ADDED`, after a while too where `late`. */
export function watchLate(
  { stage, server }: { readonly stage: Stage; readonly server: RecordsServer },
  { collection, late }: { readonly collection: string; readonly late: boolean },
  handle: (change: Pick<Change, 'type' | 'object'>) => void,
): StaleView {
  let stopped = false
  let heard = stage.clock.elapsed()
  let last = stage.clock.elapsed()

  function deliver(change: Pick<Change, 'type' | 'object'>, afterMs: number): void {
    last = Math.max(last, stage.clock.elapsed() + afterMs)
    void stage.clock.sleep(last - stage.clock.elapsed()).then(() => {
      if (stopped) return
      heard = stage.clock.elapsed()
      handle(change)
    })
  }

  const lag = (): number => {
    if (stage.mishap(0.02)) return stage.between(10_000, 120_000)
    return stage.mishap(0.2) ? stage.between(100, 8_000) : stage.between(1, 60)
  }
  const first = late ? stage.between(100, 20_000) : 0
  const there = server.objects.all(collection).toSorted((a, b) => versionOf(a) - versionOf(b))
  for (const object of there) {
    if (first === 0) handle({ type: 'ADDED', object })
    else deliver({ type: 'ADDED', object }, first)
  }
  const leave = server.objects.listen((change) => {
    if (change.collection === collection) deliver(change, lag())
  })
  return {
    // A bookmark comes each minute while nothing is stuck.
    silentMs: () => (last > stage.clock.elapsed() ? stage.clock.elapsed() - heard : 0),
    stop: () => {
      stopped = true
      leave()
    },
  }
}

function versionOf({ metadata }: { readonly metadata: { readonly resourceVersion: string } }): number {
  return Number(metadata.resourceVersion)
}
