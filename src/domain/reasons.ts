/**
 * Why something was refused: the closed list, with what each means for people. A reason is CamelCase and stable; it
 * stands in answers, records, metrics and documentation alike.
 */
export const reasons = {
  ApprovalPending: 'A person must approve, and has not answered yet. Not a denial.',
  ApprovalReady: 'A person approved; the same command, sent again, uses the approval, or asks anew if it was used up.',
  ApprovalDenied: 'A person denied.',
  ChangesRequested: 'A person wants the action changed before it is asked for again.',
  ApprovalExpired: 'Nobody answered in time. Not a denial.',
  ApprovalRevoked: 'A person approved and took the approval back before it was used.',
  ApprovalUsed: 'The approval was used by this very command a moment ago, and is good for one run.',
  PolicyDenied: 'A policy forbids the action; no approval can allow it.',
  PolicyError: 'A policy that matches could not be evaluated, and a broken policy lets nothing pass.',
  NoEligibleApprover: 'Nobody in the groups that must approve may do so.',
  Unreviewable: 'What was asked cannot be shown to a person faithfully, so nobody can approve it.',
  TooLargeToReview: 'What was asked is more than a person can be shown in full; what is not shown cannot be approved.',
  NameObjects: 'A deletecollection does not say which objects go.',
  InteractiveExec: 'A terminal or open input was asked for, and nobody can approve what will be typed later.',
  ReasonRequired: 'The policy wants to be told why, and the agent has not said.',
  DryRunNotPossible: 'A dry run of this would have an effect.',
  TooManyPending: 'Too many requests of this agent wait for people already.',
  AgentPaused: 'A person paused the agent.',
  ImpersonatedAgent: 'Somebody acts as an agent by impersonation, so the record could not say who acts.',
  UnsafeAgent: 'The agent holds a right that goes round the gate.',
  RecordUnavailable: 'The record of approvals cannot be written or trusted, and without a record nothing passes.',
} as const

export type Reason = keyof typeof reasons
