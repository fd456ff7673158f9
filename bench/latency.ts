import { quantile } from './figures.ts'
import type { Samples } from './figures.ts'
import { makeRow } from './row.ts'
import type { Goal, Row } from './row.ts'

/** Milliseconds of single calls, for each round. */
type Latencies = readonly Samples[]

/** What is told of them: each quantile is taken in every round, and the median of the rounds is the figure. */
export type LatencyRows = {
  readonly figure: string
  readonly rounds: Latencies
  readonly baseline?: Latencies
  readonly goals?: { readonly p50?: Goal; readonly p99?: Goal }
}

/** One row for p50, one for p99. */
export function latencyRows({ figure, rounds, baseline, goals = {} }: LatencyRows): readonly Row[] {
  return (
    [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const
  ).map(([name, part]) => {
    const of = (all: Latencies): Samples => all.map((samples) => quantile(samples, part))
    return makeRow({
      figure: `${figure}, ${name}`,
      unit: 'ms',
      samples: of(rounds),
      ...(baseline === undefined ? {} : { baseline: of(baseline) }),
      goal: goals[name],
    })
  })
}
