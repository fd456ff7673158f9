import { describe, expect, test } from '@jest/globals'
import { approversOf } from '../../src/domain/approvers.ts'
import type { ApprovalRequestStatus, Verdict, Voter } from '../../src/domain/kinds.ts'
import { escalatedGroups, groupsAsked, judge, voteChecks } from '../../src/domain/vote.ts'
import type { Judging } from '../../src/domain/vote.ts'
import type { VoteRefusal } from '../../src/domain/vote-refusals.ts'
import {
  approvedStatus,
  at,
  bot,
  claim,
  closedStatus,
  digestLike,
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
import type { RequestChanges, VoteChanges } from '../make-request.ts'

const groups = [
  group('approvers', {
    people: [member('alice', ['entra', 'slack', 'kubernetes']), member('bo'), member('cy', ['kubernetes'])],
    kubernetesGroups: ['sre'],
  }),
  group('leads', { people: [member('lea')] }),
  group('owners', { people: [member('bo')] }),
]

/** Alice votes by card at 10:24 on the request of agents/bot; it is judged a second later. */
type Changes = VoteChanges & {
  readonly verdict?: Verdict
  readonly request?: RequestChanges
  readonly judging?: Partial<Judging>
}

function judging(changes: Changes = {}): Judging {
  const { verdict = 'Approve', request: asked, judging: rest, ...cast } = changes
  return {
    vote: vote(verdict, cast),
    proven: true,
    request: request(asked),
    decided: asked?.status?.decision !== undefined,
    counted: [],
    approvers: approversOf(groups, () => new Set()),
    isAgent: (username, in_) => username === 'robot' || in_.includes('agents'),
    now: at('10:24:01'),
    ...rest,
  }
}

type Case = readonly [sentence: string, changes: Changes, refusal: VoteRefusal | undefined]

const robot = { kind: 'KubernetesUser', username: 'robot', groups: ['sre'] } as const
const account = { kind: 'KubernetesUser', username: 'system:serviceaccount:ops:ci', groups: ['sre'] } as const
const self = { kind: 'KubernetesUser', username: bot.username, groups: ['sre'] } as const
const critical = { level: 'Critical' } as const

function counted(verdict: Verdict, voter: Voter): Partial<Judging> {
  return { counted: [{ verdict, vote: vote(verdict, { name: 'apv-0', voter }) }] }
}

describe('whether a vote counts', () => {
  test.each<Case>([
    ['a vote of a member of the group counts', {}, undefined],
    ['a vote that nobody proves does not', { judging: { proven: false } }, 'Forged'],
    ['a vote that does not say who cast it does not', { voter: { kind: 'EntraUser' } }, 'UnknownVoter'],
  ])('%s', (_sentence, changes, refusal) => {
    expect(judge(judging(changes))).toBe(refusal)
  })
})

describe('who may not vote', () => {
  const asUser = { requester: { agent: 'robot@x', username: 'alice@example.com', uid: '' } }

  test.each<Case>([
    ['the requester', { voter: self }, 'RequesterMayNotVote'],
    ['the requester, not even to deny', { voter: self, verdict: 'Deny' }, 'RequesterMayNotVote'],
    ['the requester by another identity of the same person', { request: asUser }, 'RequesterMayNotVote'],
    ['another agent', { voter: robot }, 'AgentMayNotVote'],
    ['an agent by one of its groups', { voter: kubernetes('x', ['sre', 'agents']) }, 'AgentMayNotVote'],
    ['another service account', { voter: account }, 'AgentMayNotVote'],
    ['the owner', { voter: entra('bo'), request: { requester: { owner: 'bo' } } }, 'OwnerMayNotVote'],
    [
      'a member of the owning group',
      { voter: entra('bo'), request: { requester: { owner: 'owners' } } },
      'OwnerMayNotVote',
    ],
    [
      'the person for whom the agent works',
      { voter: entra('bo'), request: { requester: { onBehalfOf: 'bo' } } },
      'OnBehalfOfMayNotVote',
    ],
    ['anybody, when nobody knows the owner', { request: { requester: { owner: 'zoe' } } }, 'OwnerUnknown'],
    [
      'anybody, when nobody knows for whom the agent works',
      { request: { requester: { onBehalfOf: 'zoe' } } },
      'OwnerUnknown',
    ],
    [
      'somebody who cannot be told from the owner',
      { voter: kubernetes('eve', ['sre']), request: { requester: { owner: 'bo' } } },
      'OwnerUnknown',
    ],
    ['somebody in no group of a stage', { voter: entra('eve') }, 'NotInGroup'],
    ['somebody in another group', { voter: entra('lea') }, 'NotInGroup'],
  ])('%s', (_sentence, changes, refusal) => {
    expect(judge(judging(changes))).toBe(refusal)
  })

  test.each<Case>([
    ['the owner may deny', { voter: entra('bo'), verdict: 'Deny', request: { requester: { owner: 'bo' } } }, undefined],
    [
      'the owner may approve where the policy sets nobody apart',
      { voter: entra('bo'), request: { requester: { owner: 'bo' }, requirements: { separation: [] } } },
      undefined,
    ],
    [
      'the owner may approve where only the other one is set apart',
      { voter: entra('bo'), request: { requester: { owner: 'bo' }, requirements: { separation: ['OnBehalfOf'] } } },
      undefined,
    ],
    ['another member may approve', { request: { requester: { owner: 'bo', onBehalfOf: 'cy' } } }, undefined],
    ['anybody of the group may, when no owner is named', { voter: entra('bo') }, undefined],
    ['a member by Kubernetes group may', { voter: kubernetes('eve', ['sre']) }, undefined],
  ])('%s', (_sentence, changes, refusal) => {
    expect(judge(judging(changes))).toBe(refusal)
  })

  test('membership is that of the moment of judging, not of voting', () => {
    const left = [group('approvers', { people: [member('bo')] })]
    expect(judge(judging({ judging: { approvers: approversOf(left, () => new Set()) } }))).toBe('NotInGroup')
  })
})

describe('what was voted on', () => {
  test.each<Case>([
    [
      'another request of the same name',
      { requestRef: { name: 'apr-7k2m9q4xqz3wd8hf6tnc', uid: 'x' } },
      'OtherRequest',
    ],
    ['another content', { digest: digestLike('ffff') }, 'OtherContent'],
    ['another content, even to deny', { verdict: 'Deny', digest: digestLike('ffff') }, 'OtherContent'],
  ])('%s does not count', (_sentence, changes, refusal) => {
    expect(judge(judging(changes))).toBe(refusal)
  })

  test.each<readonly [Verdict, VoteRefusal | undefined]>([
    ['Approve', 'OtherContent'],
    ['Deny', undefined],
    ['RequestChanges', undefined],
    ['Comment', undefined],
    ['Pause', undefined],
  ])('%s without a digest: %s', (verdict, refusal) => {
    const { digest: _digest, ...spec } = vote(verdict).spec
    expect(judge(judging({ judging: { vote: { ...vote(verdict), spec } } }))).toBe(refusal)
  })
})

describe('when was voted', () => {
  const late = at('10:35:01')
  const after: Partial<Judging> = { now: at('10:36') }

  test.each<readonly [Verdict, VoteRefusal | undefined]>([
    ['Approve', 'Expired'],
    ['Deny', 'Expired'],
    ['RequestChanges', 'Expired'],
    ['Comment', undefined],
    ['Pause', undefined],
  ])('%s after the deadline: %s', (verdict, refusal) => {
    expect(judge(judging({ verdict, cast: late, judging: after }))).toBe(refusal)
  })

  test('a vote in time counts although it is judged late: the stamp of the API server decides', () => {
    expect(judge(judging({ cast: at('10:35'), judging: after }))).toBeUndefined()
  })

  test('a vote without a stamp is as late as its judgement', () => {
    const unstamped = vote('Approve')
    const { creationTimestamp: _time, ...metadata } = unstamped.metadata
    const bare = { ...unstamped, metadata }
    expect(judge(judging({ judging: { vote: bare, now: at('10:36') } }))).toBe('Expired')
    expect(judge(judging({ judging: { vote: bare } }))).toBeUndefined()
  })

  test('a request whose deadline cannot be read is over', () => {
    expect(judge(judging({ request: { expirationTime: 'soon' } }))).toBe('Expired')
  })

  test.each<readonly [Verdict, VoteRefusal | undefined]>([
    ['Approve', 'AlreadyDecided'],
    ['Deny', 'AlreadyDecided'],
    ['RequestChanges', 'AlreadyDecided'],
    ['Comment', undefined],
    ['Pause', undefined],
    ['Revoke', undefined],
  ])('%s after the decision: %s', (verdict, refusal) => {
    expect(judge(judging({ verdict, request: { status: approvedStatus() } }))).toBe(refusal)
  })

  test('a decision that was reached and is not stored yet is one', () => {
    expect(judge(judging({ judging: { decided: true } }))).toBe('AlreadyDecided')
  })
})

describe('what can be taken back', () => {
  const revoked = { by: 'Alice Kim', time: time(at('10:26')) }

  test.each<readonly [string, ApprovalRequestStatus | undefined, VoteRefusal | undefined]>([
    ['nothing, before the decision', undefined, 'NotDecided'],
    ['nothing, when nobody answered', closedStatus('Expired'), 'NotDecided'],
    ['an approval that is not used', approvedStatus(), undefined],
    ['no approval that was used', approvedStatus({ claims: [claim()] }), 'AlreadyUsed'],
    ['no approval that was taken back before', approvedStatus({ revoked }), 'AlreadyRevoked'],
    ['a denial', closedStatus('Denied'), undefined],
    ['a request for changes', closedStatus('ChangesRequested'), undefined],
    ['no denial that was taken back before', closedStatus('Denied', { cooldownRevoked: revoked }), 'AlreadyRevoked'],
  ])('%s', (_sentence, status, refusal) => {
    const asked = status === undefined ? {} : { status }
    expect(judge(judging({ verdict: 'Revoke', request: asked }))).toBe(refusal)
  })

  test('nothing twice, even before the first time is stored', () => {
    const twice = {
      verdict: 'Revoke',
      request: { status: approvedStatus() },
      judging: counted('Revoke', entra('bo')),
    } as const
    expect(judge(judging(twice))).toBe('AlreadyRevoked')
  })

  test('nothing by somebody outside the group', () => {
    const outside = { verdict: 'Revoke', voter: entra('eve'), request: { status: approvedStatus() } } as const
    expect(judge(judging(outside))).toBe('NotInGroup')
  })
})

describe('how surely the person must be known', () => {
  const signedIn = {
    evidence: { channel: 'tab', assurance: 'SignedIn', verifiedTime: time(at('10:24')), signature: 's' },
  } as const
  const demanding = { requirements: { assurance: 'SignedIn' } } as const

  test.each<Case>([
    ['a click does not do where a sign-in is asked for', { request: demanding }, 'SignInRequired'],
    ['a click does not do where the risk is Critical', { request: { risk: critical } }, 'SignInRequired'],
    ['a sign-in does', { request: demanding, ...signedIn }, undefined],
    ['a vote by kubectl does', { request: demanding, voter: kubernetes('cy') }, undefined],
    ['a click does for a denial', { request: demanding, verdict: 'Deny' }, undefined],
    ['a click does for a pause', { request: { risk: critical }, verdict: 'Pause' }, undefined],
    ['a click does for everything else', { request: { risk: { level: 'High' } } }, undefined],
  ])('%s', (_sentence, changes, refusal) => {
    expect(judge(judging(changes))).toBe(refusal)
  })

  test('a vote from a channel without evidence is no sign-in', () => {
    const { evidence: _evidence, ...spec } = vote('Approve').spec
    expect(judge(judging({ request: demanding, judging: { vote: { ...vote('Approve'), spec } } }))).toBe(
      'SignInRequired',
    )
  })
})

describe('which votes need words', () => {
  const rules = ['Optional', 'OnDeny', 'Always'] as const

  test.each<readonly [Verdict, needed: readonly boolean[]]>([
    ['Approve', [false, false, true]],
    ['Deny', [false, true, true]],
    ['RequestChanges', [true, true, true]],
    ['Comment', [true, true, true]],
    ['Pause', [false, true, true]],
  ])('%s, under Optional, OnDeny, Always: %j', (verdict, needed) => {
    const found = rules.map((comment) =>
      judge(judging({ verdict, comment: ' \n', request: { requirements: { comment } } })),
    )
    expect(found).toEqual(needed.map((yes) => (yes ? 'CommentRequired' : undefined)))
    const said = rules.map((comment) =>
      judge(judging({ verdict, comment: 'no', request: { requirements: { comment } } })),
    )
    expect(said).toEqual([undefined, undefined, undefined])
  })

  test('Revoke, never', () => {
    const asked = { status: approvedStatus(), requirements: { comment: 'Always' } } as const
    expect(judge(judging({ verdict: 'Revoke', comment: '', request: asked }))).toBeUndefined()
  })
})

describe('the same person twice', () => {
  test.each<Case>([
    ['by the same identity', { judging: counted('Approve', entra('alice')) }, 'SamePersonTwice'],
    [
      'by another identity of the same entry',
      { voter: slack('alice'), judging: counted('Approve', entra('alice')) },
      'SamePersonTwice',
    ],
    [
      'by another kind of identity, of which nobody says whose it is',
      { voter: kubernetes('eve', ['sre']), judging: counted('Approve', entra('alice')) },
      'SamePersonTwice',
    ],
    [
      'by another kind of identity, after one of which nobody says whose it is',
      { judging: counted('Approve', kubernetes('eve', ['sre'])) },
      'SamePersonTwice',
    ],
  ])('%s does not count', (_sentence, changes, refusal) => {
    expect(judge(judging(changes))).toBe(refusal)
  })

  test.each<Case>([
    ['two persons of one kind of identity', { judging: counted('Approve', entra('bo')) }, undefined],
    [
      'two of one kind of whom nobody says who they are',
      { voter: kubernetes('eve', ['sre']), judging: counted('Approve', kubernetes('dan', ['sre'])) },
      undefined,
    ],
    ['two of two kinds who are both listed', { judging: counted('Approve', kubernetes('cy')) }, undefined],
    ['an approval after a comment of the same person', { judging: counted('Comment', entra('alice')) }, undefined],
    [
      'a denial after an approval of the same person',
      { verdict: 'Deny', judging: counted('Approve', entra('alice')) },
      undefined,
    ],
  ])('%s count', (_sentence, changes, refusal) => {
    expect(judge(judging(changes))).toBe(refusal)
  })
})

describe('the order of the checks decides which reason is told', () => {
  const order: readonly VoteRefusal[] = [
    'Forged',
    'UnknownVoter',
    'RequesterMayNotVote',
    'AgentMayNotVote',
    'OwnerMayNotVote',
    'OnBehalfOfMayNotVote',
    'NotInGroup',
    'OtherRequest',
    'OtherContent',
    'AlreadyDecided',
    'Expired',
    'SignInRequired',
    'CommentRequired',
    'SamePersonTwice',
  ]

  /** A vote to which check number `from` and all after it object. */
  function offending(from: number): Judging {
    const offends = (refusal: VoteRefusal): boolean => order.indexOf(refusal) >= from
    const voter: Voter = offends('UnknownVoter')
      ? { kind: 'EntraUser' }
      : offends('RequesterMayNotVote')
        ? self
        : account
    const person: Voter = offends('AgentMayNotVote') ? voter : entra(offends('NotInGroup') ? 'bo' : 'alice')
    const separate = offends('OnBehalfOfMayNotVote') ? 'bo' : 'lea'
    return judging({
      voter: person,
      cast: at('10:40'),
      comment: '',
      ...(offends('OtherContent') ? { digest: digestLike('ffff') } : {}),
      ...(offends('OtherRequest') ? { requestRef: { name: 'x', uid: 'x' } } : {}),
      request: {
        requester: { owner: offends('OwnerMayNotVote') ? 'bo' : 'lea', onBehalfOf: separate },
        requirements: {
          stages: [stageOf(offends('NotInGroup') ? 'leads' : 'approvers')],
          comment: 'Always',
          assurance: offends('SignInRequired') ? 'SignedIn' : 'Card',
        },
        ...(offends('AlreadyDecided') ? { status: closedStatus('Denied') } : {}),
        ...(offends('Expired') ? {} : { expirationTime: time(at('11:00')) }),
      },
      judging: { proven: !offends('Forged'), ...counted('Approve', entra('alice')) },
    })
  }

  test.each(order.slice(0, 12).map((refusal, from) => [refusal, from] as const))(
    '%s is told before those after it',
    (refusal, from) => {
      expect(judge(offending(from))).toBe(refusal)
    },
  )

  test('a missing reason is told before a second vote of the same person', () => {
    const both = {
      comment: '',
      request: { requirements: { comment: 'Always' } },
      judging: counted('Approve', entra('alice')),
    } as const
    expect(judge(judging(both))).toBe('CommentRequired')
  })

  test('there is one list of checks, for every channel', () => {
    expect(voteChecks).toHaveLength(order.length)
  })
})

describe('who is asked', () => {
  const stages = [stageOf('approvers'), stageOf('owners')]
  const escalation = [
    { afterSeconds: 60, approverGroupRefs: [{ name: 'leads' }] },
    { afterSeconds: 300, approverGroupRefs: [{ name: 'approvers' }, { name: 'chiefs' }] },
    { afterSeconds: 600 },
  ]
  const asked = request({ requirements: { stages, escalation } })

  test.each([
    ['the groups of the stages at first', '10:20', ['approvers', 'owners']],
    ['those alone until the step is due', '10:20:59', ['approvers', 'owners']],
    ['those of the step from its second on', '10:21', ['approvers', 'owners', 'leads']],
    ['each group once', '10:31', ['approvers', 'owners', 'leads', 'chiefs']],
  ])('%s', (_sentence, clock, names) => {
    expect(groupsAsked(asked, at(clock))).toEqual(names)
  })

  test('a member of an escalated group counts from then on', () => {
    const escalated: RequestChanges = { requirements: { escalation } }
    const early = judging({ voter: entra('lea'), request: escalated, judging: { now: at('10:20:30') } })
    expect(judge(early)).toBe('NotInGroup')
    expect(judge({ ...early, now: at('10:24:01') })).toBeUndefined()
  })

  test('a request without a stamp has just been opened', () => {
    const { creationTimestamp: _time, ...metadata } = asked.metadata
    expect(escalatedGroups({ ...asked, metadata }, at('12:00'))).toEqual([])
  })
})
