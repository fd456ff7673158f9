import type { AdmitPorts } from '../../src/app/admit-ports.ts'
import { makeCallRate } from '../../src/app/call-rate.ts'
import { makeTargetCheck } from '../../src/app/check-target.ts'
import { makeHoldSlots } from '../../src/app/hold-slots.ts'
import { makeOpenings } from '../../src/app/openings.ts'
import { storeDiff } from '../../src/app/store-diff.ts'
import type { HoldTimes } from '../../src/compose/hold-times.ts'
import { makeDiffStore } from '../../src/kubernetes/diff-store.ts'
import type { Objects } from '../../src/kubernetes/objects.ts'
import { makeWebhookRequests } from '../../src/kubernetes/requests.ts'
import { makeTargets } from '../../src/kubernetes/targets.ts'
import type { Transport } from '../../src/kubernetes/transport.ts'
import { excerpt, printView } from '../../src/text/diff.ts'
import { digestContext } from '../make.ts'
import type { Keys } from './keys.ts'
import { recordsNamespace } from './records-server.ts'
import type { Stage } from './stage.ts'
import type { WatchedMemory } from './webhook-memory.ts'

export type Surroundings = {
  readonly stage: Stage
  readonly keys: Keys
  readonly transport: Transport
  readonly objects: Objects
  readonly now: () => number
  readonly holds: HoldTimes
}

/** Small, so that it is met. */
export const mostPending = 3

/** The ports as the webhook's own composition joins them; signatures are checked without leaving the turn. */
export function makePorts(around: Surroundings, { memory, undecided }: WatchedMemory): AdmitPorts {
  const { objects, transport, keys, holds, stage } = around
  const requests = makeWebhookRequests({ objects, namespace: recordsNamespace })
  const targets = makeTargets(transport)
  const save = makeDiffStore(objects, recordsNamespace)
  return {
    memory,
    requests: {
      ...requests,
      open: async (draft, until) => {
        const live = await requests.open(draft, until)
        undecided.seen(live.request)
        return live
      },
      latest: async (chain, until) => {
        const live = await requests.latest(chain, until)
        if (live !== undefined) undecided.seen(live.request)
        return live
      },
    },
    targets,
    checkTarget: makeTargetCheck(targets),
    records: { verified: ({ status }) => Promise.resolve(keys.read(status)) },
    diffs: { store: storeDiff.bind(undefined, { print: printView, excerpt, save }) },
    slots: makeHoldSlots({ total: 12, perAgent: 2 }),
    openings: makeOpenings(),
    now: around.now,
    timeout: holds.timeout,
    within: holds.within,
    draining: holds.draining,
    mayCall: makeCallRate({ burst: 30, perSecond: 3 }, stage.clock.elapsed),
    elapsed: stage.clock.elapsed,
    measure: () => undefined,
    alarm: (alarm, request) => stage.tell(`alarm ${alarm} ${request}`),
    digestContexts: () => [digestContext],
    settings: {
      namespace: recordsNamespace,
      cluster: { uid: digestContext.cluster, name: 'prod-eu1' },
      holdMs: 20_000,
      patienceMs: 45_000,
      marginMs: 3_000,
      staleMs: 90_000,
      leaseMs: 45_000,
      mostPending,
    },
  }
}
