import type { Refusal } from './check.ts'
import type { Instant } from './instant.ts'
import { citing, clockTime, written } from './wording.ts'
import type { CitedRequest, Deed, Pen } from './wording.ts'

/** `groups`: the groups, as one text. `channels`: where they were asked; empty when by kubectl only. */
export type Asked = { readonly groups: string; readonly channels: string; readonly until: Instant }

/** The agent's own patience is spent. How to wait, and what each answer means. */
export function pending(request: CitedRequest, asked: Asked, grantSeconds: number): Refusal {
  const compose = (pen: Pen): string => {
    const where = asked.channels === '' ? 'was asked' : `was asked in ${pen.name(asked.channels)}`
    return (
      `WAITING, not denied: a person must approve "${pen.action(request.action)}" (policy ${pen.name(request.policy)}). ` +
      `${pen.name(asked.groups)} ${where} and can answer until ${clockTime(asked.until)}. ` +
      `1) Run: kubectl wait -n ${request.namespace} apr/${request.name} --for=condition=Decided --timeout=45s ` +
      `-o jsonpath={.status.decision} ; "timed out" means nobody has answered yet: run it again. ` +
      `2) Approved: run the SAME command again within ${Math.floor(grantSeconds / 60)} min ` +
      `(after helm install: helm upgrade --install). Any other word: stop and tell your user. ` +
      `A changed or split command asks again from zero.`
    )
  }
  return waiting(compose, { ...citing(request), retry: '15s' })
}

/** A later object of the same command. Short, because helm joins the messages of all objects into one. */
export function pendingInRun(request: CitedRequest, run: { readonly id: string; readonly pending: number }): Refusal {
  const compose = (pen: Pen): string =>
    `WAITING, not denied: "${pen.action(request.action)}" needs approval too. ${run.pending} of your requests wait. ` +
    `Wait for all: kubectl wait -n ${request.namespace} apr -l countersign.dev/run=${run.id} ` +
    `--for=condition=Decided --timeout=45s ; then run the same command once.`
  return waiting(compose, { ...citing(request), run: run.id, retry: '15s' })
}

/** No channel has taken the card yet. `since`: when it was first tried. */
export function undelivered(request: CitedRequest, asked: Asked, since: Instant): Refusal {
  const compose = (pen: Pen): string =>
    `WAITING, not denied, but NOBODY HAS SEEN IT YET: "${pen.action(request.action)}" (policy ${pen.name(request.policy)}) ` +
    `needs a person and ${pen.name(asked.channels)} has not taken the card (tried since ` +
    `${clockTime(since)}, still trying; open until ${clockTime(asked.until)}). Tell your user now: a member of ` +
    `${pen.name(asked.groups)} can decide without ${pen.name(asked.channels)}: kubectl countersign show ${request.name}. ` +
    `Repeating the command reaches nobody faster.`
  return waiting(compose, { ...citing(request), delivered: 'false', retry: '60s' })
}

/** Sent with 429: read only by clients that do not wait by themselves. */
export function askAgain(request: CitedRequest, afterSeconds: number): string {
  const compose = (pen: Pen): string =>
    `WAITING, not denied: a person is being asked to approve "${pen.action(request.action)}" ` +
    `(policy ${pen.name(request.policy)}). Send exactly the same request again after ${afterSeconds} s and it waits on; ` +
    `kubectl, helm and client-go do so by themselves. Python, JavaScript, curl: read kubectl get ` +
    `-n ${request.namespace} apr/${request.name} -o jsonpath={.status.decision} every 15 s and send the same request ` +
    `again once it says Approved.`
  return written(compose, { state: 'Pending', ...citing(request), retry: `${afterSeconds}s` })
}

/** Approved, but too late in this call to use it safely. */
export function ready(request: CitedRequest, until: Instant): Refusal {
  const compose = (pen: Pen): string =>
    `APPROVED, not yet used: run the SAME command again now, before ${clockTime(until)}. ` +
    `Action: ${pen.action(request.action)} (policy ${pen.name(request.policy)}). Nothing was changed yet.`
  return {
    reason: 'ApprovalReady',
    message: written(compose, { state: 'Approved', ...citing(request), retry: '1s' }),
  }
}

/**
 * Sent with 429: an approval was used for this change before and the object has changed since. Nobody is asked until it is
 * known whether that was this change.
 */
export function unsettled(request: CitedRequest, afterSeconds: number): string {
  const again = `Send exactly the same request again after ${afterSeconds} s; kubectl, helm and client-go do so by themselves.`
  return unsettledText(request, { again, retry: `${afterSeconds}s` })
}

/** The same for a caller that does not send again by itself. */
export function notSettledYet(request: CitedRequest): Refusal {
  const again =
    `Run the SAME command again in 15 s: it goes through, or, if it had its effect already, asks anew. ` +
    `Do not look for another way.`
  return { reason: 'ApprovalReady', message: unsettledText(request, { again, retry: '15s' }) }
}

function unsettledText(
  request: CitedRequest,
  { again, retry }: { readonly again: string; readonly retry: string },
): string {
  const compose = (pen: Pen): string =>
    `APPROVED, last use not settled: "${pen.action(request.action)}" (policy ${pen.name(request.policy)}) was let through ` +
    `a moment ago, its object has changed since, and whether that was this change is being found out. Nothing was changed ` +
    `by this call; nobody said no. ${again}`
  return written(compose, { state: 'Approved', ...citing(request), retry })
}

/** Sent with 429: other calls of the same action take its approvals as fast as this one looks. */
export function overtaken(deed: Deed, afterSeconds: number): string {
  const compose = (pen: Pen): string =>
    `WAITING, not denied: other calls of the same action are using the answer to "${pen.action(deed.action)}" (policy ` +
    `${pen.name(deed.policy)}) at this moment. Nothing was changed by this call; nobody said no. Send exactly the same ` +
    `request again after ${afterSeconds} s; kubectl, helm and client-go do so by themselves.`
  return written(compose, { state: 'Pending', retry: `${afterSeconds}s` })
}

function waiting(compose: (pen: Pen) => string, fields: Readonly<Record<string, string>>): Refusal {
  return { reason: 'ApprovalPending', message: written(compose, { state: 'Pending', ...fields }) }
}

/** Sent with 429: the agent calls faster than anybody can follow. */
export function tooFast(deed: Deed, afterSeconds: number): string {
  const compose = (pen: Pen): string =>
    `WAITING, not denied: too many calls of yours come at once, and "${pen.action(deed.action)}" ` +
    `(policy ${pen.name(deed.policy)}) has to wait its turn. Nothing was changed, nobody was asked yet. Send exactly the ` +
    `same request again after ${afterSeconds} s; kubectl, helm and client-go do so by themselves. Do not loop.`
  return written(compose, { state: 'Pending', retry: `${afterSeconds}s` })
}

/** An agent that the operator has not taken in yet. */
export function newAgent(deed: Deed, agent: string, afterSeconds: number): Refusal {
  const compose = (pen: Pen): string =>
    `WAITING, not denied: ${pen.name(agent)} is new here, and Countersign does not know yet whom it belongs to, so nobody ` +
    `can be asked about "${pen.action(deed.action)}" (policy ${pen.name(deed.policy)}). Nothing was changed. Send exactly ` +
    `the same request again after ${afterSeconds} s; after 10 min tell your user that countersign-system needs the ` +
    `platform team.`
  return waiting(compose, { retry: `${afterSeconds}s` })
}
