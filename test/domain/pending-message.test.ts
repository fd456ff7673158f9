import { expect, test } from '@jest/globals'
import type { Refusal } from '../../src/domain/check.ts'
import {
  askAgain,
  notSettledYet,
  overtaken,
  pending,
  pendingInRun,
  ready,
  undelivered,
  unsettled,
} from '../../src/domain/pending-message.ts'
import { at, digestLike } from '../make-request.ts'

const web = {
  action: 'delete Deployment prod/web',
  policy: 'workload-deletes',
  digest: digestLike('ab12cd34'),
  namespace: 'countersign-system',
  name: 'apr-7k2m9q4xqz',
}

const api = {
  action: 'update Deployment prod/api (image)',
  policy: 'image-changes',
  digest: digestLike('9f01c2aa'),
  namespace: 'countersign-system',
  name: 'apr-3n8vr2kdhm',
}

const asked = { groups: 'platform-oncall', channels: 'Teams', until: at('10:35') }

test.each<readonly [which: string, said: Refusal, message: string]>([
  [
    'the patience is spent: how to wait, and what each answer means',
    pending(web, asked, 1200),
    'WAITING, not denied: a person must approve "delete Deployment prod/web" (policy workload-deletes). platform-oncall was asked in Teams and can answer until 10:35Z. 1) Run: kubectl wait -n countersign-system apr/apr-7k2m9q4xqz --for=condition=Decided --timeout=45s -o jsonpath={.status.decision} ; "timed out" means nobody has answered yet: run it again. 2) Approved: run the SAME command again within 20 min (after helm install: helm upgrade --install). Any other word: stop and tell your user. A changed or split command asks again from zero. [countersign v1 state=Pending request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 retry=15s]',
  ],
  [
    'where there is no channel, nobody was asked in one',
    pending(web, { ...asked, channels: '' }, 600),
    'WAITING, not denied: a person must approve "delete Deployment prod/web" (policy workload-deletes). platform-oncall was asked and can answer until 10:35Z. 1) Run: kubectl wait -n countersign-system apr/apr-7k2m9q4xqz --for=condition=Decided --timeout=45s -o jsonpath={.status.decision} ; "timed out" means nobody has answered yet: run it again. 2) Approved: run the SAME command again within 10 min (after helm install: helm upgrade --install). Any other word: stop and tell your user. A changed or split command asks again from zero. [countersign v1 state=Pending request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 retry=15s]',
  ],
  [
    'a later object of a run: short, since helm joins all texts',
    pendingInRun(api, { id: 'b-4t8xk2', pending: 5 }),
    'WAITING, not denied: "update Deployment prod/api (image)" needs approval too. 5 of your requests wait. Wait for all: kubectl wait -n countersign-system apr -l countersign.dev/run=b-4t8xk2 --for=condition=Decided --timeout=45s ; then run the same command once. [countersign v1 state=Pending request=countersign-system/apr-3n8vr2kdhm digest=9f01c2aa run=b-4t8xk2 retry=15s]',
  ],
  [
    'nobody has seen it yet',
    undelivered(web, asked, at('10:20')),
    'WAITING, not denied, but NOBODY HAS SEEN IT YET: "delete Deployment prod/web" (policy workload-deletes) needs a person and Teams has not taken the card (tried since 10:20Z, still trying; open until 10:35Z). Tell your user now: a member of platform-oncall can decide without Teams: kubectl countersign show apr-7k2m9q4xqz. Repeating the command reaches nobody faster. [countersign v1 state=Pending request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 delivered=false retry=60s]',
  ],
])('ApprovalPending, %s', (_which, said, message) => {
  expect(said).toEqual({ reason: 'ApprovalPending', message })
})

test('TooManyRequests, seen only by clients that do not retry', () => {
  expect(askAgain(web, 1)).toBe(
    'WAITING, not denied: a person is being asked to approve "delete Deployment prod/web" (policy workload-deletes). Send exactly the same request again after 1 s and it waits on; kubectl, helm and client-go do so by themselves. Python, JavaScript, curl: read kubectl get -n countersign-system apr/apr-7k2m9q4xqz -o jsonpath={.status.decision} every 15 s and send the same request again once it says Approved. [countersign v1 state=Pending request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 retry=1s]',
  )
  expect(askAgain(web, 5)).toMatch(/ again after 5 s .* retry=5s\]$/)
})

test('ApprovalReady, approved but too late in this call', () => {
  expect(ready(web, at('10:44'))).toEqual({
    reason: 'ApprovalReady',
    message:
      'APPROVED, not yet used: run the SAME command again now, before 10:44Z. Action: delete Deployment prod/web (policy workload-deletes). Nothing was changed yet. [countersign v1 state=Approved request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 retry=1s]',
  })
})

test('an approval that was used a moment ago on an object that has changed since', () => {
  expect(unsettled(web, 1)).toBe(
    'APPROVED, last use not settled: "delete Deployment prod/web" (policy workload-deletes) was let through a moment ago, its object has changed since, and whether that was this change is being found out. Nothing was changed by this call; nobody said no. Send exactly the same request again after 1 s; kubectl, helm and client-go do so by themselves. [countersign v1 state=Approved request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 retry=1s]',
  )
  expect(notSettledYet(web)).toEqual({
    reason: 'ApprovalReady',
    message:
      'APPROVED, last use not settled: "delete Deployment prod/web" (policy workload-deletes) was let through a moment ago, its object has changed since, and whether that was this change is being found out. Nothing was changed by this call; nobody said no. Run the SAME command again in 15 s: it goes through, or, if it had its effect already, asks anew. Do not look for another way. [countersign v1 state=Approved request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 retry=15s]',
  })
})

test('a call that others of the same action overtake', () => {
  expect(overtaken(web, 1)).toBe(
    'WAITING, not denied: other calls of the same action are using the answer to "delete Deployment prod/web" (policy workload-deletes) at this moment. Nothing was changed by this call; nobody said no. Send exactly the same request again after 1 s; kubectl, helm and client-go do so by themselves. [countersign v1 state=Pending retry=1s]',
  )
})
