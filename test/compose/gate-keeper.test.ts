import { describe, expect, test } from '@jest/globals'
import type { WebhookConfiguration } from '../../src/app/gate-objects.ts'
import { makeAlarmBell } from '../../src/app/alarm-bell.ts'
import { gatedAgents } from '../../src/app/gated-agents.ts'
import { makeGateKeeper } from '../../src/compose/gate-keeper.ts'
import type { KeeperPorts } from '../../src/compose/keeper.ts'
import { configSchema } from '../../src/config.ts'
import type { AgentIdentity } from '../../src/domain/kinds.ts'
import { makeFakeClock } from '../fake/clock.ts'

const agent = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'AgentIdentity',
  metadata: { name: 'agents.bot' },
  spec: { subject: { serviceAccount: { namespace: 'agents', name: 'bot' } } },
} as AgentIdentity

type Options = {
  readonly identities?: readonly AgentIdentity[]
  readonly answered?: boolean
  readonly caBundle?: string
}

/** A keeper over a configuration in memory, with everything that it told. */
function gate({ identities = [agent], answered = true, caBundle = 'Q0E=' }: Options = {}) {
  const alarms: string[] = []
  const clock = makeFakeClock()
  let live: WebhookConfiguration | undefined = { metadata: { name: 'countersign' } }
  let writes = 0
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (event: string) => void alarms.push(event),
  }
  const measure = () => undefined
  const around = {
    config: configSchema.parse({}),
    timers: clock,
    now: clock.now,
    log,
    measure,
    objects: {
      replace: (_resource: unknown, object: WebhookConfiguration) => {
        live = object
        writes += 1
        return Promise.resolve({ object, date: undefined })
      },
    },
  }
  const watches = {
    configuration: () => live,
    identities: () => identities,
    gated: () => gatedAgents(identities, 'countersign-system'),
    replicas: { fresh: () => (answered ? [{ component: 'webhook' }] : []) },
  }
  const ports = { around, watches, bell: makeAlarmBell({ log, measure }), wake: () => undefined }
  const keeper = makeGateKeeper(ports as unknown as KeeperPorts, { caBundle: () => caBundle })
  return {
    alarms,
    clock,
    writes: () => writes,
    count: () => live?.webhooks?.length ?? 0,
    keep: () => keeper.keep(new AbortController().signal),
    write: (webhooks: readonly unknown[]) => {
      live = { metadata: live?.metadata ?? {}, webhooks }
    },
  }
}

async function filledGate() {
  const made = gate()
  await made.keep()
  await made.keep()
  return { ...made, filled: made.writes() }
}

describe('what others write into the gate', () => {
  test('is healed at once when it is one change', async () => {
    const { write, keep, count, alarms } = await filledGate()
    write([])
    await keep()
    expect([count(), alarms]).toEqual([1, ['GateChangedByOthers']])
  })

  test('again and again is healed with pauses that grow to half a minute, and is one alarm', async () => {
    const { write, keep, writes, filled, clock, alarms } = await filledGate()
    for (let second = 0; second < 120; second += 1) {
      for (let tenth = 0; tenth < 10; tenth += 1) {
        write([])
        await keep()
        await clock.advance(100)
      }
    }
    expect(writes() - filled).toBeGreaterThanOrEqual(7)
    expect(writes() - filled).toBeLessThanOrEqual(9)
    expect(alarms).toEqual(['GateChangedByOthers'])
  })

  test('asks to be called again when the pause is over', async () => {
    const { write, keep } = await filledGate()
    write([])
    await keep()
    write([])
    expect(await keep()).toBe(1000)
  })

  test('after a minute of calm is healed at once again, with another alarm', async () => {
    const { write, keep, clock, count, alarms } = await filledGate()
    write([])
    await keep()
    expect(await keep()).toBe(60_000)
    await clock.advance(60_000)
    expect(await keep()).toBeUndefined()
    write([])
    await keep()
    expect([count(), alarms]).toEqual([1, ['GateChangedByOthers', 'GateChangedByOthers']])
  })
})

describe('an empty gate, while there are agents and no webhook is ready', () => {
  test('is an alarm, once', async () => {
    const { keep, count, alarms } = gate({ answered: false })
    await keep()
    await keep()
    expect([count(), alarms]).toEqual([0, ['AgentsNotGatedYet']])
  })

  test('is none when there are no agents', async () => {
    const { keep, alarms } = gate({ answered: false, identities: [] })
    await keep()
    expect(alarms).toEqual([])
  })

  test('is filled when one of them was gated before: the configuration was deleted and made again', async () => {
    const condition = { reason: 'Any', message: '', status: 'False' } as const
    const conditions = [
      { ...condition, type: 'Gated', lastTransitionTime: '2026-11-21T11:00:00Z' },
      { ...condition, type: 'Owned', lastTransitionTime: '2026-11-21T10:00:00Z' },
    ]
    const { keep, count, alarms } = gate({ answered: false, identities: [{ ...agent, status: { conditions } }] })
    await keep()
    expect([count(), alarms]).toEqual([1, []])
  })
})
