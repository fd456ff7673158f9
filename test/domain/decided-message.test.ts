import { describe, expect, test } from '@jest/globals'
import type { Refusal } from '../../src/domain/check.ts'
import {
  attemptsSpent,
  changesRequested,
  denied,
  deniedAgain,
  expired,
  revoked,
} from '../../src/domain/decided-message.ts'
import type { Reason } from '../../src/domain/reasons.ts'
import { at, digestLike } from '../make-request.ts'

const web = {
  action: 'delete Deployment prod/web',
  policy: 'workload-deletes',
  digest: digestLike('ab12cd34'),
  namespace: 'countersign-system',
  name: 'apr-7k2m9q4xqz',
}
const scale = { ...web, action: 'scale Deployment prod/web 4 to 0', policy: 'scale-to-zero' }

const alice = (clock: string, comment?: string): { by: string; time: number; comment: string | undefined } => ({
  by: 'Alice Kim',
  time: at(clock),
  comment,
})

const spent = { times: 3, until: at('11:35'), groups: 'platform-oncall' }
const unanswered = {
  from: at('10:20'),
  until: at('10:35'),
  groups: 'platform-oncall',
  attempt: 1,
  mostAttempts: 3,
}

test.each<readonly [which: string, said: Refusal, reason: Reason, message: string]>([
  [
    'a denial',
    denied(web, alice('10:24', 'not before the canary is green')),
    'ApprovalDenied',
    `DENIED by Alice Kim at 10:24Z: "not before the canary is green". Action: delete Deployment prod/web (policy workload-deletes). Nothing was changed. This is a person's answer: stop. Do not retry, rephrase or split it, and do not reach the same effect through another object, tool or account; repeats ask nobody and are shown to the approvers. Tell your user what you wanted, who denied it and the words above. If those words ask for a different change, make that one: it is a new request. [countersign v1 state=Denied request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 retry=never]`,
  ],
  [
    'a denial that is met again in the cool-down',
    deniedAgain(web, alice('10:24', 'not before the canary is green')),
    'ApprovalDenied',
    'ALREADY DENIED by Alice Kim at 10:24Z: "not before the canary is green". Action: delete Deployment prod/web. Nothing was changed and nobody was asked this time. Stop and tell your user; another attempt changes nothing, only a person can. [countersign v1 state=Denied request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 repeat=true retry=never]',
  ],
  [
    'a request for changes',
    changesRequested(scale, alice('10:24', 'keep 2 replicas')),
    'ChangesRequested',
    'CHANGES REQUESTED by Alice Kim at 10:24Z: "keep 2 replicas". Action: scale Deployment prod/web 4 to 0 (policy scale-to-zero). Nothing was changed. Make the change as asked and run the changed command: it opens a new request that shows the approver the difference from this one. If you cannot, or the words are unclear, stop and ask your user. [countersign v1 request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 state=ChangesRequested retry=changed]',
  ],
  [
    'nobody answered',
    expired(web, unanswered),
    'ApprovalExpired',
    'EXPIRED, not denied: nobody answered "delete Deployment prod/web" (policy workload-deletes) between 10:20Z and 10:35Z. Nothing was changed. Tell your user that platform-oncall did not answer. If it is still wanted, the same command asks again (attempt 2 of 3 within an hour). [countersign v1 request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 state=Expired retry=user]',
  ],
  [
    'nobody answered three times',
    attemptsSpent(web, spent),
    'ApprovalExpired',
    'NOT ASKED: "delete Deployment prod/web" expired unanswered 3 times within an hour, so nobody is asked again before 11:35Z. Nothing was changed, nobody said no. Do not retry before then; tell your user to reach platform-oncall in person. [countersign v1 state=Expired retry=11:35Z]',
  ],
  [
    'an approval that was taken back',
    revoked(web, alice('10:26', 'wrong cluster, sorry'), alice('10:24', 'ok')),
    'ApprovalRevoked',
    'TAKEN BACK: Alice Kim approved "delete Deployment prod/web" at 10:24Z and took it back at 10:26Z, before it was used: "wrong cluster, sorry". Nothing was changed. Treat it as a denial: stop and tell your user. [countersign v1 state=Denied request=countersign-system/apr-7k2m9q4xqz digest=ab12cd34 revoked=true retry=never]',
  ],
])('%s reads word for word', (_which, said, reason, message) => {
  expect(said).toEqual({ reason, message })
})

describe('without words', () => {
  test.each([undefined, '', '  '])('nothing follows the time (%j)', (comment) => {
    expect(denied(web, alice('10:24', comment)).message).toMatch(/^DENIED by Alice Kim at 10:24Z\. Action: /)
    expect(revoked(web, alice('10:26', comment), alice('10:24')).message).toContain('before it was used. Nothing')
  })
})

test('an approval that another person took back says who', () => {
  const bo = { by: 'Bo Lind', time: at('10:26'), comment: undefined }
  expect(revoked(web, bo, alice('10:24')).message).toContain('at 10:24Z and Bo Lind took it back at 10:26Z')
})
