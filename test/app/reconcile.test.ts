import { describe, expect, test } from '@jest/globals'
import { reconcile } from '../../src/app/reconcile.ts'
import type { Effect, Seen } from '../../src/app/reconcile.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import type { ApprovalRequest, ApprovalRequestStatus } from '../../src/domain/kinds.ts'
import {
  approvedStatus,
  at,
  claim,
  closedStatus,
  entra,
  group,
  member,
  request,
  stageOf,
  vote,
} from '../make-request.ts'

const approvers = approversOf([group('platform-oncall', { people: [member('alice'), member('bob')] })], () => new Set())

function seen(changes: Partial<Seen>): Seen {
  const asked = request({ requirements: { stages: [stageOf('platform-oncall')] } })
  const times = { leaseMs: 45_000, callMs: 34_000 }
  return {
    request: asked,
    votes: [],
    approvers,
    isAgent: () => false,
    isProven: () => true,
    times,
    graceMs: 2000,
    ...changes,
  }
}

const askedWith = (status: ApprovalRequestStatus): ApprovalRequest =>
  request({ requirements: { stages: [stageOf('platform-oncall')] }, status })

const deeds = (effects: readonly Effect[]): readonly string[] => effects.map((effect) => effect.do)

describe('reconcile', () => {
  test('first says that nobody has decided, then looks around the target, and wakes at the deadline', () => {
    const effects = reconcile(seen({}), at('10:21'))
    expect(deeds(effects)).toEqual(['note', 'survey', 'wake'])
    expect(effects[0]).toMatchObject({
      note: { conditions: [{ type: 'Decided', status: 'False', reason: 'Pending' }], progress: '0/1' },
    })
  })

  test('decides in one effect: decision, grant, conditions and every judged vote', () => {
    const effects = reconcile(seen({ votes: [vote('Approve')] }), at('10:25'))
    expect(deeds(effects)).toEqual(['decide'])
    expect(effects[0]).toMatchObject({
      decided: {
        decision: 'Approved',
        basis: 'Votes',
        decisionTime: '2026-11-21T10:25:00Z',
        progress: '1/1',
        grant: { claims: [], rearmed: 0 },
        conditions: [
          { type: 'Decided', status: 'True', reason: 'Approved' },
          { type: 'Approved', status: 'True' },
        ],
        votes: [{ verdict: 'Approve', counted: true }],
      },
    })
  })

  test('a denial carries the words of the person in its condition, and no grant', () => {
    const [effect] = reconcile(seen({ votes: [vote('Deny', { comment: 'wrong cluster' })] }), at('10:25'))
    expect(effect).toMatchObject({
      decided: {
        decision: 'Denied',
        grant: undefined,
        conditions: [{ message: expect.stringContaining('"wrong cluster"') }, { type: 'Denied' }],
      },
    })
  })

  test('after the deadline it expires, and nobody is said to have decided', () => {
    const [effect] = reconcile(seen({}), at('12:00'))
    expect(effect).toMatchObject({
      do: 'decide',
      decided: { decision: 'Expired', basis: 'Deadline', decidedBy: undefined },
    })
  })

  test('a vote that does not count is noted with why', () => {
    const [effect] = reconcile(seen({ votes: [vote('Approve')], isProven: () => false }), at('10:25'))
    expect(effect).toMatchObject({ do: 'note', note: { votes: [{ counted: false, refusal: 'Forged' }] } })
  })

  test('a late vote is noted and changes nothing', () => {
    const decided = request({ requirements: { stages: [stageOf('platform-oncall')] }, status: approvedStatus() })
    const effects = reconcile(seen({ request: decided, votes: [vote('Deny', { name: 'apv-2' })] }), at('10:30'))
    expect(effects[0]).toMatchObject({ do: 'note', note: { votes: [{ refusal: 'AlreadyDecided' }] } })
    expect(deeds(effects)).toEqual(['note', 'wake'])
  })

  test('with nothing new there is nothing to do but to wake', () => {
    const conditions = [
      { type: 'Decided', status: 'False', reason: 'Pending', message: '', lastTransitionTime: '2026-11-21T10:20:00Z' },
    ] as const
    const known = request({
      requirements: { stages: [stageOf('platform-oncall')] },
      status: { conditions, progress: '0/1', context: { observedTime: '2026-11-21T10:20:00Z' } },
    })
    expect(deeds(reconcile(seen({ request: known }), at('10:21')))).toEqual(['wake'])
  })

  test('a deadline that has just passed is given a moment for votes on their way', () => {
    const effects = reconcile(seen({}), at('10:35:01'))
    expect(effects.at(-1)).toEqual({ do: 'wake', time: at('10:35:02') + 1 })
    expect(deeds(effects)).toEqual(['note', 'wake'])
  })

  test('a vote that was cast in time decides within that moment', () => {
    const [effect] = reconcile(seen({ votes: [vote('Approve', { cast: at('10:35') })] }), at('10:35:01'))
    expect(effect).toMatchObject({ do: 'decide', decided: { decision: 'Approved' } })
  })

  test('a pause stops the agent first, and then denies', () => {
    const effects = reconcile(seen({ votes: [vote('Pause', { comment: 'it runs wild' })] }), at('10:25'))
    expect(effects).toMatchObject([
      { do: 'pause', pause: { by: 'alice', reason: 'it runs wild' } },
      { do: 'decide', decided: { decision: 'Denied' } },
    ])
  })

  test('a pause that is noted is not carried out again', () => {
    const first = reconcile(seen({ votes: [vote('Pause')] }), at('10:25'))[1]
    if (first?.do !== 'decide') throw new Error('it denies')
    const status = closedStatus('Denied', { votes: first.decided.votes })
    const effects = reconcile(seen({ request: askedWith(status), votes: [vote('Pause')] }), at('10:26'))
    expect(effects).toEqual([])
  })

  test('a pause after the decision stops the agent, and is noted', () => {
    const late = seen({ request: askedWith(closedStatus('Denied')), votes: [vote('Pause', { name: 'apv-2' })] })
    expect(deeds(reconcile(late, at('10:30')))).toEqual(['pause', 'note'])
  })

  test('a Revoke takes an unused approval back, in one write with its note', () => {
    const votes = [vote('Revoke', { name: 'apv-2', comment: 'wrong cluster' })]
    expect(reconcile(seen({ request: askedWith(approvedStatus()), votes }), at('10:30'))).toMatchObject([
      {
        do: 'revoke',
        revoked: { by: 'alice', comment: 'wrong cluster', voteRef: { name: 'apv-2' } },
        note: { votes: [{ verdict: 'Revoke', counted: true }], conditions: [{ type: 'Executed', reason: 'Revoked' }] },
      },
    ])
  })

  test.each(['Denied', 'ChangesRequested'] as const)('a Revoke ends the cool-down of %s', (decision) => {
    const votes = [vote('Revoke', { name: 'apv-2' })]
    expect(reconcile(seen({ request: askedWith(closedStatus(decision)), votes }), at('10:30'))).toMatchObject([
      { do: 'note', note: { cooldownRevoked: { by: 'alice' }, votes: [{ counted: true }] } },
    ])
  })

  test('a Revoke of an approval that was used is noted as too late', () => {
    const one = askedWith(approvedStatus({ claims: [claim()] }))
    const [effect] = reconcile(seen({ request: one, votes: [vote('Revoke', { name: 'apv-2' })] }), at('10:30'))
    expect(effect).toMatchObject({ do: 'note', note: { votes: [{ refusal: 'AlreadyUsed' }] } })
  })

  test('what was judged once is noted once, also when it would be judged otherwise now', () => {
    const votes = [vote('Approve', { voter: entra('bob') }), vote('Approve', { name: 'apv-2' })]
    const noted = { name: 'apv-1', uid: 'uid-of-apv-1', person: 'bob', verdict: 'Approve', counted: false } as const
    const one = askedWith({ votes: [{ ...noted, time: '2026-11-21T10:24:00Z', refusal: 'NotInGroup' }] })
    const [effect] = reconcile(seen({ request: one, votes }), at('10:25'))
    expect(effect).toMatchObject({ do: 'decide', decided: { decision: 'Approved', votes: [{ name: 'apv-2' }] } })
  })

  test('a flood of comments leaves room for the vote that decides', () => {
    const flood = Array.from({ length: 100 }, (_value, index) => vote('Comment', { name: `apv-c${index}` }))
    const [note] = reconcile(seen({ votes: flood }), at('10:25'))
    if (note?.do !== 'note') throw new Error('it notes')
    expect(note.note.votes).toHaveLength(48)
    const one = askedWith({ votes: note.note.votes ?? [] })
    const [decide] = reconcile(
      seen({ request: one, votes: [...flood, vote('Deny', { cast: at('10:26') })] }),
      at('10:26'),
    )
    if (decide?.do !== 'decide') throw new Error('it decides')
    expect(decide.decided.votes).toHaveLength(16)
    expect(decide.decided.votes.filter(({ verdict }) => verdict === 'Deny')).toHaveLength(1)
  })

  test('once an approval is claimed, it says that the command was let through', () => {
    const one = askedWith(approvedStatus({ claims: [claim()] }))
    expect(reconcile(seen({ request: one }), at('10:25'))).toMatchObject([
      { do: 'note', note: { conditions: [{ type: 'Executed', status: 'Unknown', reason: 'Released' }] } },
    ])
  })
})
