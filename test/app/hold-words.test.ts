import { expect, test } from '@jest/globals'
import type { ApprovalRequestStatus } from '../../src/domain/kinds.ts'
import { deployment } from '../make.ts'
import type { Request } from '../make.ts'
import { policy } from '../make-request.ts'
import { until } from '../until.ts'
import { makeRig } from './gate-rig.ts'

const remove: Request = { operation: 'DELETE', object: null, oldObject: deployment({ metadata: { uid: 'target-1' } }) }
const messages = [{ channel: 'teams', ref: '19:a@thread.tacv2 1', rendered: 'sha256:1' }]
const decided = (reason: string) =>
  [{ type: 'Decided', status: 'False', reason, message: '', lastTransitionTime: '2026-11-21T10:20:00Z' }] as const

/** What an agent reads whose patience is spent while the status of its request is this. */
async function told(status: ApprovalRequestStatus): Promise<string> {
  const rig = makeRig({ policies: [policy('workload-deletes')] })
  const first = rig.send(remove)
  await until('it is held', () => rig.held() === 1)
  const [request] = rig.requests()
  if (request === undefined) throw new Error('nothing was opened')
  rig.change({ ...request, status })
  rig.endHolds()
  await first
  rig.pass(60_000)
  const last = rig.send(remove)
  await until('it is held again', () => rig.held() === 1)
  rig.endHolds()
  const answer = await last
  return answer.kind === 'Refuse' ? `${answer.refusal.reason} ${answer.refusal.message}` : answer.kind
}

test.each<readonly [when: string, status: ApprovalRequestStatus, words: RegExp]>([
  [
    'no card is out: approvers were asked',
    {},
    /^ApprovalPending WAITING, not denied: a person .* approvers was asked and can/,
  ],
  ['a card is out: they were asked in Teams', { messages }, /approvers was asked in Teams and can answer until/],
  [
    'somebody has deleted the card: they were asked, but no longer in Teams',
    { messages: messages.map((one) => ({ ...one, rendered: 'gone' })) },
    /approvers was asked and can answer until/,
  ],
  [
    'no channel has taken it: nobody has seen it, and who can do what about that',
    { conditions: decided('Undelivered') },
    /^ApprovalPending WAITING, not denied, but NOBODY HAS SEEN IT YET: .* Teams has not taken the card \(tried since \d\d:\d\dZ, .* delivered=false retry=60s\]$/,
  ],
  [
    'there is no channel: approvers are asked by kubectl',
    { conditions: decided('NoChannel') },
    /approvers was asked and can/,
  ],
])('an agent whose patience is spent while %s', async (_when, status, words) => {
  expect(await told(status)).toMatch(words)
})
