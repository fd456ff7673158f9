import { describe, expect, test } from '@jest/globals'
import { reconcile } from '../../src/app/reconcile.ts'
import type { Effect, Seen } from '../../src/app/reconcile.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import { approvedStatus, at, group, member, request, stageOf, vote } from '../make-request.ts'

const approvers = approversOf([group('platform-oncall', { people: [member('alice'), member('bob')] })], () => new Set())

function seen(changes: Partial<Seen>): Seen {
  const asked = request({ requirements: { stages: [stageOf('platform-oncall')] } })
  return { request: asked, votes: [], approvers, isAgent: () => false, isProven: () => true, ...changes }
}

const deeds = (effects: readonly Effect[]): readonly string[] => effects.map((effect) => effect.do)

describe('reconcile', () => {
  test('first says that nobody has decided, and wakes at the deadline', () => {
    const effects = reconcile(seen({}), at('10:21'))
    expect(deeds(effects)).toEqual(['note', 'wake'])
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
    expect(effects).toMatchObject([{ do: 'note', note: { votes: [{ refusal: 'AlreadyDecided' }] } }])
  })

  test('with nothing new there is nothing to do but to wake', () => {
    const conditions = [
      { type: 'Decided', status: 'False', reason: 'Pending', message: '', lastTransitionTime: '2026-11-21T10:20:00Z' },
    ] as const
    const known = request({
      requirements: { stages: [stageOf('platform-oncall')] },
      status: { conditions, progress: '0/1' },
    })
    expect(deeds(reconcile(seen({ request: known }), at('10:21')))).toEqual(['wake'])
  })
})
