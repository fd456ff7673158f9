import type { Samples } from './figures.ts'
import type { Meter } from './meter.ts'

/** How long to measure. */
export type Plan = {
  readonly rounds: number
  /** CPU time before the first round, so that the compiler has done its work. */
  readonly warmMicros: number
  /** CPU time of one candidate in one round: as many runs as it takes, one at least. */
  readonly sliceMicros: number
}

/** Microseconds of one run, for each round. */
export type Cost = { readonly cpuMicros: Samples; readonly wallMicros: Samples }

/**
 * Runs the candidates in turns, each round beginning with another one, and returns their costs in their order. What
 * happens on the machine meanwhile meets them all alike.
 */
export function interleave(meter: Meter, plan: Plan, candidates: readonly (() => unknown)[]): readonly Cost[] {
  const running = candidates.map((run) => ({
    run,
    runs: warmUp(meter, plan, run),
    cpuMicros: [] as number[],
    wallMicros: [] as number[],
  }))
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const one of rotated(running, round)) {
      meter.clean()
      const cost = timed(meter, one.runs, one.run)
      one.cpuMicros.push(cost.cpuMicros / one.runs)
      one.wallMicros.push(cost.wallMicros / one.runs)
    }
  }
  return running
}

/** Runs until it is warm; returns how many runs make a slice. */
function warmUp(meter: Meter, plan: Plan, run: () => unknown): number {
  let runs = 1
  for (let spent = 0; ; runs *= 2) {
    const { cpuMicros } = timed(meter, runs, run)
    spent += cpuMicros
    if (spent >= plan.warmMicros) return Math.max(1, Math.ceil((plan.sliceMicros * runs) / Math.max(cpuMicros, 1)))
  }
}

function timed(meter: Meter, runs: number, run: () => unknown): { readonly cpuMicros: number; wallMicros: number } {
  const cpu = meter.cpuMicros()
  const wall = meter.wallMicros()
  for (let index = 0; index < runs; index += 1) run()
  return { cpuMicros: meter.cpuMicros() - cpu, wallMicros: meter.wallMicros() - wall }
}

/** The list, begun at another element each round. */
export function rotated<T>(list: readonly T[], round: number): readonly T[] {
  const from = list.length === 0 ? 0 : round % list.length
  return [...list.slice(from), ...list.slice(0, from)]
}
