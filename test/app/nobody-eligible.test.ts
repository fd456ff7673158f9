import { describe, expect, test } from '@jest/globals'
import type { KnownAgent } from '../../src/app/admit-ports.ts'
import type { ApproverGroup, PolicyApproval } from '../../src/domain/kinds.ts'
import { deployment, imageA, imageB } from '../make.ts'
import { group, member, policy, stageOf } from '../make-request.ts'
import { makeRig } from './gate-rig.ts'

type Case = {
  readonly people?: ApproverGroup['spec']['people']
  readonly more?: readonly ApproverGroup[]
  readonly agent?: Partial<KnownAgent>
  readonly approval?: Partial<PolicyApproval>
}

/** What a dry run says that the real command meets: it asks nobody. */
async function refused({ people = [], more = [], agent = {}, approval = {} }: Case): Promise<string | undefined> {
  const groups = [group('approvers', { people }), ...more]
  const rig = makeRig({ policies: [policy('image-changes', { approval })], groups, agent })
  const call = { object: deployment({ image: imageB }), oldObject: deployment({ image: imageA }) }
  const seen = await rig.send({ ...call, dryRun: true })
  if (seen.kind !== 'Allow' || seen.warnings[0]?.includes('would be refused: NoEligibleApprover') !== true)
    return undefined
  const answer = await rig.send(call)
  return answer.kind === 'Refuse' ? answer.refusal.message : answer.kind
}

const bo = member('bo', ['kubernetes'])
const alice = member('alice')
const stages = (quorum: number, ...groups: readonly string[]) => ({
  stages: [{ name: 's', approverGroupRefs: groups.map((name) => ({ name })), quorum }],
})
const escalated = (afterSeconds: number) => ({
  escalation: [{ afterSeconds, approverGroupRefs: [{ name: 'leads' }] }],
})

describe('nobody may approve', () => {
  test.each<readonly [string, Case, string]>([
    ['an empty group', {}, '(0 people)'],
    ['the owner alone', { people: [bo], agent: { owner: 'bo' } }, '(1 person: 1 owns agents/bot)'],
    [
      'the owner by another name that is tied to his',
      { people: [{ ...bo, name: 'robert' }], more: [group('x', { people: [bo] })], agent: { owner: 'bo' } },
      '(1 person: 1 owns agents/bot)',
    ],
    [
      'members of the group that owns it',
      { people: [bo, alice], more: [group('team', { people: [bo, alice] })], agent: { owner: 'team' } },
      '(2 people: 2 own agents/bot)',
    ],
    [
      'the one it works for',
      { people: [bo], agent: { onBehalfOf: 'bo' } },
      '(1 person: 1 has agents/bot work for him or her)',
    ],
    [
      'people without an identity',
      { people: [bo, { name: 'cy' }, { name: 'dana' }], agent: { owner: 'bo' } },
      '(3 people: 1 owns agents/bot, 2 have no identity)',
    ],
    [
      'an identity of which a part is missing',
      { people: [{ name: 'cy', slackUser: { teamID: 'T', userID: '' } }] },
      '(1 person: 1 has no identity)',
    ],
    [
      'the agent itself, and other service accounts',
      {
        people: [
          { name: 'bot', kubernetesUser: 'system:serviceaccount:agents:bot' },
          { name: 'ci', kubernetesUser: 'system:serviceaccount:ci:runner' },
        ],
      },
      '(2 people: 2 are agents)',
    ],
    [
      'whoever cannot be told from an owner whom nobody knows',
      { people: [bo], agent: { owner: 'nobody-knows' } },
      '(1 person: 1 cannot be told from its owner)',
    ],
    [
      'one person under two names, where two are needed',
      { people: [bo, { ...bo, name: 'robert' }], approval: stages(2, 'approvers') },
      'needs 2 approvals from approvers, but nobody in it may give it (1 person: 1 may)',
    ],
    [
      'one person in two groups, where two are needed',
      { people: [bo], more: [group('leads', { people: [bo] })], approval: stages(2, 'approvers', 'leads') },
      'kubectl describe apg approvers leads [',
    ],
    [
      'a group that is asked only after the request has expired',
      { more: [group('leads', { people: [alice] })], approval: escalated(900) },
      '(0 people)',
    ],
    [
      'a later stage, although the first has somebody',
      {
        people: [alice],
        more: [group('none', {})],
        approval: { stages: [stageOf('approvers'), stageOf('none')] },
      },
      'from none, but nobody in it may give it (0 people)',
    ],
  ])('%s', async (_who, given, words) => {
    expect(await refused(given)).toContain(words)
  })
})

describe('somebody may', () => {
  test.each<readonly [string, Case]>([
    ['one beside the owner', { people: [bo, alice], agent: { owner: 'bo' } }],
    ['the owner, where nobody is set apart', { people: [bo], agent: { owner: 'bo' }, approval: { separation: [] } }],
    [
      'an entry without identities, whose name has one in another group',
      {
        people: [{ name: 'alice' }],
        more: [group('x', { people: [alice] })],
      },
    ],
    ['a directory elsewhere', { more: [group('sre', { kubernetesGroups: ['sre'] })], approval: stages(9, 'sre') }],
    ['a group that is asked later', { more: [group('leads', { people: [alice] })], approval: escalated(300) }],
    ['a group that does not exist yet', { approval: stages(1, 'coming') }],
  ])('%s', async (_who, given) => {
    expect(await refused(given)).toBeUndefined()
  })
})
