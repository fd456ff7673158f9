import type { Refusal } from './check.ts'
import type { Instant } from './instant.ts'
import { citing, clockTime, personName, policyName, trailer } from './wording.ts'
import type { CitedRequest } from './wording.ts'

/** `asked`: the groups, as one text. `channels`: where they were asked; empty when by kubectl only. */
export type Asked = { readonly groups: string; readonly channels: string; readonly until: Instant }

/** The agent's own patience is spent. How to wait, and what each answer means. */
export function pending(request: CitedRequest, asked: Asked, grantSeconds: number): Refusal {
  const where = asked.channels === '' ? 'was asked' : `was asked in ${personName(asked.channels)}`
  const message =
    `WAITING, not denied: a person must approve "${request.action}" (policy ${policyName(request.policy)}). ` +
    `${personName(asked.groups)} ${where} and can answer until ${clockTime(asked.until)}. ` +
    `1) Run: kubectl wait -n ${request.namespace} apr/${request.name} --for=condition=Decided --timeout=45s ` +
    `-o jsonpath={.status.decision} ; "timed out" means nobody has answered yet: run it again. ` +
    `2) Approved: run the SAME command again within ${Math.floor(grantSeconds / 60)} min ` +
    `(after helm install: helm upgrade --install). Any other word: stop and tell your user. ` +
    `A changed or split command asks again from zero. ${trailer({ state: 'Pending', ...citing(request), retry: '15s' })}`
  return { reason: 'ApprovalPending', message }
}

/** A later object of the same command. Short, because helm joins the messages of all objects into one. */
export function pendingInRun(request: CitedRequest, run: { readonly id: string; readonly pending: number }): Refusal {
  const message =
    `WAITING, not denied: "${request.action}" needs approval too. ${run.pending} of your requests wait. ` +
    `Wait for all: kubectl wait -n ${request.namespace} apr -l countersign.dev/run=${run.id} ` +
    `--for=condition=Decided --timeout=45s ; then run the same command once. ` +
    trailer({ state: 'Pending', ...citing(request), run: run.id, retry: '15s' })
  return { reason: 'ApprovalPending', message }
}

/** No channel has taken the card yet. */
export function undelivered(
  request: CitedRequest,
  asked: Asked,
  tries: { readonly count: number; readonly since: Instant },
): Refusal {
  const message =
    `WAITING, not denied, but NOBODY HAS SEEN IT YET: "${request.action}" (policy ${policyName(request.policy)}) ` +
    `needs a person and ${personName(asked.channels)} has not taken the card (${tries.count} tries since ` +
    `${clockTime(tries.since)}, still trying; open until ${clockTime(asked.until)}). Tell your user now: a member of ` +
    `${personName(asked.groups)} can decide without it: kubectl countersign show ${request.name}. ` +
    `Repeating the command reaches nobody faster. ` +
    trailer({ state: 'Pending', ...citing(request), delivered: 'false', retry: '60s' })
  return { reason: 'ApprovalPending', message }
}

/** Sent with 429: read only by clients that do not wait by themselves. */
export function askAgain(request: CitedRequest, afterSeconds: number): string {
  return (
    `WAITING, not denied: a person is being asked to approve "${request.action}" (policy ${policyName(request.policy)}). ` +
    `Send exactly the same request again after ${afterSeconds} s and it waits on; kubectl, helm and client-go do so by ` +
    `themselves. Python, JavaScript, curl: read kubectl get -n ${request.namespace} apr/${request.name} ` +
    `-o jsonpath={.status.decision} every 15 s and send the same request again once it says Approved. ` +
    trailer({ state: 'Pending', ...citing(request), retry: `${afterSeconds}s` })
  )
}

/** Approved, but too late in this call to use it safely. */
export function ready(request: CitedRequest, until: Instant): Refusal {
  const message =
    `APPROVED, not yet used: run the SAME command again now, before ${clockTime(until)}. ` +
    `Action: ${request.action} (policy ${policyName(request.policy)}). Nothing was changed yet. ` +
    trailer({ state: 'Approved', ...citing(request), retry: '1s' })
  return { reason: 'ApprovalReady', message }
}
