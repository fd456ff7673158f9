import type { Component, ReadyCheck, Surroundings } from './component.ts'
import { makeDelivery } from './delivery.ts'
import { publisherDoors } from './delivery-doors.ts'
import { deliveryPorts } from './delivery-ports.ts'
import { gaugesOf } from './gauges.ts'
import { makeKeepers } from './keepers.ts'
import { makeLeadership } from './leadership.ts'
import { makeRequestLoop } from './request-loop.ts'

/**
 * The part that decides by people's votes, on every replica, and in the leader's term keeps what is ours in order and asks
 * people.
 */
export function makeOperator(around: Surroundings, evidence: (line: string) => void): Component {
  const keepers = makeKeepers(around)
  const loop = makeRequestLoop(around, {
    ...keepers,
    leads: () => leadership.leads(),
    changed: (request) => delivery.changed(request),
    evidence,
    ready: () => keepers.checks().every(({ ok }) => ok),
  })
  const doors = publisherDoors(around, keepers.handleKey)
  const delivery = makeDelivery(around, { ...deliveryPorts(around, loop), ...doors })
  const leadership = makeLeadership(around, [keepers.term, delivery.term])
  const parts: readonly Component[] = [keepers, loop]
  return {
    start: async () => {
      await Promise.all(parts.map((one) => one.start()))
      await leadership.start()
    },
    checks: () => joined(parts.flatMap((one) => one.checks())),
    gauges: () => gaugesOf([...parts, delivery, leadership]),
    stop: async () => {
      await leadership.stop()
      await Promise.all(parts.map((one) => one.stop()))
    },
  }
}

/** Two parts may watch the same resource: it is told once, and as failed when either says so. */
function joined(checks: readonly ReadyCheck[]): readonly ReadyCheck[] {
  const byName = new Map<string, ReadyCheck>()
  for (const check of checks) if (byName.get(check.name)?.ok !== false) byName.set(check.name, check)
  return [...byName.values()]
}
