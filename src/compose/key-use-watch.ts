import { keysInUse, keyUseOf } from '../app/key-use.ts'
import type { KeyUse } from '../app/key-use.ts'
import { recordsNamespace } from '../config.ts'
import { approvalRequests } from '../kubernetes/kinds.ts'
import type { Reflector } from '../kubernetes/reflector.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import type { Surroundings } from './component.ts'
import { makeWatchSet } from './watch-set.ts'

/** What rests on keys. Watches all requests, but only while there is a key that could be dropped. */
export type KeyUseWatch = {
  /** Ids of the keys in use. Until they are known, and when they are not asked for, every key is. */
  readonly inUse: () => ReadonlySet<string>
  readonly follow: (isAsked: boolean) => void
  readonly stop: () => Promise<void>
}

/** `others`: ids of keys that are in use whatever the requests say. `known` is called when the requests are. */
export function watchKeyUse(
  around: Surroundings,
  { others, known }: { readonly others: () => readonly string[]; readonly known: () => void },
): KeyUseWatch {
  let reflector: Reflector<KeyUse> | undefined
  let ending: Promise<void> = Promise.resolve()

  function begin(): void {
    const interest = { resource: approvalRequests, namespace: recordsNamespace, trim: keyUseOf }
    const begun = makeWatchSet(around).watch<ApprovalRequest, KeyUse>('approvalrequests', interest, () => undefined)
    reflector = begun
    begun.start()
    void begun.untilSynced().then((synced) => {
      if (synced) known()
    })
  }

  function stop(): Promise<void> {
    const ended = reflector
    reflector = undefined
    if (ended !== undefined) ending = Promise.all([ending, ended.stop()]).then(() => undefined)
    return ending
  }

  return {
    inUse: () => {
      const ids = reflector?.synced() === true ? keysInUse(reflector.cache.values(), around.now()) : undefined
      return ids === undefined ? everything : new Set([...ids, ...others()])
    },
    follow: (isAsked) => {
      if (isAsked && reflector === undefined) begin()
      if (!isAsked) void stop()
    },
    stop,
  }
}

class Everything extends Set<string> {
  override has(): boolean {
    return true
  }
}

const everything: ReadonlySet<string> = new Everything()
