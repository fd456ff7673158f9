import type { Component, Surroundings } from './component.ts'
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
    checks: () => parts.flatMap((one) => one.checks()),
    gauges: () => gaugesOf([...parts, leadership]),
    stop: async () => {
      await leadership.stop()
      await Promise.all(parts.map((one) => one.stop()))
    },
  }
}
