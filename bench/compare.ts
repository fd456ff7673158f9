import { scaled } from './figures.ts'
import type { Meter } from './meter.ts'
import { makeRow } from './row.ts'
import type { Goal, Row } from './row.ts'
import { interleave } from './rounds.ts'
import type { Plan } from './rounds.ts'

/** What everything is measured with. */
export type Bench = { readonly meter: Meter; readonly plan: Plan }

/** Something to run again and again. It has to do the same each time. */
export type Candidate = { readonly figure: string; readonly run: () => unknown; readonly goal?: Goal }

const perUnit = { µs: 1, ms: 0.001 } as const

/** What one run of each costs, CPU and wall, and how many times the first of them, which is the baseline. */
export function compare(
  { meter, plan }: Bench,
  candidates: readonly Candidate[],
  unit: keyof typeof perUnit = 'µs',
): readonly Row[] {
  const runs = candidates.map(({ run }) => run)
  const costs = interleave(meter, plan, runs).map(({ cpuMicros, wallMicros }) => ({
    cpu: scaled(cpuMicros, perUnit[unit]),
    wall: scaled(wallMicros, perUnit[unit]),
  }))
  const baseline = costs[0]?.cpu ?? []
  return candidates.map(({ figure, goal }, index) => {
    const { cpu: samples, wall } = costs[index] ?? { cpu: [], wall: [] }
    return makeRow({ figure, unit: `${unit} CPU`, samples, wall, baseline, goal })
  })
}
