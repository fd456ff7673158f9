import { observedAdmit } from '../app/observed-admit.ts'
import { recordsNamespace } from '../config.ts'
import { replicaMetadata } from '../domain/replica.ts'
import { keepReplicaLease } from '../kubernetes/replica-lease.ts'
import { makeSnapshot } from '../kubernetes/snapshot.ts'
import type { Snapshot } from '../kubernetes/snapshot.ts'
import type { Serving } from '../certificates/tls-secret.ts'
import { makeHandler } from '../webhook/handle.ts'
import { makeServer } from '../webhook/server.ts'
import type { AdmissionServer } from '../webhook/server.ts'
import type { Component, ReadyCheck, Surroundings } from './component.ts'
import { makeHoldTimes } from './hold-times.ts'
import { admitPorts, makeSlots } from './webhook-ports.ts'
import { watchWebhookSecrets } from './webhook-secrets.ts'

/** As large as the API server's own limit for a request, several times over. */
const bodyBytes = 16 * 1024 * 1024

/** After the last new connection, for calls on their way on the others: longer than the Retry-After of a 503. */
const lingerMs = 1_500

/** The API server's own timeout for a webhook that names none. */
const callMs = 10_000

/** The part that the API server asks. It serves as soon as it has a certificate, and judges as soon as it knows enough. */
export function makeWebhook(around: Surroundings): Component {
  const { config, timers, log, measure } = around
  const snapshot = makeSnapshot({ ...around, namespace: recordsNamespace, failed: watchFailed(around) })
  const holds = makeHoldTimes(timers)
  const slots = makeSlots(around)
  const serving = makeServing(around, (posted) => handler(posted))
  const secrets = watchWebhookSecrets(around, serving.use)
  const ports = admitPorts(around, { snapshot, secrets, slots, timeout: holds.timeout, draining: holds.draining })
  const handler = makeHandler({
    admit: (call) => observedAdmit({ ports, log, measure, elapsed: timers.elapsed }, call),
    now: around.now,
    failed: (error) => log.error('AnswerFailed', error),
    unreadable: (fault) => {
      measure({ fact: 'Answered', answer: 'Unreadable', reason: 'Unreviewable', seconds: 0 })
      log.warn('Unreadable', { fault })
    },
    callMs,
    namespace: recordsNamespace,
  })
  const ended = new AbortController()
  let lease = Promise.resolve()

  const checks = (): readonly ReadyCheck[] => [
    ...watchChecks(snapshot, config.webhook.staleSeconds),
    ...secrets.checks(),
    { name: 'listening', ok: serving.port() !== undefined, detail: 'there is no certificate to serve yet' },
    { name: 'not-stopping', ok: !holds.draining() },
  ]
  const says = () =>
    checks().every(({ ok }) => ok)
      ? replicaMetadata({
          component: 'webhook',
          version: around.version,
          keyIDs: secrets.keyIDs(),
          servedCertificate: secrets.serving()?.fingerprint,
        })
      : undefined

  return {
    start: () => {
      snapshot.start()
      secrets.start()
      const failed = (error: unknown): void => log.error('LeaseNotKept', error)
      const replica = {
        namespace: recordsNamespace,
        name: `countersign-webhook-${around.instance}`,
        instance: around.instance,
      }
      lease = keepReplicaLease({ ...around, says, failed }, replica, ended.signal)
      return Promise.resolve()
    },
    checks,
    gauges: () => ({
      held: slots.taken(),
      slots: config.webhook.holdSlots,
      undecided: [...snapshot.undecided()].length,
      silentSeconds: Object.fromEntries(
        snapshot.watches().map(({ resource, silentMs }) => [resource, silentMs / 1000] as const),
      ),
    }),
    stop: async () => {
      ended.abort()
      await lease
      holds.drain()
      await serving.drain(config.webhook.drainSeconds * 1000)
      await Promise.all([snapshot.stop(), secrets.stop()])
    },
  }
}

type ServingLife = {
  /** Serves with it from now on; begins to listen with the first. */
  readonly use: (serving: Serving) => void
  readonly port: () => number | undefined
  readonly drain: (milliseconds: number) => Promise<void>
}

function makeServing({ config, timers, log }: Surroundings, answer: Parameters<typeof makeServer>[1]['answer']): ServingLife {
  let server: AdmissionServer | undefined
  let port: number | undefined

  function use({ cert, key, fingerprint }: Serving): void {
    log.info('Certificate', { fingerprint })
    if (server !== undefined) return server.useCertificate({ certificate: cert, key })
    const limits = { bodyBytes, keepAliveMs: 120_000, headersMs: 125_000 }
    server = makeServer({ certificate: cert, key }, { answer, limits })
    server.listen(config.webhook.listen).then(
      (listening) => {
        port = listening
        log.info('Listening', { port: listening })
      },
      (error: unknown) => log.error('NotListening', error, { port: config.webhook.listen.port }),
    )
  }

  return {
    use,
    port: () => port,
    drain: async (milliseconds) => {
      if (server === undefined) return
      server.drain()
      await timers.sleep(milliseconds)
      server.refuse()
      await timers.sleep(lingerMs)
      await server.close()
    },
  }
}

function watchChecks(snapshot: Snapshot, staleSeconds: number): readonly ReadyCheck[] {
  return snapshot.watches().map(({ resource, synced, silentMs }) => ({
    name: `watch-${resource}`,
    ok: synced && silentMs <= staleSeconds * 1000,
    detail: synced ? `nothing was heard for ${Math.round(silentMs / 1000)} s` : 'not read yet',
  }))
}

function watchFailed({ log, measure }: Surroundings): (resource: string, error: unknown) => void {
  return (resource, error) => {
    measure({ fact: 'WatchFailed', resource })
    log.warn('WatchFailed', { resource, cause: error instanceof Error ? error.message : '' })
  }
}
