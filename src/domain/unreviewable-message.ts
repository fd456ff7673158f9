import type { Refusal } from './check.ts'
import { cause, refusal } from './refused-message.ts'
import { written } from './wording.ts'
import type { Deed } from './wording.ts'

/** `why`: a clause of ours, such as "it is nested more than 128 deep". */
export function unreviewable(why: string): Refusal {
  return refusal(
    'Unreviewable',
    () =>
      `NOT ASKED: this request cannot be shown to a person faithfully: ${cause(why)}. Nothing was changed, and a retry ` +
      `gives the same answer. Send it in a plain form, or tell your user.`,
    { retry: 'changed' },
  )
}

export function tooLargeToReview(action: string, size: { readonly lines: number; readonly most: number }): Refusal {
  return refusal(
    'TooLargeToReview',
    (pen) =>
      `NOT ASKED: "${pen.action(action)}" changes ${thousands(size.lines)} lines; a person can be shown at most ` +
      `${thousands(size.most)}, and what cannot be shown cannot be approved. Nothing was changed. Here splitting is ` +
      `right: make several smaller changes, each complete in itself, and run them one by one. If that is not possible, ` +
      `tell your user.`,
    { retry: 'changed' },
  )
}

/** Sent with 429: the object has changed since the API server read it, so nobody can be shown the truth yet. */
export function targetMoved(deed: Deed, afterSeconds: number): string {
  return written(
    (pen) =>
      `WAITING, not denied: what "${pen.action(deed.action)}" (policy ${pen.name(deed.policy)}) works on has just changed, ` +
      `and a person must be shown what is there now. Nothing was changed, nobody was asked yet. Send exactly the same ` +
      `request again after ${afterSeconds} s; kubectl, helm and client-go do so by themselves.`,
    { state: 'Pending', retry: `${afterSeconds}s` },
  )
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}
