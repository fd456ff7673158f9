import { readFile } from 'node:fs/promises'
import type { Fact } from '../../src/app/fact.ts'
import type { LogFields } from '../../src/app/log.ts'
import type { Surroundings } from '../../src/compose/component.ts'
import { makeKeepers } from '../../src/compose/keepers.ts'
import type { Keepers } from '../../src/compose/keepers.ts'
import { makeLeadership } from '../../src/compose/leadership.ts'
import { configSchema, recordsNamespace } from '../../src/config.ts'
import type { Config } from '../../src/config.ts'
import { replicaMetadata } from '../../src/domain/replica.ts'
import { makeObjects } from '../../src/kubernetes/objects.ts'
import type { Objects } from '../../src/kubernetes/objects.ts'
import { makeTimers } from '../../src/kubernetes/timers.ts'
import { makeTransport, transportLimits } from '../../src/kubernetes/transport.ts'
import type { ApiClient } from '../crds/api-client.ts'
import type { Stage } from '../manifests/stage.ts'

/** What the webhook would be called by. Nobody listens there: the keepers never ask. */
export const url = 'https://127.0.0.1:9'

type Line = { readonly event: string; readonly fields: LogFields | undefined }

/** One operator, as far as it keeps things, under its own service account. */
export type Operator = {
  readonly keepers: Keepers
  readonly objects: Objects
  readonly leads: () => boolean
  readonly lines: readonly Line[]
  readonly facts: readonly Fact[]
  readonly stop: () => Promise<void>
}

const timers = makeTimers({ now: Date.now, elapsed: () => performance.now() })

export async function startOperator(stage: Stage, instance: string, changes: object = {}): Promise<Operator> {
  const { url: server, caFile } = stage.plane
  const ca = await readFile(caFile, 'utf8')
  const token = await operatorToken(stage.admin)
  const transport = makeTransport(
    { server, ca, token: () => Promise.resolve(token) },
    { timers, random: Math.random, userAgent: 'countersign-test', limits: transportLimits },
  )
  const lines: Line[] = []
  const facts: Fact[] = []
  const line =
    (write: (event: string, fields?: LogFields) => void = () => undefined) =>
    (event: string, fields?: LogFields): void => {
      write(event, fields)
      lines.push({ event, fields })
    }
  const objects = makeObjects({ transport, fieldManager: 'countersign-operator' })
  const around: Surroundings = {
    config: testConfig(changes),
    timers,
    now: Date.now,
    earliest: Date.now,
    random: Math.random,
    transport,
    objects,
    log: {
      debug: line(),
      info: line(),
      warn: line(),
      error: (event, cause, fields) => {
        lines.push({ event, fields: { ...fields, cause: cause instanceof Error ? cause.message : undefined } })
      },
    },
    measure: (fact) => facts.push(fact),
    instance,
    version: 'test',
  }
  const keepers = makeKeepers(around, { firstMs: 0, capMs: 0, calmMs: 0 })
  const leadership = makeLeadership(around, [keepers.term])
  await keepers.start()
  await leadership.start()
  return {
    keepers,
    objects,
    leads: leadership.leads,
    lines,
    facts,
    stop: async () => {
      await leadership.stop()
      await keepers.stop()
      await transport.close()
    },
  }
}

function testConfig(changes: object): Config {
  return configSchema.parse({
    webhook: { url },
    operator: {
      propagationSeconds: 0.5,
      resyncSeconds: 2,
      election: { leaseSeconds: 3, renewSeconds: 2, retrySeconds: 0.2 },
    },
    ...changes,
  })
}

async function operatorToken(admin: ApiClient): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } }
  const path = `/api/v1/namespaces/${recordsNamespace}/serviceaccounts/countersign-operator/token`
  return String(Object(await admin.must({ method: 'POST', path, body })).status.token)
}

/** The Lease by which a webhook replica says that it is ready. */
export function readyWebhook(name: string, servedCertificate: string | undefined, keyIDs: readonly string[]): object {
  const replica = { component: 'webhook', version: 'test', keyIDs, servedCertificate } as const
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: recordsNamespace, ...replicaMetadata(replica) },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: 3600,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    },
  }
}
