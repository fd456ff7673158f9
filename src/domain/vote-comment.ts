import type { CommentRule, Verdict } from './kinds.ts'

/** Characters of a comment, as the schema of a vote counts them. A longer one is refused, never cut. */
export const longestComment = 1024

/** Is it longer than a vote takes? */
export function isTooLong(comment: string): boolean {
  return Array.from(comment).length > longestComment
}

/**
 * Whether a person is asked for words before the vote is cast. A denial without a reason teaches the agent nothing, so it
 * is asked for whatever the policy says.
 */
export function asksForWords(verdict: Verdict, rule: CommentRule): boolean {
  if (verdict === 'Revoke') return false
  return verdict !== 'Approve' || rule === 'Always'
}
