import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { approversOf } from '../../src/domain/approvers.ts'
import type { ApprovalRequest, ApprovalVote, Verdict, Voter } from '../../src/domain/kinds.ts'
import { settle } from '../../src/domain/settle.ts'
import type { Decision, Settling, Standing } from '../../src/domain/settle.ts'
import {
  approvedStatus,
  at,
  closedStatus,
  entra,
  group,
  kubernetes,
  member,
  request,
  slack,
  stageOf,
  time,
  vote,
} from '../make-request.ts'
import { scaled } from '../scale.ts'

const groups = [
  group('approvers', { people: ['alice', 'bo', 'cy', 'dan'].map((name) => member(name, ['entra', 'slack'])) }),
  group('security', { people: [member('sue'), member('alice', ['entra', 'slack'])], kubernetesGroups: ['sec'] }),
  group('leads', { people: [member('lea')] }),
]

function settling(changes: Partial<Settling> = {}): Settling {
  return {
    request: request(),
    approvers: approversOf(groups, () => new Set()),
    isAgent: () => false,
    isProven: ({ metadata }) => !metadata.name.startsWith('forged'),
    now: at('10:25'),
    ...changes,
  }
}

/** Votes, each a second after the one before, from 10:21 on. */
function cast(...votes: readonly (readonly [Verdict, Voter])[]): readonly ApprovalVote[] {
  return votes.map(([verdict, voter], number) =>
    vote(verdict, { voter, name: `apv-${number}`, cast: at('10:21') + number * 1000 }),
  )
}

const quorum = (needed: number): ApprovalRequest =>
  request({ requirements: { stages: [stageOf('approvers', needed)] } })

function decisionOf({ outcome }: Standing): Decision['decision'] | undefined {
  return 'decision' in outcome ? outcome.decision : undefined
}

function refusals({ judged }: Standing): readonly (string | undefined)[] {
  return judged.map(({ refusal }) => refusal)
}

const [alice, bo, cy, dan, sue, lea, eve] = ['alice', 'bo', 'cy', 'dan', 'sue', 'lea', 'eve'].map(entra) as [
  Voter,
  Voter,
  Voter,
  Voter,
  Voter,
  Voter,
  Voter,
]

describe('what a request comes to', () => {
  type Case = readonly [
    sentence: string,
    asked: ApprovalRequest,
    votes: readonly ApprovalVote[],
    decision: Decision['decision'] | undefined,
    refused: readonly (string | undefined)[],
  ]

  test.each<Case>([
    ['nothing, without votes', request(), [], undefined, []],
    ['one approval, where one is needed', request(), cast(['Approve', alice]), 'Approved', [undefined]],
    ['one approval does not do where two are needed', quorum(2), cast(['Approve', alice]), undefined, [undefined]],
    [
      'two people make a quorum of two',
      quorum(2),
      cast(['Approve', alice], ['Approve', bo]),
      'Approved',
      [undefined, undefined],
    ],
    [
      'one person twice does not, by whichever identity',
      quorum(2),
      cast(['Approve', alice], ['Approve', alice], ['Approve', slack('alice')]),
      undefined,
      [undefined, 'SamePersonTwice', 'SamePersonTwice'],
    ],
    [
      'a third approval comes too late for a quorum of two',
      quorum(2),
      cast(['Approve', alice], ['Approve', bo], ['Approve', cy]),
      'Approved',
      [undefined, undefined, 'AlreadyDecided'],
    ],
    [
      'one denial ends it',
      quorum(3),
      cast(['Approve', alice], ['Approve', bo], ['Deny', cy]),
      'Denied',
      [undefined, undefined, undefined],
    ],
    [
      'the same person may still deny',
      quorum(2),
      cast(['Approve', alice], ['Deny', alice]),
      'Denied',
      [undefined, undefined],
    ],
    [
      'the first decision wins over a denial',
      request(),
      cast(['Approve', alice], ['Deny', bo]),
      'Approved',
      [undefined, 'AlreadyDecided'],
    ],
    [
      'the first decision wins over an approval',
      request(),
      cast(['Deny', bo], ['Approve', alice]),
      'Denied',
      [undefined, 'AlreadyDecided'],
    ],
    ['a request for changes ends it', request(), cast(['RequestChanges', alice]), 'ChangesRequested', [undefined]],
    ['a pause denies it', request(), cast(['Pause', alice]), 'Denied', [undefined]],
    [
      'comments decide nothing',
      request(),
      cast(['Comment', alice], ['Comment', bo]),
      undefined,
      [undefined, undefined],
    ],
    [
      'a comment after the decision is heard',
      request(),
      cast(['Approve', alice], ['Comment', bo]),
      'Approved',
      [undefined, undefined],
    ],
    [
      'a pause after the decision stops the agent and changes no decision',
      request(),
      cast(['Approve', alice], ['Pause', bo]),
      'Approved',
      [undefined, undefined],
    ],
    [
      'a taking back before the decision takes nothing back',
      quorum(2),
      cast(['Approve', alice], ['Revoke', alice]),
      undefined,
      [undefined, 'NotDecided'],
    ],
    [
      'who is in no group decides nothing',
      request(),
      cast(['Deny', eve], ['Approve', eve]),
      undefined,
      ['NotInGroup', 'NotInGroup'],
    ],
    [
      'a forged denial ends nothing',
      request(),
      [vote('Deny', { name: 'forged-1', cast: at('10:20') }), ...cast(['Approve', alice])],
      'Approved',
      ['Forged', undefined],
    ],
    [
      'a forged denial after the decision is told to be forged, not late',
      request(),
      [vote('Deny', { name: 'forged-1', cast: at('10:23') }), ...cast(['Approve', alice])],
      'Approved',
      [undefined, 'Forged'],
    ],
  ])('%s', (_sentence, asked, votes, decision, refused) => {
    const standing = settle(settling({ request: asked }), votes)
    expect(decisionOf(standing)).toBe(decision)
    expect(refusals(standing)).toEqual(refused)
  })

  test('the decision names the votes on which it rests', () => {
    const votes = cast(['Comment', cy], ['Approve', alice], ['Approve', bo], ['Approve', dan])
    const { outcome } = settle(settling({ request: quorum(2) }), votes)
    expect(outcome).toEqual({ decision: 'Approved', basis: 'Votes', votes: [votes[1], votes[2]] })
  })

  test('a denial rests on itself alone', () => {
    const votes = cast(['Approve', alice], ['Deny', bo])
    expect(settle(settling({ request: quorum(2) }), votes).outcome).toEqual({
      decision: 'Denied',
      basis: 'Votes',
      votes: [votes[1]],
    })
  })
})

describe('stages', () => {
  const two = request({ requirements: { stages: [stageOf('approvers'), stageOf('security', 2)] } })

  test('every stage must reach its quorum', () => {
    const one = settle(settling({ request: two }), cast(['Approve', bo], ['Approve', sue]))
    expect(decisionOf(one)).toBeUndefined()
    expect(one.stages).toEqual([
      { name: 'approvers', approvals: 1, required: 1 },
      { name: 'security', approvals: 1, required: 2 },
    ])
  })

  test('whoever is in the groups of two stages counts in each', () => {
    const both = settle(settling({ request: two }), cast(['Approve', alice], ['Approve', sue]))
    expect(decisionOf(both)).toBe('Approved')
    expect(both.stages.map(({ approvals }) => approvals)).toEqual([1, 2])
  })

  test('a denial by a member of any stage ends it', () => {
    expect(decisionOf(settle(settling({ request: two }), cast(['Approve', bo], ['Deny', sue])))).toBe('Denied')
  })

  test('a member of one of several groups of a stage is enough', () => {
    const either = request({
      requirements: {
        stages: [{ name: 's', approverGroupRefs: [{ name: 'leads' }, { name: 'approvers' }], quorum: 2 }],
      },
    })
    expect(decisionOf(settle(settling({ request: either }), cast(['Approve', lea], ['Approve', bo])))).toBe('Approved')
  })

  test('who has left the group since the vote counts no more', () => {
    const votes = cast(['Approve', alice], ['Approve', bo])
    const left = approversOf([group('approvers', { people: [member('bo'), member('cy')] })], () => new Set())
    const standing = settle(settling({ request: quorum(2), approvers: left }), votes)
    expect([decisionOf(standing), refusals(standing)]).toEqual([undefined, ['NotInGroup', undefined]])
  })
})

describe('escalation', () => {
  const escalation = [{ afterSeconds: 120, approverGroupRefs: [{ name: 'leads' }] }]
  const asked = request({ requirements: { stages: [stageOf('approvers'), stageOf('security')], escalation } })

  test('before the step, its groups have no say', () => {
    expect(refusals(settle(settling({ request: asked, now: at('10:21:30') }), cast(['Approve', lea])))).toEqual([
      'NotInGroup',
    ])
  })

  test('after it, their members count in every stage', () => {
    expect(decisionOf(settle(settling({ request: asked, now: at('10:22') }), cast(['Approve', lea])))).toBe('Approved')
  })
})

describe('when to look again', () => {
  const escalation = [{ afterSeconds: 300 }, { afterSeconds: 120 }]

  test.each([
    ['at the next step of escalation', '10:21', at('10:22')],
    ['at the one after it', '10:22', at('10:25')],
    ['just after the deadline, when no step is left', '10:25', at('10:35') + 1],
  ])('%s', (_sentence, clock, wakeTime) => {
    const asked = request({ requirements: { escalation } })
    expect(settle(settling({ request: asked, now: at(clock) }), []).outcome).toEqual({ wakeTime })
  })
})

describe('nobody in time', () => {
  test('at the deadline there is still time, after it the request is expired, and that is no vote', () => {
    expect(decisionOf(settle(settling({ now: at('10:35') }), []))).toBeUndefined()
    expect(settle(settling({ now: at('10:35') + 1 }), []).outcome).toEqual({
      decision: 'Expired',
      basis: 'Deadline',
      votes: [],
    })
  })

  test('a vote in time decides although it is judged after the deadline', () => {
    const inTime = [vote('Approve', { cast: at('10:35') })]
    expect(decisionOf(settle(settling({ now: at('10:40') }), inTime))).toBe('Approved')
  })

  test.each<readonly [Verdict, string | undefined]>([
    ['Approve', 'Expired'],
    ['Deny', 'Expired'],
    ['Pause', undefined],
  ])('a late %s changes nothing about that', (verdict, refusal) => {
    const standing = settle(settling({ now: at('10:40') }), [vote(verdict, { cast: at('10:36') })])
    expect([decisionOf(standing), refusals(standing)]).toEqual(['Expired', [refusal]])
  })

  test('approvals that are too few expire', () => {
    const standing = settle(settling({ request: quorum(2), now: at('10:40') }), cast(['Approve', alice]))
    expect([decisionOf(standing), standing.stages]).toEqual([
      'Expired',
      [{ name: 'approvers', approvals: 1, required: 2 }],
    ])
  })

  test('a request whose deadline cannot be read is expired, never open for ever', () => {
    expect(decisionOf(settle(settling({ request: request({ expirationTime: 'soon' }) }), []))).toBe('Expired')
  })
})

describe('the order of arrival', () => {
  test('is that of the stamps of the API server, however the votes are delivered', () => {
    const votes = cast(['Deny', bo], ['Approve', alice])
    expect(decisionOf(settle(settling(), votes.toReversed()))).toBe('Denied')
  })

  test('within one second, who says no goes before who says yes', () => {
    const together = (['Approve', 'RequestChanges', 'Deny'] as const).map((verdict, number) =>
      vote(verdict, { name: `apv-${number}`, voter: [alice, bo, cy][number] ?? alice }),
    )
    expect(decisionOf(settle(settling(), together))).toBe('Denied')
    expect(decisionOf(settle(settling(), together.slice(0, 2)))).toBe('ChangesRequested')
  })

  test('within one second, a taking back goes after the approval', () => {
    const together = [vote('Revoke', { name: 'apv-0' }), vote('Approve', { name: 'apv-1' })]
    const standing = settle(settling(), together)
    expect(decisionOf(standing)).toBe('Approved')
    expect(standing.judged.map(({ vote: { metadata } }) => metadata.name)).toEqual(['apv-1'])
  })
})

describe('a vote that the status shows', () => {
  const noted = { name: 'apv-0', uid: 'uid-of-apv-0', person: 'Alice', verdict: 'Approve', time: '' } as const
  const shown = (counted: boolean) => ({ ...noted, counted, ...(counted ? {} : { refusal: 'NotInGroup' }) })

  test('as refused stays refused, also when it would count now', () => {
    const standing = settle(
      settling({ request: request({ status: { votes: [shown(false)] } }) }),
      cast(['Approve', alice]),
    )
    expect(refusals(standing)).toEqual(['NotInGroup'])
    expect(decisionOf(standing)).toBeUndefined()
  })

  test('as counted counts no more when its voter has left the group', () => {
    const asked = request({ status: { votes: [shown(true)] } })
    const approvers = approversOf([], () => new Set())
    expect(refusals(settle(settling({ request: asked, approvers }), cast(['Approve', alice])))).toEqual(['NotInGroup'])
  })
})

describe('once the decision is stored', () => {
  const noted = {
    name: 'apv-0',
    uid: 'uid-of-apv-0',
    person: 'Alice',
    verdict: 'Approve',
    time: time(at('10:21')),
    counted: true,
  } as const
  const stages = [{ name: 'approvers', approvals: 1, required: 1 }]
  const status = { ...approvedStatus(), votes: [noted], stages }
  const decided = settling({ request: request({ status }), now: at('11:00') })

  test('it stays, whatever time it is and whoever left the group', () => {
    const standing = settle({ ...decided, approvers: approversOf([], () => new Set()) }, cast(['Approve', alice]))
    expect(standing).toEqual({ judged: [], stages, outcome: { wakeTime: undefined } })
  })

  test('votes that came after it are judged, and are too late', () => {
    const standing = settle(decided, cast(['Approve', alice], ['Deny', bo], ['Comment', cy]))
    expect(refusals(standing)).toEqual(['AlreadyDecided', undefined])
  })

  test('a taking back counts, once', () => {
    const standing = settle(decided, cast(['Approve', alice], ['Revoke', bo], ['Revoke', cy]))
    expect(refusals(standing)).toEqual([undefined, 'AlreadyRevoked'])
  })

  test('a taking back that came in the same moment as the approval is judged when that is stored', () => {
    const votes = cast(['Approve', alice], ['Revoke', alice])
    const first = settle(settling(), votes)
    expect(refusals(first)).toEqual([undefined])
    expect(refusals(settle(decided, votes))).toEqual([undefined])
  })

  test('what expired stays expired', () => {
    const expired = settling({ request: request({ status: closedStatus('Expired') }), now: at('11:00') })
    expect(refusals(settle(expired, cast(['Approve', alice])))).toEqual(['AlreadyDecided'])
  })
})

describe('for all sequences of votes', () => {
  const voters = [alice, bo, cy, dan, sue, lea, eve, slack('alice'), kubernetes('x', ['sec']), kubernetes('alice')]
  const verdicts: readonly Verdict[] = [
    'Approve',
    'Approve',
    'Approve',
    'Deny',
    'RequestChanges',
    'Comment',
    'Revoke',
    'Pause',
  ]
  const votesOf = fc
    .array(
      fc.record({
        verdict: fc.constantFrom(...verdicts),
        voter: fc.constantFrom(...voters),
        second: fc.integer({ min: 0, max: 1200 }),
        forged: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    .map((all) =>
      all.map(({ verdict, voter, second, forged }, number) =>
        vote(verdict, {
          voter,
          name: `${forged && number % 3 === 0 ? 'forged' : 'apv'}-${String(number).padStart(2, '0')}`,
          cast: at('10:20') + second * 1000,
        }),
      ),
    )
  const requests = fc
    .record({
      first: fc.integer({ min: 1, max: 3 }),
      second: fc.integer({ min: 0, max: 2 }),
      escalates: fc.boolean(),
    })
    .map(({ first, second, escalates }) =>
      request({
        requirements: {
          stages: [stageOf('approvers', first), ...(second > 0 ? [stageOf('security', second)] : [])],
          escalation: escalates ? [{ afterSeconds: 60, approverGroupRefs: [{ name: 'leads' }] }] : [],
        },
      }),
    )

  test('the order of delivery changes nothing', () => {
    const both = votesOf.chain((votes) =>
      fc.tuple(fc.constant(votes), fc.shuffledSubarray(votes, { minLength: votes.length })),
    )
    fc.assert(
      fc.property(requests, both, (asked, [votes, shuffled]) => {
        const now = { request: asked, now: at('10:41') }
        expect(settle(settling(now), shuffled)).toEqual(settle(settling(now), votes))
      }),
      { numRuns: scaled(200, 20_000) },
    )
  })

  test('at most one vote decides, no vote that deciding votes follow counts, and a quorum is so many people', () => {
    fc.assert(
      fc.property(requests, votesOf, (asked, votes) => {
        const { judged, outcome, stages } = settle(settling({ request: asked, now: at('10:41') }), votes)
        const counted = judged.filter(({ refusal }) => refusal === undefined).map((one) => one.vote)
        const ending = counted.filter(({ spec }) => spec.verdict === 'Deny' || spec.verdict === 'RequestChanges')
        expect(ending.length).toBeLessThanOrEqual(1)
        if (!('decision' in outcome)) throw new Error('nothing can be open after the deadline')
        if (outcome.decision === 'Approved') {
          expect(ending).toEqual([])
          expect(stages.every(({ approvals, required }) => approvals >= required)).toBe(true)
          const people = outcome.votes.map(({ spec }) =>
            (spec.voter.displayName ?? spec.voter.username ?? '').replace('@example.com', ''),
          )
          expect(new Set(people).size).toBe(people.length)
        }
        expect(counted.filter(({ metadata }) => metadata.name.startsWith('forged'))).toEqual([])
      }),
      { numRuns: scaled(200, 20_000) },
    )
  })

  test('whoever decides as the votes come in decides as who sees them all later', () => {
    const apart = votesOf.map((votes) =>
      votes.map((one, number) => ({
        ...one,
        metadata: { ...one.metadata, creationTimestamp: time(at('10:22') + number * 1000) },
      })),
    )
    fc.assert(
      fc.property(requests, apart, (asked, votes) => {
        const now = at('10:30')
        const steps = votes.map((_one, number) => settle(settling({ request: asked, now }), votes.slice(0, number + 1)))
        const first = steps.map(({ outcome }) => outcome).find((outcome) => 'decision' in outcome)
        const all = settle(settling({ request: asked, now }), votes).outcome
        expect('decision' in all ? all : undefined).toEqual(first)
      }),
      { numRuns: scaled(200, 20_000) },
    )
  })
})
