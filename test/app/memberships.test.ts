import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { judgeable, knownMemberships } from '../../src/app/memberships-known.ts'
import { membershipsNeeded } from '../../src/app/memberships-needed.ts'
import type { MembershipAnswer } from '../../src/app/memberships.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import type { ApprovalVote, ApproverGroup, NotedVote, Verdict, Voter } from '../../src/domain/kinds.ts'
import { approvedStatus, entra, group, kubernetes, member, request, slack, stageOf, vote } from '../make-request.ts'
import type { RequestChanges } from '../make-request.ts'

const tenantID = entra('x').tenantID ?? ''
const inTenant = (...ids: readonly string[]) => ({ entraGroups: ids.map((groupID) => ({ tenantID, groupID })) })
const foreign = { tenantID: 'another-tenant', groupID: 'F' }

const groups: readonly ApproverGroup[] = [
  group('approvers', { people: [member('alice')], ...inTenant('AAA', 'BBB') }),
  group('second', inTenant('BBB', 'CCC')),
  group('later', inTenant('DDD')),
  group('owners', inTenant('OOO')),
  group('elsewhere', { entraGroups: [foreign] }),
  group('plain', { people: [member('bo')], kubernetesGroups: ['sre'] }),
  group('unrelated', {
    people: [member('gus'), { name: 'gus', entraUser: { tenantID: 'another-tenant', objectID: 'gusto' } }],
    ...inTenant('ZZZ'),
  }),
]

function needed(votes: readonly ApprovalVote[], changes: RequestChanges = {}): readonly string[] {
  const listed = approversOf(groups, () => new Set())
  const asked = membershipsNeeded({ request: request(changes), votes }, { groups, listed })
  return asked.map(
    ({ objectID, groupIDs, fresh, tenantID: tenant }) =>
      `${objectID}${tenant === tenantID ? '' : ` of ${tenant}`}: ${groupIDs.join(' ')}${fresh ? ', fresh' : ''}`,
  )
}

const by = (voter: Voter, verdict: Verdict = 'Approve', name = 'apv-1'): ApprovalVote => vote(verdict, { voter, name })
const asks = (...names: readonly string[]): RequestChanges => ({
  requirements: { stages: names.map((name) => stageOf(name)) },
})
const noted = (changes: Partial<NotedVote>): NotedVote => ({
  name: 'apv-1',
  uid: 'uid-of-apv-1',
  person: 'x',
  verdict: 'Approve',
  time: '',
  counted: true,
  ...changes,
})

describe('what is asked of Entra', () => {
  test.each<
    readonly [sentence: string, asked: readonly string[], votes: readonly ApprovalVote[], changes: RequestChanges]
  >([
    ['of a voter, about the groups of his tenant that decide', ['dana-oid: aaa bbb'], [by(entra('dana'))], {}],
    [
      'once about each group, whatever stages it is in',
      ['dana-oid: aaa bbb ccc'],
      [by(entra('dana'))],
      asks('approvers', 'second'),
    ],
    [
      'once of a voter, whatever votes he has cast',
      ['dana-oid: aaa bbb'],
      [by(entra('dana'), 'Comment'), by(entra('dana'))],
      {},
    ],
    ['nothing of whoever is listed in the group', [], [by(entra('alice'))], {}],
    [
      'of one who is listed in one group, about the other alone',
      ['alice-oid: bbb ccc'],
      [by(entra('alice'))],
      asks('approvers', 'second'),
    ],
    ['nothing of people by kubectl or from other chats', [], [by(kubernetes('dana')), by(slack('dana'))], {}],
    ['nothing where no Entra group decides', [], [by(entra('dana'))], asks('plain')],
    ['nothing about groups of another tenant', [], [by(entra('dana'))], asks('elsewhere')],
    [
      'of a foreigner, about the groups of his own tenant',
      ['eve of another-tenant: f'],
      [by({ kind: 'EntraUser', tenantID: 'Another-Tenant', objectID: 'EVE' })],
      asks('elsewhere', 'approvers'),
    ],
    ['nothing about a group that does not exist', [], [by(entra('dana'))], asks('gone')],
    ['nothing of a vote without an identity', [], [by({ kind: 'EntraUser', tenantID })], {}],
    [
      'also about groups that an escalation may add at any moment',
      ['dana-oid: ddd'],
      [by(entra('dana'))],
      {
        requirements: {
          stages: [stageOf('plain')],
          escalation: [{ afterSeconds: 3600, approverGroupRefs: [{ name: 'later' }] }],
        },
      },
    ],
    [
      'also about a group that the agent names as its owner, or acts for',
      ['dana-oid: ddd ooo'],
      [by(entra('dana'))],
      { ...asks('plain'), requester: { owner: 'owners', onBehalfOf: 'later' } },
    ],
    [
      'of a vote that has counted before: he may have left since',
      ['dana-oid: aaa bbb'],
      [by(entra('dana'))],
      { status: { votes: [noted({})] } },
    ],
    [
      'nothing of a vote that was refused before',
      [],
      [by(entra('dana'))],
      { status: { votes: [noted({ counted: false, refusal: 'NotInGroup' })] } },
    ],
    [
      'anew for what is critical',
      ['dana-oid: aaa bbb, fresh'],
      [by(entra('dana'))],
      { risk: { level: 'Critical', reasons: [] } },
    ],
    [
      'anew where a person must have signed in',
      ['dana-oid: aaa bbb, fresh'],
      [by(entra('dana'))],
      { requirements: { assurance: 'SignedIn', stages: [stageOf('approvers')] } },
    ],
    [
      'of the further accounts of a voter, about the groups that he is kept apart from and no other',
      ['gus-oid: aaa bbb ooo', 'gusto of another-tenant: f'],
      [by(entra('gus'))],
      { requester: { owner: 'owners', onBehalfOf: 'elsewhere' } },
    ],
    [
      'of the account at home of one who votes by that abroad',
      ['gus-oid: ooo'],
      [by({ kind: 'EntraUser', tenantID: 'Another-Tenant', objectID: 'GUSTO' })],
      { requester: { owner: 'owners' } },
    ],
  ])('%s', (_sentence, asked, votes, changes) => {
    expect(needed(votes, changes)).toEqual(asked)
  })
})

const said = (...ids: readonly string[]): MembershipAnswer => ({ groupIDs: new Set(ids), counts: true })

function approversWith(answer: MembershipAnswer): ReturnType<typeof approversOf> {
  const question = { tenantID, objectID: 'dana-oid', groupIDs: ['aaa', 'ooo'], fresh: false }
  const known = knownMemberships([{ question, answer }])
  return approversOf(groups, known.entra, known.present)
}

describe('what the answer means', () => {
  const guest: MembershipAnswer = { groupIDs: new Set(['aaa', 'ooo']), counts: false }
  const rows: readonly [sentence: string, answer: MembershipAnswer, isIn: boolean, isOwner: boolean | undefined][] = [
    ['whoever is in the group is an approver', said('aaa'), true, false],
    ['whoever is in none is none', said(), false, false],
    ['whoever is in the group of the owner is kept apart', said('aaa', 'ooo'), true, true],
    ['a guest is no approver, and kept apart nevertheless', guest, false, true],
    [
      'of a tenant in which we have no app, nobody is an approver, and who is the owner cannot be told',
      'NoTenant',
      false,
      undefined,
    ],
    ['while nobody can say, nothing is said', { unknown: 'away' }, false, undefined],
  ]
  test.each(rows)('%s', (_sentence, answer, isIn, isOwner) => {
    const approvers = approversWith(answer)
    expect([approvers.isIn(entra('dana'), 'approvers'), approvers.isNamed(entra('dana'), 'owners')]).toEqual([
      isIn,
      isOwner,
    ])
  })

  test.each<readonly [sentence: string, answer: MembershipAnswer, groups: readonly string[], why: string | undefined]>([
    ['a guest is told so', guest, ['approvers'], 'GuestMayNotVote'],
    ['so is a guest of one group among others', guest, ['plain', 'approvers'], 'GuestMayNotVote'],
    ['a guest of another group is not', guest, ['later', 'plain'], undefined],
    ['that nobody can be asked is told', 'NoTenant', ['plain', 'approvers'], 'TenantUnknown'],
    ['but not where no group is of the tenant', 'NoTenant', ['plain', 'elsewhere', 'gone'], undefined],
    ['of a member of none there is nothing more to say', said(), ['approvers'], undefined],
  ])('%s', (_sentence, answer, names, why) => {
    expect(approversWith(answer).notCounted(entra('dana'), names)).toBe(why)
    expect(approversWith(answer).notCounted(entra('eve'), names)).toBeUndefined()
    expect(approversWith(answer).notCounted(kubernetes('dana'), names)).toBeUndefined()
  })

  test('it is about that person alone', () => {
    const approvers = approversWith(said('aaa', 'ooo'))
    expect(approvers.isIn(entra('eve'), 'approvers')).toBe(false)
    expect(approvers.isIn({ ...entra('dana'), tenantID: 'another-tenant' }, 'approvers')).toBe(false)
    expect(approvers.isIn({ ...entra('dana'), objectID: 'DANA-OID' }, 'approvers')).toBe(true)
  })

  test('nobody is in a group of another tenant by the same id', () => {
    const same = [group('other', { entraGroups: [{ tenantID: 'another-tenant', groupID: 'aaa' }] })]
    const question = { tenantID, objectID: 'dana-oid', groupIDs: ['aaa'], fresh: false }
    const { entra: ids } = knownMemberships([{ question, answer: said('aaa') }])
    expect(approversOf(same, ids).isIn(entra('dana'), 'other')).toBe(false)
  })

  test.each([
    ['soon when the service says nothing', [undefined], 3_000],
    ['not before the service wants it', [7_000, undefined], 7_000],
    ['and within a minute, whatever it says', [600_000], 60_000],
  ])('it is asked again %s', (_sentence, waits, againMs) => {
    const question = { tenantID, objectID: 'dana-oid', groupIDs: [], fresh: false }
    const asked = waits.map((wait) => ({ question, answer: { unknown: 'away', againMs: wait } }))
    expect(knownMemberships(asked).againMs).toBe(againMs)
  })
})

describe('which votes are judged while it is open in which groups Dana is', () => {
  const isDana = ({ spec }: ApprovalVote): boolean => spec.voter.displayName === 'dana'
  const judged = (votes: readonly ApprovalVote[], changes: RequestChanges = {}): readonly string[] =>
    judgeable({ request: request(changes), votes }, isDana).map(({ metadata }) => metadata.name)
  const others = [
    by(kubernetes('al'), 'Approve', 'yes'),
    by(entra('bo'), 'Deny', 'no'),
    by(entra('cy'), 'Comment', 'words'),
  ]

  test.each<readonly [sentence: string, verdict: Verdict, judged: readonly string[]]>([
    ['her approval waits alone', 'Approve', ['yes', 'no', 'words']],
    ['her words wait alone', 'Comment', ['yes', 'no', 'words']],
    ['with her denial, approvals wait', 'Deny', ['no', 'words']],
    ['with what she wants changed, approvals wait', 'RequestChanges', ['no', 'words']],
    ['with her pause, approvals wait', 'Pause', ['no', 'words']],
  ])('%s', (_sentence, verdict, names) => {
    expect(judged([by(entra('dana'), verdict, 'hers'), ...others])).toEqual(names)
  })

  test('an approval that has counted before her denial is judged again with the others', () => {
    const counted = { status: { votes: [noted({ name: 'yes', uid: 'uid-of-yes' })] } }
    expect(judged([...others, by(entra('dana'), 'Deny', 'hers')], counted)).toEqual(['yes', 'no', 'words'])
  })

  test('after the decision nothing else waits', () => {
    const decided = { status: approvedStatus() }
    expect(judged([by(entra('dana'), 'Deny', 'hers'), ...others], decided)).toEqual(['yes', 'no', 'words'])
  })

  test('no open vote is ever judged, no known "no" ever waits, and without open votes all are judged', () => {
    const verdict = fc.constantFrom<Verdict>('Approve', 'Deny', 'RequestChanges', 'Comment', 'Pause', 'Revoke')
    const cast = fc.tuple(fc.constantFrom('dana', 'bo', 'cy'), verdict)
    fc.assert(
      fc.property(fc.array(cast, { maxLength: 8 }), (casts) => {
        const votes = casts.map(([name, word], index) => by(entra(name), word, `apv-${index}`))
        const now = judgeable({ request: request(), votes }, isDana)
        expect(now.filter(isDana)).toEqual([])
        const waiting = votes.filter((one) => !isDana(one) && !now.includes(one))
        expect(waiting.every(({ spec }) => spec.verdict === 'Approve')).toBe(true)
        if (!votes.some(isDana)) expect(now).toEqual(votes)
      }),
    )
  })
})
