import type { AdmitPorts } from '../app/admit-ports.ts'
import { makeTargetCheck } from '../app/check-target.ts'
import { makeCallRate } from '../app/call-rate.ts'
import type { CallRate } from '../app/call-rate.ts'
import { makeHoldSlots } from '../app/hold-slots.ts'
import type { HoldSlots } from '../app/hold-slots.ts'
import { makeMemory } from '../app/memory.ts'
import { makeOpenings } from '../app/openings.ts'
import type { WebhookRequests } from '../app/ports.ts'
import { preparePolicy } from '../app/prepare-policy.ts'
import { storeDiff } from '../app/store-diff.ts'
import { recordsNamespace } from '../config.ts'
import type { HmacKey } from '../domain/digest.ts'
import { readDecisionRecord } from '../domain/decision-record.ts'
import type { DecisionRecord } from '../domain/evidence.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { present } from '../domain/present.ts'
import { makeDiffStore } from '../kubernetes/diff-store.ts'
import { makeWebhookRequests } from '../kubernetes/requests.ts'
import type { Snapshot } from '../kubernetes/snapshot.ts'
import { makeTargets } from '../kubernetes/targets.ts'
import { excerpt, printView } from '../text/diff.ts'
import { verifyRecord } from '../tokens/verify.ts'
import type { Surroundings } from './component.ts'
import type { HoldTimes } from './hold-times.ts'
import type { WebhookSecrets } from './webhook-secrets.ts'

export type WebhookParts = {
  readonly snapshot: Snapshot
  readonly secrets: WebhookSecrets
  readonly slots: HoldSlots
  /** A signal that is aborted after so many milliseconds, or when this replica drains. */
  readonly timeout: (milliseconds: number) => AbortSignal
  readonly draining: () => boolean
  readonly within: HoldTimes['within']
}

export function makeSlots({ config }: Surroundings): HoldSlots {
  return makeHoldSlots({ total: config.webhook.holdSlots, perAgent: config.webhook.holdSlotsPerAgent })
}

/** The ports of the use case; undefined while what every answer needs is not there: the cluster's uid and the keys. */
export function admitPorts(around: Surroundings, parts: WebhookParts): () => AdmitPorts | undefined {
  const { config, transport, objects, measure, log } = around
  const { snapshot, secrets, slots, timeout, draining, within } = parts
  const targets = makeTargets(transport)
  const save = makeDiffStore(objects, recordsNamespace)
  const rest = {
    memory: makeMemory(snapshot, preparePolicy),
    requests: makeRequests(around, snapshot),
    targets,
    checkTarget: makeTargetCheck(targets),
    records: { verified: (request: ApprovalRequest) => verified(around, secrets, request) },
    diffs: { store: storeDiff.bind(undefined, { print: printView, excerpt, save }) },
    slots,
    openings: makeOpenings(),
    mayCall: makeCallRate(callRate(config), around.timers.elapsed),
    now: around.now,
    elapsed: around.timers.elapsed,
    timeout,
    within,
    draining,
    measure,
    alarm: (alarm: string, request: string) => {
      measure({ fact: 'Alarm', alarm })
      log.error(alarm, undefined, { request })
    },
  }
  return () => {
    const cluster = snapshot.clusterUID()
    const keys = secrets.digestKeys()
    if (cluster === undefined || keys === undefined || secrets.keys() === undefined) return undefined
    const settings = settingsOf(config, cluster)
    const contextOf = (key: HmacKey) => ({ cluster, key })
    const [current, ...former] = keys
    const digestContexts: AdmitPorts['digestContexts'] = () => [contextOf(current), ...former.map(contextOf)]
    return { ...rest, digestContexts, settings }
  }
}

function callRate({ webhook }: Surroundings['config']): CallRate {
  return { burst: webhook.callBurst, perSecond: webhook.callsPerSecond }
}

function settingsOf({ webhook, cluster, grants }: Surroundings['config'], uid: string): AdmitPorts['settings'] {
  return {
    namespace: recordsNamespace,
    cluster: present({ uid, name: cluster.name || undefined, environment: cluster.environment || undefined }),
    holdMs: webhook.holdSeconds * 1000,
    patienceMs: webhook.patienceSeconds * 1000,
    marginMs: webhook.marginSeconds * 1000,
    staleMs: webhook.staleSeconds * 1000,
    mostPending: webhook.mostPending,
    leaseMs: grants.leaseSeconds * 1000,
  }
}

/** What was opened is in memory at once, and every claim is counted. */
function makeRequests({ objects, measure, log }: Surroundings, snapshot: Snapshot): WebhookRequests {
  const requests = makeWebhookRequests({ objects, namespace: recordsNamespace })
  return {
    ...requests,
    open: async (draft, until) => {
      const live = await requests.open(draft, until)
      snapshot.seen(live.request)
      return live
    },
    latest: async (chain, until) => {
      const live = await requests.latest(chain, until)
      if (live !== undefined) snapshot.seen(live.request)
      return live
    },
    claim: async (grant, claim, until) => {
      const claimed = await requests.claim(grant, claim, until)
      const tries = claimed.outcome === 'Claimed' ? claimed.tries : 0
      measure({ fact: 'Claimed', outcome: claimed.outcome, tries })
      if (claimed.outcome === 'RecordUnavailable') {
        measure({ fact: 'Alarm', alarm: 'ClaimRefused' })
        log.error('ClaimRefused', undefined, { request: grant.name })
      }
      return claimed
    },
  }
}

/** A decision whose signature does not hold is not one: somebody has rewritten what is stored. */
async function verified(
  { log }: Surroundings,
  secrets: WebhookSecrets,
  { metadata, status }: ApprovalRequest,
): Promise<DecisionRecord | undefined> {
  const keys = secrets.keys()
  if (keys === undefined || status?.record === undefined) return undefined
  const read = await verifyRecord(keys, status.record)
  if (!('fault' in read)) return readDecisionRecord(read.payload)
  log.warn('SignatureDoesNotHold', { request: metadata.name, fault: read.fault })
  return undefined
}
