import type { Refusal } from './check.ts'
import type { Instant } from './instant.ts'
import { citing, clockTime, written } from './wording.ts'
import type { CitedRequest, Pen } from './wording.ts'

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

/** No channel has taken the card yet. */
export function undelivered(
  request: CitedRequest,
  asked: Asked,
  tries: { readonly count: number; readonly since: Instant },
): Refusal {
  const compose = (pen: Pen): string =>
    `WAITING, not denied, but NOBODY HAS SEEN IT YET: "${pen.action(request.action)}" (policy ${pen.name(request.policy)}) ` +
    `needs a person and ${pen.name(asked.channels)} has not taken the card (${tries.count} tries since ` +
    `${clockTime(tries.since)}, still trying; open until ${clockTime(asked.until)}). Tell your user now: a member of ` +
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

function waiting(compose: (pen: Pen) => string, fields: Readonly<Record<string, string>>): Refusal {
  return { reason: 'ApprovalPending', message: written(compose, { state: 'Pending', ...fields }) }
}
