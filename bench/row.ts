import { ratio, spread } from './figures.ts'
import type { Samples, Spread } from './figures.ts'

/** A ceiling for the median of the value, in its unit, or of the ratio. */
export type Goal = { readonly of: 'value' | 'ratio'; readonly atMost: number }

/** One line of the table. */
export type Row = {
  /** What was measured, in words. */
  readonly figure: string
  /** `µs CPU`, `ms CPU`, `MiB`, … */
  readonly unit: string
  readonly value: Spread
  /** The time that a clock on the wall showed, in the same unit, where `value` is CPU time. */
  readonly wall?: Spread
  /** To the section's baseline of the same rounds; undefined for what has none. */
  readonly ratio?: Spread
  readonly goal?: Goal & { readonly met: boolean }
}

export type Measured = {
  readonly figure: string
  readonly unit: string
  readonly samples: Samples
  readonly wall?: Samples
  readonly baseline?: Samples
  readonly goal?: Goal | undefined
}

export function makeRow({ figure, unit, samples, wall, baseline, goal }: Measured): Row {
  const value = spread(samples)
  const times = baseline === undefined ? undefined : ratio(samples, baseline)
  return {
    figure,
    unit,
    value,
    ...(wall === undefined ? {} : { wall: spread(wall) }),
    ...(times === undefined ? {} : { ratio: times }),
    ...(goal === undefined ? {} : { goal: { ...goal, met: isMet(goal, value, times) } }),
  }
}

function isMet({ of, atMost }: Goal, value: Spread, times: Spread | undefined): boolean {
  const judged = of === 'value' ? value : times
  if (judged === undefined) throw new TypeError('a goal for a ratio needs a baseline')
  return judged.median <= atMost
}
