import { expect, test } from '@jest/globals'
import { decisionStatus } from '../../src/domain/decision-status.ts'
import { at, request, time, vote } from '../make-request.ts'

test.each([
  ['at once: from the last yes on', '10:25', '10:45'],
  ['two hours late: no longer than if it had been judged at once', '12:30', '10:45'],
  ['by a clock that is behind the votes: from now on', '10:24', '10:44'],
])('an approval that is judged %s', (_when, now, until) => {
  const asked = request({ grantSeconds: 1200 })
  const votes = [vote('Approve', { name: 'a', cast: at('10:21') }), vote('Approve', { name: 'b', cast: at('10:25') })]
  const decision = { decision: 'Approved', basis: 'Votes', votes } as const
  const standing = { judged: [], stages: [], outcome: decision }
  const { grant } = decisionStatus(asked, standing, { decision, now: at(now) })
  expect(grant?.expirationTime).toBe(time(at(until)))
})
