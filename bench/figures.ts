/** What one measurement gave in each round. Never empty. */
export type Samples = readonly number[]

/** A figure as it is told: single runs move by half on a machine with other work, the median hardly. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number }

/** The middle one; the mean of the two middle ones when their number is even. */
export function median(samples: Samples): number {
  if (samples.length === 0) throw new RangeError('no samples')
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = 0, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1)
  return (low + high) / 2
}

export function spread(samples: Samples): Spread {
  return { median: median(samples), min: Math.min(...samples), max: Math.max(...samples) }
}

/**
 * How many times the baseline, round by round: what slows the machine down for a while slows both, and goes out.
 * Both need the same rounds.
 */
export function ratio(samples: Samples, baseline: Samples): Spread {
  if (samples.length !== baseline.length) throw new RangeError('not the same rounds')
  return spread(samples.map((sample, round) => sample / (baseline[round] ?? Number.NaN)))
}

/** The same samples in another unit. */
export function scaled(samples: Samples, factor: number): Samples {
  return samples.map((sample) => sample * factor)
}

/** The smallest sample that so many of them (0.99: 99 of 100) do not exceed. */
export function quantile(samples: Samples, part: number): number {
  if (samples.length === 0) throw new RangeError('no samples')
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}
