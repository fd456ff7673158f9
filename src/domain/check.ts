import type { Reason } from './reasons.ts'

/** A named no: `reason` is machine-readable and documented, `message` is what the one who asked reads. */
export type Refusal = { readonly reason: Reason; readonly message: string }

/** One rule: a refusal, or nothing when the rule has no objection. */
export type Check<In> = (input: In) => Refusal | undefined

/**
 * The first objection in the order of the list, in whatever form these checks object. The order is part of the rule: it
 * decides which reason is told.
 */
export function firstRefusal<In extends readonly unknown[], No>(
  checks: readonly ((...input: In) => No | undefined)[],
  ...input: In
): No | undefined {
  for (const check of checks) {
    const refusal = check(...input)
    if (refusal !== undefined) return refusal
  }
  return undefined
}
