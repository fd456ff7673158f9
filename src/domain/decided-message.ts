import type { Refusal } from './check.ts'
import type { Instant } from './instant.ts'
import { citing, clockTime, personName, policyName, said, trailer } from './wording.ts'
import type { CitedRequest, Deed, PersonsWord } from './wording.ts'

export function denied(request: CitedRequest, word: PersonsWord): Refusal {
  const message =
    `DENIED ${said(word)}. Action: ${request.action} (policy ${policyName(request.policy)}). Nothing was changed. ` +
    `This is a person's answer: stop. Do not retry, rephrase or split it, and do not reach the same effect through ` +
    `another object, tool or account; repeats ask nobody and are shown to the approvers. Tell your user what you ` +
    `wanted, who denied it and the words above. If those words ask for a different change, make that one: it is a new ` +
    `request. ${trailer({ state: 'Denied', ...citing(request), retry: 'never' })}`
  return { reason: 'ApprovalDenied', message }
}

/** The same action again while the denial is fresh. */
export function deniedAgain(request: CitedRequest, word: PersonsWord): Refusal {
  const message =
    `ALREADY DENIED ${said(word)}. Action: ${request.action}. Nothing was changed and nobody was asked this time. ` +
    `Stop and tell your user; another attempt changes nothing, only a person can. ` +
    trailer({ state: 'Denied', ...citing(request), repeat: 'true', retry: 'never' })
  return { reason: 'ApprovalDenied', message }
}

export function changesRequested(request: CitedRequest, word: PersonsWord): Refusal {
  const message =
    `CHANGES REQUESTED ${said(word)}. Action: ${request.action} (policy ${policyName(request.policy)}). ` +
    `Nothing was changed. Make the change as asked and run the changed command: it opens a new request that shows the ` +
    `approver the difference from this one. If you cannot, or the words are unclear, stop and ask your user. ` +
    trailer({ state: 'ChangesRequested', ...citing(request), retry: 'changed' })
  return { reason: 'ChangesRequested', message }
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
  const message =
    `EXPIRED, not denied: nobody answered "${request.action}" (policy ${policyName(request.policy)}) between ` +
    `${clockTime(unanswered.from)} and ${clockTime(unanswered.until)}. Nothing was changed. Tell your user that ` +
    `${personName(unanswered.groups)} did not answer. If it is still wanted, the same command asks again ` +
    `(attempt ${unanswered.attempt + 1} of ${unanswered.mostAttempts} within an hour). ` +
    trailer({ state: 'Expired', ...citing(request), retry: 'user' })
  return { reason: 'ApprovalExpired', message }
}

export function attemptsSpent(
  deed: Deed,
  spent: { readonly times: number; readonly until: Instant; readonly groups: string },
): Refusal {
  const until = clockTime(spent.until)
  const message =
    `NOT ASKED: "${deed.action}" expired unanswered ${spent.times} times within an hour, so nobody is asked again ` +
    `before ${until}. Nothing was changed, nobody said no. Do not retry before then; tell your user to reach ` +
    `${personName(spent.groups)} in person. ${trailer({ state: 'Expired', retry: until })}`
  return { reason: 'ApprovalExpired', message }
}

/** `approvedAt` is the time of the approval, `word` the taking back. */
export function revoked(request: CitedRequest, word: PersonsWord, approved: PersonsWord): Refusal {
  const comment = said(word).slice(said({ ...word, comment: undefined }).length)
  const message =
    `TAKEN BACK: ${personName(approved.by)} approved "${request.action}" at ${clockTime(approved.time)} and ` +
    `${word.by === approved.by ? 'took it back' : `${personName(word.by)} took it back`} at ${clockTime(word.time)}, ` +
    `before it was used${comment}. Nothing was changed. Treat it as a denial: stop and tell your user. ` +
    trailer({ state: 'Denied', ...citing(request), revoked: 'true', retry: 'never' })
  return { reason: 'ApprovalRevoked', message }
}
