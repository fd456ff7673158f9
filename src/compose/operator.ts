import type { Component, ReadyCheck, Surroundings } from './component.ts'
import { gaugesOf } from './gauges.ts'
import { makeKeepers } from './keepers.ts'
import { makeLeadership } from './leadership.ts'
import { makeRequestLoop } from './request-loop.ts'

/** The part that decides by people's votes, on every replica, and keeps what is ours in order, in the leader's term. */
export function makeOperator(around: Surroundings, evidence: (line: string) => void): Component {
  const keepers = makeKeepers(around)
  const leadership = makeLeadership(around, [keepers.term])
  const loop = makeRequestLoop(around, {
    ...keepers,
    leads: leadership.leads,
    evidence,
    ready: () => keepers.checks().every(({ ok }) => ok),
  })
  const parts: readonly Component[] = [keepers, loop]
  return {
    start: async () => {
      await Promise.all(parts.map((one) => one.start()))
      await leadership.start()
    },
    checks: () => joined(parts.flatMap((one) => one.checks())),
    gauges: () => gaugesOf([...parts, leadership]),
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
