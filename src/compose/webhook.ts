import { observedAdmit } from '../app/observed-admit.ts'
import type { AdmitPorts } from '../app/admit-ports.ts'
import type { HoldSlots } from '../app/hold-slots.ts'
import { recordsNamespace } from '../config.ts'
import { replicaMetadata } from '../domain/replica.ts'
import { keepReplicaLease } from '../kubernetes/replica-lease.ts'
import { makeSnapshot } from '../kubernetes/snapshot.ts'
import type { Snapshot } from '../kubernetes/snapshot.ts'
import { makeHandler } from '../webhook/handle.ts'
import type { ServerPorts } from '../webhook/server.ts'
import type { Component, ReadyCheck, Surroundings } from './component.ts'
import { makeHoldTimes } from './hold-times.ts'
import type { HoldTimes } from './hold-times.ts'
import { makeServing } from './serving.ts'
import type { ServingLife } from './serving.ts'
import { admitPorts, makeSlots } from './webhook-ports.ts'
import { watchWebhookSecrets } from './webhook-secrets.ts'
import type { WebhookSecrets } from './webhook-secrets.ts'

type Parts = {
  readonly snapshot: Snapshot
  readonly secrets: WebhookSecrets
  readonly holds: HoldTimes
  readonly slots: HoldSlots
  readonly serving: ServingLife
}

/** The part that the API server asks. It serves as soon as it has a certificate, and judges as soon as it knows enough. */
export function makeWebhook(around: Surroundings): Component {
  const parts = makeParts(around)
  const { snapshot, secrets, holds, serving } = parts
  const checks = (): readonly ReadyCheck[] => checksOf(around, parts)
  const ended = new AbortController()
  let lease = Promise.resolve()
  return {
    start: async () => {
      snapshot.start()
      secrets.start()
      lease = keepLease(around, { secrets, checks, until: ended.signal })
    },
    checks,
    gauges: () => gaugesOf(around, parts),
    stop: async () => {
      holds.drain()
      ended.abort()
      await Promise.all([serving.end(), lease])
      holds.end()
      await Promise.all([snapshot.stop(), secrets.stop()])
    },
  }
}

function makeParts(around: Surroundings): Parts {
  const snapshot = makeSnapshot({ ...around, namespace: recordsNamespace, failed: watchFailed(around) })
  const holds = makeHoldTimes(around.timers)
  const slots = makeSlots(around)
  const serving = makeServing(around, (posted) => answer(posted))
  const secrets = watchWebhookSecrets(around, serving.use)
  const { timeout, within, draining } = holds
  const answer = makeAnswer(around, admitPorts(around, { snapshot, secrets, slots, timeout, within, draining }))
  return { snapshot, secrets, holds, slots, serving }
}

/** The API server's own timeout for a webhook that names none. */
const callMs = 10_000

function makeAnswer(
  { timers, log, measure }: Surroundings,
  ports: () => AdmitPorts | undefined,
): ServerPorts['answer'] {
  return makeHandler({
    admit: (call) => observedAdmit({ ports, log, measure, elapsed: timers.elapsed }, call),
    elapsed: timers.elapsed,
    failed: (error) => log.error('AnswerFailed', error),
    unreadable: (fault) => {
      measure({ fact: 'Answered', answer: 'Unreadable', reason: 'Unreviewable', seconds: 0 })
      log.warn('Unreadable', { fault })
    },
    callMs,
    namespace: recordsNamespace,
  })
}

function checksOf({ config }: Surroundings, { snapshot, secrets, holds, serving }: Parts): readonly ReadyCheck[] {
  return [
    ...watchChecks(snapshot, config.webhook.staleSeconds),
    ...secrets.checks(),
    { name: 'listening', ok: serving.port() !== undefined, detail: 'there is no certificate to serve yet' },
    { name: 'not-stopping', ok: !holds.draining() },
  ]
}

function watchChecks(snapshot: Snapshot, staleSeconds: number): readonly ReadyCheck[] {
  return snapshot.watches().map(({ resource, synced, silentMs, matters }) => ({
    name: `watch-${resource}`,
    ok: synced && (!matters || silentMs <= staleSeconds * 1000),
    detail: synced ? `nothing was heard for ${Math.round(silentMs / 1000)} s` : 'not read yet',
  }))
}

function gaugesOf({ config }: Surroundings, { snapshot, secrets, slots }: Parts): ReturnType<Component['gauges']> {
  const served = secrets.serving()
  return {
    held: slots.taken(),
    slots: config.webhook.holdSlots,
    undecided: snapshot.undecidedCount(),
    silentSeconds: Object.fromEntries(snapshot.watches().map((one) => [one.resource, one.silentMs / 1000])),
    ...(served === undefined ? {} : { certificateExpirySeconds: served.notAfter / 1000 }),
  }
}

type Keeping = {
  readonly secrets: WebhookSecrets
  readonly checks: () => readonly ReadyCheck[]
  readonly until: AbortSignal
}

/** While it is ready, the replica says so, and what it knows. */
function keepLease(around: Surroundings, { secrets, checks, until }: Keeping): Promise<void> {
  const { instance, version, log } = around
  const says = () =>
    checks().every(({ ok }) => ok)
      ? replicaMetadata({
          component: 'webhook',
          version,
          keyIDs: secrets.keyIDs(),
          servedCertificate: secrets.serving()?.fingerprint,
        })
      : undefined
  const failed = (error: unknown): void => log.error('LeaseNotKept', error)
  const replica = { namespace: recordsNamespace, name: `countersign-webhook-${instance}`, instance }
  return keepReplicaLease({ ...around, says, failed }, replica, until)
}

function watchFailed({ log, measure }: Surroundings): (resource: string, error: unknown) => void {
  return (resource, error) => {
    measure({ fact: 'WatchFailed', resource })
    log.warn('WatchFailed', { resource, cause: error instanceof Error ? error.message : '' })
  }
}
