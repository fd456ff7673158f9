import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { jsonPatch, mergePatch, messageOf } from '../crds/api-client.ts'
import type { Answer } from '../crds/api-client.ts'
import { startWithCrds } from '../crds/control-plane-with-crds.ts'
import type { Stage } from '../crds/control-plane-with-crds.ts'
import { hash } from '../crds/sample-request.ts'

jest.setTimeout(20 * 60_000)

let stage: Stage
beforeAll(async () => {
  stage = await startWithCrds(process.env)
})
afterAll(() => stage.stop())

const group = '/apis/countersign.dev/v1alpha1'
const records = `${group}/namespaces/countersign-system`

/** Where a kind lives, and an object of it that is fine. */
type Sort = { readonly path: string; readonly kind: string; readonly spec: Readonly<Record<string, unknown>> }

const voter = { kind: 'EntraUser', tenantID: 't', objectID: 'o', displayName: 'Alice Kim' }
const evidence = { channel: 'teams', assurance: 'Card', verifiedTime: '2026-11-21T10:24:10Z', signature: 's' }
const kubernetesVoter = { kind: 'KubernetesUser', username: 'alice', groups: ['sre'] }

const sorts = {
  vote: {
    path: `${records}/approvalvotes`,
    kind: 'ApprovalVote',
    spec: { requestRef: { name: 'apr-1', uid: 'u' }, digest: hash('a'), verdict: 'Approve', voter, evidence },
  },
  identity: {
    path: `${records}/agentidentities`,
    kind: 'AgentIdentity',
    spec: { subject: { serviceAccount: { namespace: 'agents', name: 'bot' } } },
  },
  channel: {
    path: `${group}/approvalchannels`,
    kind: 'ApprovalChannel',
    spec: { type: 'Webhook', webhook: { url: 'https://events.example.com' } },
  },
  policy: {
    path: `${group}/approvalpolicies`,
    kind: 'ApprovalPolicy',
    spec: {
      effect: 'RequireApproval',
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['*'], resources: ['deployments'], operations: ['DELETE'] },
        ],
      },
    },
  },
  group: { path: `${group}/approvergroups`, kind: 'ApproverGroup', spec: { people: [{ name: 'alice' }] } },
} as const satisfies Readonly<Record<string, Sort>>

type SortName = keyof typeof sorts

function create(sort: Sort, spec: unknown, name: string): Promise<Answer> {
  const body = { apiVersion: 'countersign.dev/v1alpha1', kind: sort.kind, metadata: { name }, spec }
  return stage.api.send({ method: 'POST', path: `${sort.path}?fieldValidation=Strict`, body })
}

let count = 0
function freshName(sort: SortName): string {
  count += 1
  return sort === 'identity' ? `agents.bot${count}` : `one-${count}`
}

function specFor(sort: SortName, name: string): object {
  if (sort !== 'identity') return sorts[sort].spec
  return { subject: { serviceAccount: { namespace: 'agents', name: name.slice('agents.'.length) } } }
}

describe('nobody can change', () => {
  const neverVote = 'a vote never changes; to say something else, vote again'
  const neverSubject = 'the subject of an agent identity never changes'

  test.each<[string, SortName, string, unknown, string]>([
    ['the verdict of a vote', 'vote', mergePatch, { spec: { verdict: 'Deny' } }, neverVote],
    ['the voter of a vote', 'vote', mergePatch, { spec: { voter: { objectID: 'other' } } }, neverVote],
    ['the digest of a vote', 'vote', mergePatch, { spec: { digest: null } }, neverVote],
    ['the evidence of a vote', 'vote', mergePatch, { spec: { evidence: { assurance: 'SignedIn' } } }, neverVote],
    ['a vote without words by adding some', 'vote', mergePatch, { spec: { comment: 'late words' } }, neverVote],
    ['a vote to nothing', 'vote', mergePatch, { spec: null }, 'spec: Required value'],
    ['a vote to nothing by JSON Patch', 'vote', jsonPatch, [{ op: 'remove', path: '/spec' }], 'spec: Required value'],
    [
      'the request of a vote',
      'vote',
      jsonPatch,
      [{ op: 'replace', path: '/spec/requestRef/uid', value: 'other' }],
      neverVote,
    ],
    [
      'an agent to another',
      'identity',
      mergePatch,
      { spec: { subject: { serviceAccount: { name: 'x' } } } },
      neverSubject,
    ],
    [
      'an agent to a namespace',
      'identity',
      mergePatch,
      { spec: { subject: { serviceAccount: null, namespace: 'agents' } } },
      neverSubject,
    ],
    ['an agent to nobody', 'identity', mergePatch, { spec: { subject: null } }, 'spec.subject: Required value'],
    ['an identity to nothing', 'identity', mergePatch, { spec: null }, 'spec: Required value'],
    [
      'a channel to another type',
      'channel',
      mergePatch,
      {
        spec: {
          type: 'Slack',
          webhook: null,
          slack: { teamID: 't', channelID: 'c', credentialsSecretRef: { name: 's' } },
        },
      },
      'the type of a channel never changes; create another channel',
    ],
    ['a channel to nothing', 'channel', mergePatch, { spec: null }, 'spec: Required value'],
    ['a policy to nothing', 'policy', mergePatch, { spec: null }, 'spec: Required value'],
    ['a group to nothing', 'group', mergePatch, { spec: null }, 'spec: Required value'],
  ])('%s', async (_what, ...[sortName, type, body, words]) => {
    const sort = sorts[sortName]
    const name = freshName(sortName)
    const before = await create(sort, specFor(sortName, name), name)
    expect(before.code).toBe(201)
    const answer = await stage.api.send({ method: 'PATCH', path: `${sort.path}/${name}`, type, body })
    expect(messageOf(answer.body)).toContain(words)
    expect(answer.code).toBe(422)
    expect(await stage.api.must({ method: 'GET', path: `${sort.path}/${name}` })).toEqual(before.body)
  })
})

describe('a person can change', () => {
  test.each<[string, SortName, unknown]>([
    ['the label of a vote', 'vote', { metadata: { labels: { 'countersign.dev/request': 'apr-1' } } }],
    ['whether an agent is paused', 'identity', { spec: { paused: { by: 'Bo Lind', reason: 'deleting too much' } } }],
    [
      'which risks of an agent are accepted',
      'identity',
      { spec: { acceptedRisks: [{ name: 'nodes/proxy', by: 'Bo' }] } },
    ],
    ['the words of an agent', 'identity', { metadata: { annotations: { 'countersign.dev/reason': 'because' } } }],
    ['the URL of a channel', 'channel', { spec: { webhook: { url: 'https://other.example.com' } } }],
    ['the effect of a policy', 'policy', { spec: { effect: 'Deny' } }],
    ['the people of a group', 'group', { spec: { people: [{ name: 'bo' }] } }],
  ])('%s', async (_what, sortName, body) => {
    const sort = sorts[sortName]
    const name = freshName(sortName)
    expect((await create(sort, specFor(sortName, name), name)).code).toBe(201)
    const path = `${sort.path}/${name}`
    expect(await stage.api.must({ method: 'PATCH', path, type: mergePatch, body })).toMatchObject({ ...Object(body) })
  })
})

describe('nobody can create', () => {
  const teams = { tenantID: 't', appID: 'a', credentialsSecretRef: { name: 's' } }
  const oneOfChannel = 'exactly one of teams, slack and webhook is given, the one that type names'
  const oneOfSubject = 'exactly one of serviceAccount, namespace, user and group is given'

  test.each<[string, SortName, string, unknown, string]>([
    [
      'a request for changes without words',
      'vote',
      'v',
      { verdict: 'RequestChanges' },
      'RequestChanges and Comment need',
    ],
    ['a comment without words', 'vote', 'v', { verdict: 'Comment', comment: '' }, 'RequestChanges and Comment need'],
    ['a vote with another verdict', 'vote', 'v', { verdict: 'Allow' }, 'Unsupported value: "Allow"'],
    ['a vote with too many words', 'vote', 'v', { comment: 'x'.repeat(1025) }, 'spec.comment: Too long'],
    ['a vote for no request', 'vote', 'v', { requestRef: undefined }, 'spec.requestRef: Required value'],
    ['a vote by nobody', 'vote', 'v', { voter: undefined }, 'spec.voter: Required value'],
    [
      'a vote of an Entra user without tenant',
      'vote',
      'v',
      { voter: { kind: 'EntraUser', objectID: 'o' } },
      'an EntraUser, and no other voter, has tenantID and objectID',
    ],
    [
      'a vote of a Slack user with an Entra identity',
      'vote',
      'v',
      { voter: { ...voter, kind: 'SlackUser', teamID: 't', userID: 'u' } },
      'an EntraUser, and no other voter, has tenantID and objectID',
    ],
    [
      'a vote of a Slack user without user',
      'vote',
      'v',
      { voter: { kind: 'SlackUser', teamID: 't' } },
      'a SlackUser, and no other voter, has teamID and userID',
    ],
    [
      'a vote of a Kubernetes user with a Slack identity',
      'vote',
      'v',
      { voter: { ...kubernetesVoter, teamID: 't', userID: 'u' } },
      'a SlackUser, and no other voter, has teamID and userID',
    ],
    [
      'a vote of a Kubernetes user without name',
      'vote',
      'v',
      { voter: { kind: 'KubernetesUser' } },
      'a KubernetesUser, and no other voter, has username',
    ],
    [
      'a vote of an Entra user who says to be a Kubernetes user too',
      'vote',
      'v',
      { voter: { ...voter, username: 'admin' } },
      'a KubernetesUser, and no other voter, has username',
    ],
    [
      'a vote of an Entra user with Kubernetes groups',
      'vote',
      'v',
      { voter: { ...voter, groups: ['sre'] } },
      'a KubernetesUser, and no other voter, has username',
    ],
    [
      'a vote of a Kubernetes user who takes a display name',
      'vote',
      'v',
      { voter: { ...kubernetesVoter, displayName: 'Alice Kim' } },
      'a KubernetesUser has no displayName, since nobody vouches for it',
    ],
    [
      'a vote from a channel without evidence',
      'vote',
      'v',
      { evidence: undefined },
      'a vote from a channel has evidence',
    ],
    ['an identity of nobody', 'identity', 'agents.bot', { subject: {} }, oneOfSubject],
    ['an identity of two', 'identity', 'user.x', { subject: { user: 'x', group: 'y' } }, oneOfSubject],
    [
      'an identity under the name of another service account',
      'identity',
      'agents.other',
      {},
      'the identity of a service account is named NAMESPACE.NAME',
    ],
    [
      'an identity of a namespace under the name of another',
      'identity',
      'namespace.other',
      { subject: { namespace: 'agents' } },
      'the identity of a namespace is named namespace.NAMESPACE',
    ],
    [
      'an identity of a user under the name of a group',
      'identity',
      'group.x',
      { subject: { user: 'x' } },
      'the identity of a user is named user.HASH, that of a group group.HASH',
    ],
    [
      'an identity of a group under the name of a user',
      'identity',
      'user.x',
      { subject: { group: 'x' } },
      'the identity of a user is named user.HASH, that of a group group.HASH',
    ],
    ['a channel of another type than its part', 'channel', 'c', { type: 'Teams' }, oneOfChannel],
    ['a channel with two parts', 'channel', 'c', { teams }, oneOfChannel],
    ['a channel without its part', 'channel', 'c', { webhook: undefined }, oneOfChannel],
    [
      'a channel without encryption',
      'channel',
      'c',
      { webhook: { url: 'http://x' } },
      'spec.webhook.url: Invalid value',
    ],
    ['a policy with another effect', 'policy', 'p', { effect: 'Allow' }, 'spec.effect: Unsupported value: "Allow"'],
    ['a policy without effect', 'policy', 'p', { effect: undefined }, 'spec.effect: Required value'],
    ['a policy that matches nothing', 'policy', 'p', { matchConstraints: {} }, 'resourceRules: Required value'],
    [
      'a policy with an operation in small letters',
      'policy',
      'p',
      {
        matchConstraints: {
          resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['Delete'] }],
        },
      },
      'operations[0]: Unsupported value: "Delete"',
    ],
    [
      'a policy with two conditions of one name',
      'policy',
      'p',
      {
        matchConditions: [
          { name: 'a', expression: 'true' },
          { name: 'a', expression: 'false' },
        ],
      },
      'spec.matchConditions[1]: Duplicate value',
    ],
    [
      'a policy that waits for ever',
      'policy',
      'p',
      { approval: { expirationSeconds: 604_801 } },
      'Invalid value: 604801',
    ],
    [
      'a group with two people of one name',
      'group',
      'g',
      { people: [{ name: 'a' }, { name: 'a' }] },
      'Duplicate value',
    ],
    [
      'a person with a name in capitals',
      'group',
      'g',
      { people: [{ name: 'Alice Kim' }] },
      'spec.people[0].name: Invalid',
    ],
  ])('%s', async (_what, ...[sortName, name, edit, words]) => {
    const sort = sorts[sortName]
    const answer = await create(sort, { ...sort.spec, ...Object(edit) }, name)
    expect(messageOf(answer.body)).toContain(words)
    expect(answer.code).toBe(422)
    expect((await stage.api.send({ method: 'GET', path: `${sort.path}/${name}` })).code).toBe(404)
  })
})

describe('a person, an agent or Countersign can create', () => {
  const long = 'a'.repeat(250)
  test.each<[string, SortName, string, unknown]>([
    ['a vote by kubectl', 'vote', 'k', { voter: kubernetesVoter, evidence: undefined }],
    ['a vote from Slack', 'vote', 's', { voter: { kind: 'SlackUser', teamID: 't', userID: 'u', displayName: 'Al' } }],
    ['a request for changes with words', 'vote', 'r', { verdict: 'RequestChanges', comment: 'keep 2 replicas' }],
    ['an identity of a service account', 'identity', 'agents.bot', {}],
    [
      'an identity of a service account whose name has dots',
      'identity',
      'agents.bot.eu',
      { subject: { serviceAccount: { namespace: 'agents', name: 'bot.eu' } } },
    ],
    [
      'an identity of a service account whose name is too long for NAMESPACE.NAME',
      'identity',
      'agents.hash',
      { subject: { serviceAccount: { namespace: 'agents', name: long } } },
    ],
    ['an identity of a namespace', 'identity', 'namespace.ci', { subject: { namespace: 'ci' } }],
    ['an identity of a user', 'identity', 'user.x', { subject: { user: 'x' } }],
    ['an identity of a group', 'identity', 'group.x', { subject: { group: 'x' } }],
  ])('%s', async (_what, ...[sortName, name, edit]) => {
    const sort = sorts[sortName]
    const answer = await create(sort, { ...sort.spec, ...Object(edit) }, name)
    expect([answer.code, messageOf(answer.body)]).toEqual([201, ''])
  })

  test('a policy of which the API server fills in all that was left out', async () => {
    const { body } = await create(sorts.policy, sorts.policy.spec, 'filled')
    expect(body).toMatchObject({
      spec: {
        effect: 'RequireApproval',
        risk: 'Medium',
        grantSeconds: 1200,
        approval: {
          expirationSeconds: 900,
          comment: 'OnDeny',
          assurance: 'Card',
          separation: ['Owner', 'OnBehalfOf'],
          justification: 'Optional',
          interactive: 'Refuse',
        },
        matchConstraints: { resourceRules: [{ scope: '*' }] },
      },
    })
    expect(body).not.toHaveProperty('spec.approval.stages')
  })

  test('a policy that keeps nobody away, and with a stage of which one must approve', async () => {
    const approval = { separation: [], stages: [{ name: 'one', approverGroupRefs: [{ name: 'sre' }] }] }
    const { body } = await create(sorts.policy, { ...sorts.policy.spec, approval }, 'lenient')
    expect(body).toHaveProperty('spec.approval.separation', [])
    expect(body).toHaveProperty('spec.approval.stages[0].quorum', 1)
  })

  test('a channel that rings those who may decide', async () => {
    const { body } = await create(sorts.channel, sorts.channel.spec, 'ringing')
    expect(body).toHaveProperty('spec.notify', 'Stage')
  })
})
