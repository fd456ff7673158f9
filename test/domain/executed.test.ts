import { describe, expect, test } from '@jest/globals'
import { isClosed, meaningOf, outcomeStep } from '../../src/domain/executed.ts'
import type { ApprovalRequest, Condition, Grant, RequestedAction } from '../../src/domain/kinds.ts'
import type { Sighting } from '../../src/domain/outcome.ts'
import { approvedStatus, at, claim, closedStatus, request, time } from '../make-request.ts'

const times = { leaseMs: 45_000, callMs: 34_000 }

const said = (reason: string, when: string): Condition => ({
  type: 'Executed',
  status: 'Unknown',
  reason,
  message: '',
  lastTransitionTime: time(at(when)),
})

type Case = { readonly grant?: Partial<Grant>; readonly said?: Condition; readonly action?: Partial<RequestedAction> }

function approved({ grant, said: condition, action }: Case): ApprovalRequest {
  const status = { ...approvedStatus(grant), ...(condition === undefined ? {} : { conditions: [condition] }) }
  const actions = request().spec.actions.map((one) => ({ ...one, ...action }))
  return request({ status, actions })
}

const claimed = { claims: [claim()] }
const revoked = { revoked: { by: 'Alice Kim', time: time(at('10:26')) } }
const update = { operation: 'Update' } as const
const twice = { claims: [claim(), claim({ time: time(at('10:30')) })], rearmed: 1 }

/** Approved at 10:24 until 10:44, claimed at 10:25. */
describe('when to look what became of an approval', () => {
  test.each<[string, Case, string, string]>([
    ['waits for a claim until the grant has ended', {}, '10:30', 'Wait 10:44:05'],
    ['says that nobody used it', {}, '10:44:06', 'Say NeverUsed'],
    ['says that once', { said: said('NeverUsed', '10:44:06') }, '10:50', 'Rest'],
    ['says that it was taken back', { grant: revoked }, '10:30', 'Say Revoked'],
    ['says first that it was let through', { grant: claimed }, '10:25', 'Say Released'],
    ['gives the write a moment', { grant: claimed, said: said('Released', '10:25') }, '10:25', 'Wait 10:25:01'],
    ['looks then', { grant: claimed, said: said('Released', '10:25') }, '10:25:02', 'Look'],
    ['looks after the lease', { grant: claimed, said: said('Released', '10:25') }, '10:26', 'Look'],
    ['rests once it was seen', { grant: claimed, said: said('Executed', '10:26') }, '10:30', 'Rest'],
    ['rests where nothing can be seen', { grant: claimed, said: said('Unobservable', '10:26') }, '10:30', 'Rest'],
    [
      'says so where nothing can be seen',
      { grant: claimed, action: { operation: 'Connect' } },
      '10:25',
      'Say Unobservable',
    ],
    [
      'looks at a delete once more when the grant ends',
      { grant: claimed, said: said('NotObserved', '10:26') },
      '10:30',
      'Wait 10:44:35',
    ],
    ['looks then at the delete', { grant: claimed, said: said('NotObserved', '10:26') }, '10:44:36', 'Look'],
    ['and leaves the delete alone', { grant: claimed, said: said('NotObserved', '10:44:36') }, '10:50', 'Rest'],
    [
      'rests when an update was given back',
      { grant: { ...claimed, rearmed: 1 }, said: said('NotObserved', '10:27'), action: update },
      '10:30',
      'Rest',
    ],
    [
      'begins anew with the second claim',
      { grant: twice, said: said('NotObserved', '10:27'), action: update },
      '10:30',
      'Say Released',
    ],
    ['takes a late claim for a claim', { grant: claimed, said: said('NeverUsed', '10:24') }, '10:45', 'Say Released'],
  ])('%s', (_what, about, now, expected) => {
    const step = outcomeStep(approved(about), times, at(now))
    const rest = step.step === 'Wait' ? time(Math.floor(step.until / 1000) * 1000).slice(11, 19) : ''
    expect(`${step.step} ${step.step === 'Say' ? step.executed.reason : rest}`.trim()).toBe(expected)
  })

  test.each(['Denied', 'ChangesRequested', 'Expired'] as const)('never looks after %s', (decision) => {
    expect(outcomeStep(request({ status: closedStatus(decision) }), times, at('10:30'))).toEqual({ step: 'Rest' })
  })
})

describe('what it means', () => {
  const means = (seen: Sighting, about: Case, now: string): string => {
    const meaning = meaningOf(approved(about), seen, { times, now: at(now) })
    if ('lookTime' in meaning) return `look ${time(meaning.lookTime).slice(11, 19)}`
    return `${meaning.executed.status} ${meaning.executed.reason}${meaning.rearm ? ', given back' : ''}`
  }

  test.each<[string, Sighting, Case, string, string]>([
    ['seen is executed', 'Executed', { grant: claimed }, '10:25:02', 'True Executed'],
    ['not to be seen stays unknown', 'Unobservable', { grant: claimed }, '10:25:02', 'Unknown Unobservable'],
    [
      'changed by others uses it up at once',
      'Moved',
      { grant: claimed, action: update },
      '10:25:02',
      'False NotObserved',
    ],
    [
      'what may still come is looked at after twice the time',
      'Absent',
      { grant: claimed },
      '10:25:10',
      'look 10:25:20',
    ],
    ['a delete has the lease', 'Absent', { grant: claimed }, '10:25:45', 'look 10:25:45'],
    ['a delete after it is not observed', 'Absent', { grant: claimed }, '10:25:46', 'False NotObserved'],
    [
      'a create after it is not observed',
      'Absent',
      { grant: claimed, action: { operation: 'Create' } },
      '10:25:46',
      'False NotObserved',
    ],
    [
      'an update has the last repeat of the lease as well',
      'Absent',
      { grant: claimed, action: update },
      '10:26:19',
      'look 10:26:19',
    ],
    [
      'an update after that is given back',
      'Absent',
      { grant: claimed, action: update },
      '10:26:20',
      'False NotObserved, given back',
    ],
    ['an update is given back once', 'Absent', { grant: twice, action: update }, '10:35', 'False NotObserved'],
    [
      'an update is not given back when the grant has ended',
      'Absent',
      { grant: claimed, action: update },
      '10:45',
      'False NotObserved',
    ],
  ])('%s', (_what, seen, about, now, expected) => {
    expect(means(seen, about, now)).toBe(expected)
  })
})

describe('a request is closed', () => {
  test.each<[string, ApprovalRequest, boolean]>([
    ['not while it is undecided', request(), false],
    ['when it was denied', request({ status: closedStatus('Denied') }), true],
    ['not while its approval can be used', approved({}), false],
    ['not while its outcome is open', approved({ grant: claimed, said: said('Released', '10:25') }), false],
    ['when its outcome is seen', approved({ grant: claimed, said: said('Executed', '10:26') }), true],
    ['when nobody used it', approved({ said: said('NeverUsed', '10:45') }), true],
    ['not when a claim came late', approved({ grant: claimed, said: said('NeverUsed', '10:45') }), false],
    ['not when its effect may still be seen', approved({ grant: claimed, said: said('NotObserved', '10:26') }), false],
  ])('%s', (_what, one, closed) => {
    expect(isClosed(one)).toBe(closed)
  })
})
