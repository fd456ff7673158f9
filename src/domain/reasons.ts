/**
 * Why something was refused: the closed list, with what each means for people. A reason is CamelCase and stable; it
 * stands in answers, records, metrics and documentation alike.
 */
export const reasons = {
  Unreviewable: 'What was asked cannot be shown to a person faithfully, so nobody can approve it.',
  TooLargeToReview: 'What was asked is more than a person can be shown in full; what is not shown cannot be approved.',
} as const

export type Reason = keyof typeof reasons
