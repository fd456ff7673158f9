import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { readDefinitions, rootOf } from '../../crds/schema.ts'
import { jsonPatch, mergePatch } from '../crds/api-client.ts'
import { claim, condition, decided, hash, histories, revocation, sampleRequest, vote } from '../crds/sample-request.ts'
import type { State, Status } from '../crds/sample-request.ts'
import { send, tryOut, untilRefused } from '../manifests/attempt.ts'
import type { Attempt } from '../manifests/attempt.ts'
import { bindEverybody, makeAccounts, records, startInstalled } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'

jest.setTimeout(60_000)

const webhook = `${records}/countersign-webhook`
const operator = `${records}/countersign-operator`
const gateway = `${records}/countersign-gateway`
const group = '/apis/countersign.dev/v1alpha1'
const ours = `${group}/namespaces/${records}`
const votes = `${ours}/approvalvotes`
const requests = `${ours}/approvalrequests`
const identities = `${ours}/agentidentities`

let stage: Stage

/** Everybody may do everything here, so that nothing but the policies stands in the way. */
beforeAll(async () => {
  stage = await startInstalled(process.env, { users })
  await bindEverybody(stage)
  await makeAccounts(stage, [
    'agents/bot',
    'agents/other',
    'agents/paused',
    `agents/${longName}`,
    'namespace/prod',
    'gitops/argo',
  ])
  for (const [name, subject] of Object.entries(subjects)) await makeIdentity(name, subject)
  for (const state of ['new', 'pending', 'voted', 'approved', 'claimed', 'denied'] as const) await makeRequest(state)
  await makeVote()
  await untilRefused(stage, [
    { who: 'alice', method: 'POST', path: votes, body: voteOf({ ...alice, username: 'bob' }) },
    { who: 'admin', method: 'POST', path: requests, body: sampleRequest('apr-probe') },
    { who: 'agents/bot', method: 'DELETE', path: `${identities}/agents.other` },
  ])
}, 60_000)
afterAll(() => stage.stop(), 60_000)

const longName = 'l'.repeat(250)

const accountOf = (namespace: string, name: string): object => ({ serviceAccount: { namespace, name } })

const subjects: Readonly<Record<string, object>> = {
  'agents.bot': accountOf('agents', 'bot'),
  'agents.other': accountOf('agents', 'other'),
  'agents.paused': accountOf('agents', 'paused'),
  'agents.hash': accountOf('agents', longName),
  'namespace.prod': { namespace: 'prod' },
}

function identityOf(name: string, subject: object, metadata: object = {}): object {
  const paused = name === 'agents.paused' ? { paused: { by: 'Alice Kim' } } : {}
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'AgentIdentity',
    metadata: { name, namespace: records, ...metadata },
    spec: { subject, ...paused },
  }
}

async function makeIdentity(name: string, subject: object): Promise<void> {
  const annotations = { 'example.com/kept': 'yes', 'countersign.dev/reason': 'an old one' }
  const client = await stage.as(operator)
  await client.must({ method: 'POST', path: identities, body: identityOf(name, subject, { annotations }) })
}

/** A request in that state, each part of it written by the one who may. */
async function makeRequest(state: State): Promise<void> {
  const name = `apr-${state}`
  const [asWebhook, asOperator] = await Promise.all([stage.as(webhook), stage.as(operator)])
  await asWebhook.must({ method: 'POST', path: requests, body: sampleRequest(name) })
  for (const status of histories[state]) {
    const claimed = 'grant' in status && status.grant.claims.length > 0
    const live = Object(await stage.admin.must({ method: 'GET', path: `${requests}/${name}` }))
    const client = claimed ? asWebhook : asOperator
    await client.must({ method: 'PUT', path: `${requests}/${name}/status`, body: { ...live, status } })
  }
}

async function makeVote(): Promise<void> {
  const client = await stage.as('alice')
  const labels = { 'countersign.dev/request': 'apr-pending' }
  await client.must({ method: 'POST', path: votes, body: voteOf(alice, {}, { name: 'apv-one', labels }) })
}

async function uidOf(namespace: string, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`
  return String(Object(await stage.admin.must({ method: 'GET', path })).metadata.uid)
}

const users = [
  { name: 'alice', groups: ['approvers', 'sre'] },
  { name: 'many', groups: Array.from({ length: 70 }, (_value, index) => `team-${index}`) },
  { name: 'long', groups: ['approvers', 'g'.repeat(300)] },
]

const voter = (name: string, groups: readonly string[]) => ({
  kind: 'KubernetesUser',
  username: name,
  uid: name,
  groups,
})
const alice = voter('alice', ['approvers', 'sre', 'system:authenticated'])
const fromTeams = { kind: 'EntraUser', tenantID: 'tenant', objectID: 'alice', displayName: 'Alice Kim' }
const evidence = { channel: 'teams', assurance: 'Card', verifiedTime: '2026-11-21T10:24:11Z', signature: 'e..s' }

function voteOf(who: object, more: object = {}, metadata: object = {}): object {
  const spec = { requestRef: { name: 'apr-pending', uid: 'uid' }, digest: hash('a'), verdict: 'Approve', voter: who }
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalVote',
    metadata: { generateName: 'apv-', namespace: records, ...metadata },
    spec: { ...spec, ...more },
  }
}

/** The voter of a service account that names itself. */
function accountVoter(username: string, uid: string): object {
  const [, , namespace] = username.split(':')
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
  return { ...voter(username, groups), uid }
}

type Case = readonly [sentence: string, attempt: Attempt | (() => Promise<Attempt>), verdict: string]

/** Each case as a test, tried as a dry run. */
function table(policy: string, cases: readonly Case[]): void {
  const named = cases.map(([sentence, attempt, rule]) => [`${sentence}: ${rule}`, attempt, rule] as const)
  test.each(named)('%s', async (_sentence, attempt, rule) => {
    const verdict = await tryOut(stage, typeof attempt === 'function' ? await attempt() : attempt)
    expect(verdict).toBe(rule === 'allowed' ? rule : `${policy}: ${rule}`)
  })
}

describe('a vote', () => {
  const cast = (who: string, body: object): Attempt => ({ who, method: 'POST', path: votes, body })
  const gone = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'gone' }

  table('countersign-votes', [
    ['of alice as herself', cast('alice', voteOf(alice)), 'allowed'],
    ['of alice as bob', cast('alice', voteOf({ ...alice, username: 'bob' })), 'VoteAsYourself'],
    ['of an administrator as alice', cast('admin', voteOf(alice)), 'VoteAsYourself'],
    ['of alice with the uid of another', cast('alice', voteOf({ ...alice, uid: 'bob' })), 'VoteAsYourself'],
    ['of alice without her uid', cast('alice', voteOf({ ...alice, uid: '' })), 'VoteAsYourself'],
    [
      'of alice with a group that she is not in',
      cast('alice', voteOf({ ...alice, groups: [...alice.groups, 'admins'] })),
      'VoteAsYourself',
    ],
    [
      'of alice that hides one of her groups',
      cast('alice', voteOf({ ...alice, groups: ['approvers', 'system:authenticated'] })),
      'VoteAsYourself',
    ],
    ['of alice without groups', cast('alice', voteOf({ ...alice, groups: undefined })), 'VoteAsYourself'],
    [
      'of someone with more groups than a vote holds, with 64 of them',
      cast(
        'many',
        voteOf(
          voter(
            'many',
            Array.from({ length: 64 }, (_value, index) => `team-${index}`),
          ),
        ),
      ),
      'allowed',
    ],
    [
      'of someone with more groups than a vote holds, with a foreign one',
      cast('many', voteOf(voter('many', ['team-1', 'approvers']))),
      'VoteAsYourself',
    ],
    [
      'of someone with a group whose name is too long for a vote, without it',
      cast('long', voteOf(voter('long', ['approvers', 'system:authenticated']))),
      'allowed',
    ],
    ['of alice as a person in Teams', cast('alice', voteOf(fromTeams, { evidence })), 'ChatVotesComeFromTheGateway'],
    ['of alice with evidence', cast('alice', voteOf(alice, { evidence })), 'ChatVotesComeFromTheGateway'],
    [
      'of an administrator as a person in Teams',
      cast('admin', voteOf(fromTeams, { evidence })),
      'ChatVotesComeFromTheGateway',
    ],
    ['that the gateway brings from Teams', cast(gateway, voteOf(fromTeams, { evidence })), 'allowed'],
    [
      'that the gateway casts for alice of Kubernetes',
      cast(gateway, voteOf(alice, { evidence })),
      'ChatVotesComeFromTheGateway',
    ],
    [
      'that the gateway casts for itself',
      cast(gateway, voteOf(accountVoter('system:serviceaccount:countersign-system:countersign-gateway', 'uid'))),
      'ChatVotesComeFromTheGateway',
    ],
    [
      'of an agent that names itself truly',
      async () =>
        cast('agents/bot', voteOf(accountVoter('system:serviceaccount:agents:bot', await uidOf('agents', 'bot')))),
      'PeopleVote',
    ],
    ['of an agent as alice', cast('agents/bot', voteOf(alice)), 'PeopleVote'],
    ['of any service account as a person in Teams', cast('gitops/argo', voteOf(fromTeams, { evidence })), 'PeopleVote'],
    ['of the operator as a person in Teams', cast(operator, voteOf(fromTeams, { evidence })), 'PeopleVote'],
    ['of the webhook as alice', cast(webhook, voteOf(alice)), 'PeopleVote'],
    [
      'that leaves with another object',
      cast('alice', voteOf(alice, {}, { ownerReferences: [gone] })),
      'VotesStandAlone',
    ],
    [
      'that cannot be deleted',
      cast('alice', voteOf(alice, {}, { finalizers: ['example.com/stay'] })),
      'VotesStandAlone',
    ],
  ])

  const change = (who: string, metadata: object): Attempt => ({
    who,
    method: 'PATCH',
    path: `${votes}/apv-one`,
    type: mergePatch,
    body: { metadata },
  })

  table('countersign-votes', [
    ['that alice labels anew', change('alice', { labels: { 'countersign.dev/request': 'apr-other' } }), 'VotesStand'],
    ['that an administrator gives an owner', change('admin', { ownerReferences: [gone] }), 'VotesStand'],
    ['that the operator labels anew', change(operator, { labels: { 'countersign.dev/request': null } }), 'VotesStand'],
    ['that an administrator annotates', change('admin', { annotations: { 'example.com/note': 'seen' } }), 'allowed'],
    ['that alice deletes', { who: 'alice', method: 'DELETE', path: `${votes}/apv-one` }, 'VotesAreKept'],
    ['that an administrator deletes', { who: 'admin', method: 'DELETE', path: `${votes}/apv-one` }, 'VotesAreKept'],
    ['among all that an administrator deletes', { who: 'admin', method: 'DELETE', path: votes }, 'VotesAreKept'],
    ['that the gateway deletes', { who: gateway, method: 'DELETE', path: `${votes}/apv-one` }, 'VotesAreKept'],
    ['that the operator deletes', { who: operator, method: 'DELETE', path: `${votes}/apv-one` }, 'allowed'],
  ])
})

describe('a request', () => {
  const open = (who: string): Attempt => ({ who, method: 'POST', path: requests, body: sampleRequest('apr-opened') })
  const remove = (who: string): Attempt => ({ who, method: 'DELETE', path: `${requests}/apr-pending` })
  const label = (who: string): Attempt => ({
    who,
    method: 'PATCH',
    path: `${requests}/apr-pending`,
    type: mergePatch,
    body: { metadata: { labels: { 'countersign.dev/risk': 'Low' } } },
  })

  table('countersign-requests', [
    ['that the webhook opens', open(webhook), 'allowed'],
    ['that the operator opens', open(operator), 'OnlyTheWebhookAsks'],
    ['that the gateway opens', open(gateway), 'OnlyTheWebhookAsks'],
    ['that an agent opens', open('agents/bot'), 'OnlyTheWebhookAsks'],
    ['that an administrator opens', open('admin'), 'OnlyTheWebhookAsks'],
    ['that the operator deletes', remove(operator), 'allowed'],
    ['that the webhook deletes', remove(webhook), 'RequestsAreKept'],
    ['that the gateway deletes', remove(gateway), 'RequestsAreKept'],
    ['that an agent deletes', remove('agents/bot'), 'RequestsAreKept'],
    ['that an administrator deletes', remove('admin'), 'RequestsAreKept'],
    ['among all that an administrator deletes', { who: 'admin', method: 'DELETE', path: requests }, 'RequestsAreKept'],
    ['that an administrator labels anew', label('admin'), 'RequestsStand'],
    ['that the operator labels anew', label(operator), 'RequestsStand'],
  ])
})

type Change = { readonly of: State; readonly to: (status: Status) => Status }

/** How each field of the status can be changed as the definition allows it: from which state, to what. */
const changes: Readonly<Record<keyof Status, Change>> = {
  decision: { of: 'voted', to: () => decided('Denied') },
  basis: { of: 'voted', to: () => decided('Expired') },
  decisionTime: { of: 'voted', to: () => decided('ChangesRequested') },
  record: {
    of: 'voted',
    to: () => ({ ...decided('Denied'), record: { keyID: 'e', protected: 'e', payload: 'e', signature: 'e' } }),
  },
  decidedBy: { of: 'pending', to: (status) => ({ ...status, decidedBy: 'Alice Kim' }) },
  conditions: {
    of: 'approved',
    to: (status) => ({
      ...status,
      conditions: [...(status.conditions ?? []), condition('Executed', 'True', 'Executed')],
    }),
  },
  stages: {
    of: 'pending',
    to: (status) => ({ ...status, stages: [{ name: 'approvers', approvals: 1, required: 1 }] }),
  },
  progress: { of: 'pending', to: (status) => ({ ...status, progress: '1/1' }) },
  votes: { of: 'voted', to: (status) => ({ ...status, votes: [...(status.votes ?? []), vote('three')] }) },
  context: { of: 'pending', to: (status) => ({ ...status, context: { effects: ['nothing at all'] } }) },
  grant: { of: 'voted', to: () => decided('Approved') },
  cooldownRevoked: { of: 'denied', to: (status) => ({ ...status, cooldownRevoked: revocation }) },
  latestAttempt: { of: 'pending', to: (status) => ({ ...status, latestAttempt: 'apr-other' }) },
  messages: { of: 'pending', to: (status) => ({ ...status, messages: [{ channel: 'teams', ref: 'other' }] }) },
}

const fields = Object.entries(changes)
const everyField = fields.map(([field]) => field)

/** A write of the whole status, as it is after the change. */
async function statusWrite(who: string, { of, to }: Change): Promise<Attempt> {
  const live = Object(await stage.admin.must({ method: 'GET', path: `${requests}/apr-${of}` }))
  return { who, method: 'PUT', path: `${requests}/apr-${of}/status`, body: { ...live, status: to(live.status) } }
}

describe('the status of a request', () => {
  const schema = definitionOf('ApprovalRequest').properties?.['status']?.properties ?? {}

  test('has no field that these tests do not know', () => {
    expect(everyField.toSorted()).toEqual(Object.keys(schema).toSorted())
    expect(Object.keys(grantChanges).toSorted()).toEqual(Object.keys(schema['grant']?.properties ?? {}).toSorted())
  })

  const cases = (who: string, verdict: string): readonly Case[] =>
    fields.map(([field, change]) => [`with another ${field}, by ${who}`, () => statusWrite(who, change), verdict])

  table('countersign-requests', cases(webhook, 'TheWebhookOnlyClaims'))
  table('countersign-requests', cases(operator, 'allowed'))
  table('countersign-requests', cases('admin', 'StatusHasTwoWriters'))

  table('countersign-requests', [
    ['by the gateway', () => statusWrite(gateway, changes.messages), 'StatusHasTwoWriters'],
    ['by an agent that approves itself', () => statusWrite('agents/bot', changes.grant), 'StatusHasTwoWriters'],
    ['by a person who approves', () => statusWrite('alice', changes.grant), 'StatusHasTwoWriters'],
    ['that an administrator claims', () => statusWrite('admin', grantChanges.claims), 'StatusHasTwoWriters'],
    ['that the operator claims', () => statusWrite(operator, grantChanges.claims), 'TheOperatorNeverClaims'],
    ['that the operator claims again', () => statusWrite(operator, another), 'TheOperatorNeverClaims'],
    ['that the webhook claims', () => statusWrite(webhook, grantChanges.claims), 'allowed'],
    ['that the webhook claims again', () => statusWrite(webhook, another), 'allowed'],
    ['with a re-armed grant, by the webhook', () => statusWrite(webhook, grantChanges.rearmed), 'TheWebhookOnlyClaims'],
    ['with a re-armed grant, by the operator', () => statusWrite(operator, grantChanges.rearmed), 'allowed'],
    ['with a revoked grant, by the webhook', () => statusWrite(webhook, grantChanges.revoked), 'TheWebhookOnlyClaims'],
    ['with a revoked grant, by the operator', () => statusWrite(operator, grantChanges.revoked), 'allowed'],
    [
      'with a claim and a note in one, by the webhook',
      () => statusWrite(webhook, claimAndNote),
      'TheWebhookOnlyClaims',
    ],
    ['without a field it had, by the webhook', () => statusWrite(webhook, less), 'TheWebhookOnlyClaims'],
    ['as a first one, by the webhook', () => statusWrite(webhook, first), 'TheWebhookOnlyClaims'],
    ['as a first one, by the operator', () => statusWrite(operator, first), 'allowed'],
    [
      'that the webhook takes away whole',
      {
        who: webhook,
        method: 'PATCH',
        path: `${requests}/apr-pending/status`,
        type: mergePatch,
        body: { status: null },
      },
      'TheWebhookOnlyClaims',
    ],
    [
      'that the webhook claims as it does it, by a patch',
      {
        who: webhook,
        method: 'PATCH',
        path: `${requests}/apr-approved/status`,
        type: jsonPatch,
        body: [{ op: 'add', path: '/status/grant/claims/-', value: claim('patched') }],
      },
      'allowed',
    ],
  ])

  test('with a grant that lasts longer is refused even to the operator, by the definition', async () => {
    expect(await tryOut(stage, await statusWrite(operator, grantChanges.expirationTime))).toMatch(
      /^422 .* never changes/,
    )
  })
})

function withGrant(change: (grant: NonNullable<Status['grant']>) => object): Change['to'] {
  return (status) => {
    if (status.grant === undefined) throw new Error('this state has no grant')
    return { ...status, grant: { ...status.grant, ...change(status.grant) } }
  }
}

const appended = withGrant(({ claims }) => ({ claims: [...claims, claim('new')] }))

/** The same for the fields of the grant. */
const grantChanges: Readonly<Record<keyof NonNullable<Status['grant']>, Change>> = {
  expirationTime: { of: 'approved', to: withGrant(() => ({ expirationTime: '2027-11-21T10:44:11Z' })) },
  claims: { of: 'approved', to: appended },
  rearmed: { of: 'claimed', to: withGrant(() => ({ rearmed: 1 })) },
  revoked: { of: 'approved', to: withGrant(() => ({ revoked: revocation })) },
}
const another: Change = { of: 'claimed', to: appended }
const claimAndNote: Change = { of: 'approved', to: (status) => ({ ...appended(status), progress: '2/1' }) }
const less: Change = { of: 'pending', to: ({ progress: _progress, ...rest }) => rest }
const first: Change = { of: 'new', to: () => ({ progress: '0/1' }) }

function definitionOf(kind: string): ReturnType<typeof rootOf> {
  const found = readDefinitions('crds').find(({ spec }) => spec.names.kind === kind)
  if (found === undefined) throw new Error(`no definition of ${kind}`)
  return rootOf(found)
}

describe('an agent identity', () => {
  const patch = (who: string, name: string, body: object): Attempt => ({
    who,
    method: 'PATCH',
    path: `${identities}/${name}`,
    type: mergePatch,
    body,
  })
  const why = (who: string, name: string, annotations: object): Attempt =>
    patch(who, name, { metadata: { annotations } })
  const reason = { 'countersign.dev/reason': 'the deployment is stuck', 'countersign.dev/ticket': 'INC-4711' }
  const own = (body: object): Attempt => patch('agents/bot', 'agents.bot', body)
  const paused = { paused: { by: 'Alice Kim' } }

  table('countersign-agent-identities', [
    ['on which its agent says why', why('agents/bot', 'agents.bot', reason), 'allowed'],
    ['on which another agent says why', why('agents/other', 'agents.bot', reason), 'OnlyYourOwnReason'],
    [
      'of a namespace, on which an account says why whose name looks the same',
      why('namespace/prod', 'namespace.prod', reason),
      'OnlyYourOwnReason',
    ],
    ['whose name is hashed, on which its agent says why', why(`agents/${longName}`, 'agents.hash', reason), 'allowed'],
    [
      'that its agent annotates otherwise',
      own({ metadata: { annotations: { 'countersign.dev/owner': 'bot' } } }),
      'OnlyYourOwnReason',
    ],
    [
      'that its agent annotates otherwise beside the reason',
      own({ metadata: { annotations: { ...reason, other: 'x' } } }),
      'OnlyYourOwnReason',
    ],
    [
      'from which its agent takes an annotation',
      own({ metadata: { annotations: { 'example.com/kept': null } } }),
      'OnlyYourOwnReason',
    ],
    [
      'from which its agent takes its own reason',
      own({ metadata: { annotations: { 'countersign.dev/reason': null } } }),
      'allowed',
    ],
    ['that its agent labels', own({ metadata: { labels: { team: 'bots' } } }), 'OnlyYourOwnReason'],
    ['that its agent makes undeletable', own({ metadata: { finalizers: ['example.com/stay'] } }), 'OnlyYourOwnReason'],
    [
      'whose pause its agent lifts',
      patch('agents/paused', 'agents.paused', { spec: { paused: null } }),
      'OnlyYourOwnReason',
    ],
    [
      'whose risks its agent accepts',
      own({ spec: { acceptedRisks: [{ name: 'nodes/proxy', by: 'bot' }] } }),
      'OnlyYourOwnReason',
    ],
    [
      'whose status its agent writes',
      { ...own({ status: { owner: 'alice' } }), path: `${identities}/agents.bot/status` },
      'OnlyYourOwnReason',
    ],
    [
      'that its agent deletes',
      { who: 'agents/bot', method: 'DELETE', path: `${identities}/agents.bot` },
      'OnlyYourOwnReason',
    ],
    ['among all that an agent deletes', { who: 'agents/bot', method: 'DELETE', path: identities }, 'OnlyYourOwnReason'],
    [
      'that an agent makes',
      {
        who: 'agents/bot',
        method: 'POST',
        path: identities,
        body: identityOf('agents.new', accountOf('agents', 'new')),
      },
      'OnlyYourOwnReason',
    ],
    [
      'that a service account pauses that is no agent',
      patch('gitops/argo', 'agents.bot', { spec: paused }),
      'OnlyYourOwnReason',
    ],
    ['that the webhook changes', patch(webhook, 'agents.bot', { spec: paused }), 'OnlyYourOwnReason'],
    ['that the gateway changes', patch(gateway, 'agents.bot', { spec: paused }), 'OnlyYourOwnReason'],
    [
      'with a long story',
      why('agents/bot', 'agents.bot', { 'countersign.dev/reason': 'x'.repeat(1025) }),
      'ReasonIsShort',
    ],
    [
      'with the longest story',
      why('agents/bot', 'agents.bot', { 'countersign.dev/reason': 'x'.repeat(1024) }),
      'allowed',
    ],
    [
      'with a long ticket',
      why('agents/bot', 'agents.bot', { 'countersign.dev/ticket': 'x'.repeat(257) }),
      'ReasonIsShort',
    ],
    [
      'that the operator makes',
      { who: operator, method: 'POST', path: identities, body: identityOf('agents.new', accountOf('agents', 'new')) },
      'allowed',
    ],
    ['that the operator pauses', patch(operator, 'agents.bot', { spec: paused }), 'allowed'],
    [
      'whose status the operator writes',
      { ...patch(operator, 'agents.bot', { status: { owner: 'alice' } }), path: `${identities}/agents.bot/status` },
      'allowed',
    ],
    ['that a person pauses', patch('alice', 'agents.bot', { spec: paused }), 'allowed'],
    ['that a person resumes', patch('alice', 'agents.paused', { spec: { paused: null } }), 'allowed'],
    ['that a person deletes', { who: 'admin', method: 'DELETE', path: `${identities}/agents.bot` }, 'allowed'],
  ])
})

describe('when the namespace of the records goes', () => {
  test('its records can be deleted by whoever may, so that the namespace can end', async () => {
    const path = `/api/v1/namespaces/${records}`
    expect(await send(stage, { who: 'admin', method: 'DELETE', path })).toBe('allowed')
    await until(
      'requests may go',
      async () => (await tryOut(stage, { who: 'admin', method: 'DELETE', path: requests })) === 'allowed',
    )
    expect(await tryOut(stage, { who: 'admin', method: 'DELETE', path: votes })).toBe('allowed')
    expect(await tryOut(stage, { who: 'gitops/argo', method: 'DELETE', path: identities })).toBe('allowed')
  })
})
