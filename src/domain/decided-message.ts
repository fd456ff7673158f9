import type { Refusal } from './check.ts'
import type { Instant } from './instant.ts'
import { citing, clockTime, written } from './wording.ts'
import type { CitedRequest, Deed, Pen, PersonsWord } from './wording.ts'

export function denied(request: CitedRequest, word: PersonsWord): Refusal {
  const compose = (pen: Pen): string =>
    `DENIED ${pen.said(word)}. Action: ${pen.action(request.action)} (policy ${pen.name(request.policy)}). Nothing was ` +
    `changed. This is a person's answer: stop. Do not retry, rephrase or split it, and do not reach the same effect ` +
    `through another object, tool or account; repeats ask nobody and are shown to the approvers. Tell your user what ` +
    `you wanted, who denied it and the words above. If those words ask for a different change, make that one: it is a ` +
    `new request.`
  const fields = { state: 'Denied', ...citing(request), retry: 'never' }
  return { reason: 'ApprovalDenied', message: written(compose, fields) }
}

/** The same action again while the denial is fresh. */
export function deniedAgain(request: CitedRequest, word: PersonsWord): Refusal {
  const compose = (pen: Pen): string =>
    `ALREADY DENIED ${pen.said(word)}. Action: ${pen.action(request.action)}. Nothing was changed and nobody was asked ` +
    `this time. Stop and tell your user; another attempt changes nothing, only a person can.`
  const fields = { state: 'Denied', ...citing(request), repeat: 'true', retry: 'never' }
  return { reason: 'ApprovalDenied', message: written(compose, fields) }
}

export function changesRequested(request: CitedRequest, word: PersonsWord): Refusal {
  const compose = (pen: Pen): string =>
    `CHANGES REQUESTED ${pen.said(word)}. Action: ${pen.action(request.action)} (policy ${pen.name(request.policy)}). ` +
    `Nothing was changed. Make the change as asked and run the changed command: it opens a new request that shows the ` +
    `approver the difference from this one. If you cannot, or the words are unclear, stop and ask your user.`
  const fields = { ...citing(request), state: 'ChangesRequested', retry: 'changed' }
  return { reason: 'ChangesRequested', message: written(compose, fields) }
}

/** `attempt`: how often this was asked within the hour, this time included. */
export type Unanswered = {
  readonly from: Instant
  readonly until: Instant
  readonly groups: string
  readonly attempt: number
  readonly mostAttempts: number
}

export function expired(request: CitedRequest, unanswered: Unanswered): Refusal {
  const compose = (pen: Pen): string =>
    `EXPIRED, not denied: nobody answered "${pen.action(request.action)}" (policy ${pen.name(request.policy)}) between ` +
    `${clockTime(unanswered.from)} and ${clockTime(unanswered.until)}. Nothing was changed. Tell your user that ` +
    `${pen.name(unanswered.groups)} did not answer. If it is still wanted, the same command asks again ` +
    `(attempt ${unanswered.attempt + 1} of ${unanswered.mostAttempts} within an hour).`
  const fields = { ...citing(request), state: 'Expired', retry: 'user' }
  return { reason: 'ApprovalExpired', message: written(compose, fields) }
}

export function attemptsSpent(
  deed: Deed,
  spent: { readonly times: number; readonly until: Instant; readonly groups: string },
): Refusal {
  const until = clockTime(spent.until)
  const compose = (pen: Pen): string =>
    `NOT ASKED: "${pen.action(deed.action)}" expired unanswered ${spent.times} times within an hour, so nobody is asked ` +
    `again before ${until}. Nothing was changed, nobody said no. Do not retry before then; tell your user to reach ` +
    `${pen.name(spent.groups)} in person.`
  return { reason: 'ApprovalExpired', message: written(compose, { state: 'Expired', retry: until }) }
}

/** `approved` is the approval, `word` the taking back. */
export function revoked(request: CitedRequest, word: PersonsWord, approved: PersonsWord): Refusal {
  const compose = (pen: Pen): string => {
    const taking = word.by === approved.by ? 'took it back' : `${pen.name(word.by)} took it back`
    return (
      `TAKEN BACK: ${pen.name(approved.by)} approved "${pen.action(request.action)}" at ${clockTime(approved.time)} and ` +
      `${taking} at ${clockTime(word.time)}, before it was used${pen.words(word.comment)}. Nothing was changed. Treat it ` +
      `as a denial: stop and tell your user.`
    )
  }
  const fields = { state: 'Denied', ...citing(request), revoked: 'true', retry: 'never' }
  return { reason: 'ApprovalRevoked', message: written(compose, fields) }
}

/** The answer to a Create whose object is there: an approval is good for one, whatever becomes of it. */
export function madeAlready(request: CitedRequest, time: Instant): Refusal {
  const compose = (pen: Pen): string =>
    `USED: the approval of "${pen.action(request.action)}" (policy ${pen.name(request.policy)}) was used at ` +
    `${clockTime(time)}, and what it was for already exists. Nothing was changed this time. The approval is good for one ` +
    `object: use the one that is there. Only when it is gone does the same command ask for another.`
  const fields = { ...citing(request), state: 'Refused', reason: 'ApprovalUsed', retry: 'user' }
  return { reason: 'ApprovalUsed', message: written(compose, fields) }
}

/** The answer to the second sending of a call that was let through and failed behind us. */
export function usedJustNow(request: CitedRequest, time: Instant): Refusal {
  const compose = (pen: Pen): string =>
    `USED: the approval of "${pen.action(request.action)}" (policy ${pen.name(request.policy)}) was used by this command ` +
    `at ${clockTime(time)}, and it is good for one run. Nothing was run this time. If the command failed all the same, the ` +
    `cluster was the reason and not a person: kubectl sends a call that could not be connected a second time by itself, ` +
    `and this answers the second. Look what the first one did before you run it again, which asks again.`
  const fields = { ...citing(request), state: 'Refused', reason: 'ApprovalUsed', retry: 'user' }
  return { reason: 'ApprovalUsed', message: written(compose, fields) }
}
