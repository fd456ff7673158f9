import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { jsonPatch, mergePatch } from '../crds/api-client.ts'
import { send, tryOut, untilRefused } from '../manifests/attempt.ts'
import type { Attempt } from '../manifests/attempt.ts'
import { bindEverybody, kubectl, makeAccounts, records, startInstalled } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'

/** Made by openssl req for CN=somebody; its key is gone. */
const certificateRequest =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITU1IVUNBUUF3RXpFUk1BOEdBMVVFQXd3SWMyOXRaV0p2Wkhrd1dUQVRCZ2NxaGtqT1BRSUJCZ2dxaGtqTwpQUU1CQndOQ0FBVFMrOUNTc0JLSVh3dFpXVGhPQmlDZXlZZmJtUVV0S1M3MHdkMjJJV2Q1dUxoK2NBbTQ2emlwCjZGc0dRZlRadDUxeWQwY2taOUVYRTZzbDBoeGlwS20rb0FBd0NnWUlLb1pJemowRUF3SURSd0F3UkFJZ0dVbloKUkdtRUVpUUYza2k2VE1LeWdySHQwcHZMY1dXS1hGV215Q1JZeE1vQ0lBUWgzeVA0YU50dmxiSTR5S20yaUhrdgpSMUJVSUZDUDhmOE5pYUg0ZFVodgotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K'

jest.setTimeout(60_000)

const operator = `${records}/countersign-operator`
const core = '/api/v1/namespaces'
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const ours = '/apis/countersign.dev/v1alpha1'
const admission = '/apis/admissionregistration.k8s.io/v1'
const flow = '/apis/flowcontrol.apiserver.k8s.io/v1'
const extensions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const services = '/apis/apiregistration.k8s.io/v1/apiservices'
const signing = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const binding = `${rbac}/namespaces/${records}/rolebindings/countersign-agents`

/** Those in the binding: an account, all accounts of a namespace, a user, a group; an account that is not there any more. */
const subjects = [
  { kind: 'ServiceAccount', namespace: 'agents', name: 'bot' },
  { kind: 'ServiceAccount', namespace: 'agents', name: 'gone' },
  { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:serviceaccounts:crew' },
  { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'robot' },
  { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'robots' },
]

/** Agents of every sort, and those who are none and whom no guard may touch. */
const agents = ['agents/bot', 'crew/worker', 'robot', 'member']
const others = ['admin', 'alice', 'plain/ci', 'agents/late', 'crewmates/ci', operator]

let stage: Stage

/** Everybody may do everything here, so that nothing but the policies stands in the way. */
beforeAll(async () => {
  stage = await startInstalled(process.env, {
    users: [
      { name: 'alice', groups: ['approvers'] },
      { name: 'robot', groups: ['builders'] },
      { name: 'member', groups: ['robots'] },
    ],
  })
  await bindEverybody(stage)
  await makeAccounts(stage, [
    ...[...agents, ...others].filter((who) => who.includes('/') && who !== operator),
    'plain/tagged',
    'plain/owned',
  ])
  await makeTags()
  await makeObjects()
  await bindAgents(subjects)
  await untilRefused(
    stage,
    agents.flatMap((who) => everyGuard.map((attempt) => ({ ...attempt, who }))),
  )
}, 60_000)
afterAll(() => stage.stop(), 60_000)

/** As the operator does it. */
async function bindAgents(agentsNow: readonly object[]): Promise<void> {
  const client = await stage.as(operator)
  const live = Object(await client.must({ method: 'GET', path: binding }))
  await client.must({ method: 'PUT', path: binding, body: { ...live, subjects: agentsNow } })
}

const agentLabel = { 'countersign.dev/agent': 'true' }

async function makeTags(): Promise<void> {
  const tags: readonly (readonly [string, object])[] = [
    [`${core}/agents/serviceaccounts/late`, { labels: agentLabel }],
    [`${core}/plain/serviceaccounts/tagged`, { labels: agentLabel }],
    [`${core}/plain/serviceaccounts/owned`, { annotations: { 'countersign.dev/owner': 'bo' } }],
    [`${core}/team`, { labels: agentLabel, annotations: { 'countersign.dev/owner': 'bo' } }],
  ]
  await makeAccounts(stage, ['team/one'])
  for (const [path, metadata] of tags) {
    await stage.admin.must({ method: 'PATCH', path, type: mergePatch, body: { metadata } })
  }
}

const token = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'legacy', annotations: { 'kubernetes.io/service-account.name': 'ci' } },
  type: 'kubernetes.io/service-account-token',
}

async function makeObjects(): Promise<void> {
  await kubectl(stage.plane, ['apply', '-f', 'manifests/approvers.yaml'])
  await stage.admin.must({ method: 'POST', path: `${core}/plain/secrets`, body: token })
  const spec = { request: certificateRequest, signerName: 'example.com/signer', usages: ['client auth'] }
  const body = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'somebody' },
    spec,
  }
  await stage.admin.must({ method: 'POST', path: signing, body })
}

type Act = Omit<Attempt, 'who'>

const create = (path: string, body: object): Act => ({ method: 'POST', path, body })
const remove = (path: string): Act => ({ method: 'DELETE', path })
const change = (path: string, body: object): Act => ({ method: 'PATCH', path, type: mergePatch, body })
const label = (path: string, labels: object): Act => change(path, { metadata: { labels } })
const annotate = (path: string, annotations: object): Act => change(path, { metadata: { annotations } })
const account = (name: string, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, ...metadata },
})
const namespace = (metadata: object): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata })
const secret = (type: string, name = 'new'): object => ({ ...token, metadata: { ...token.metadata, name }, type })
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } }

const policy = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ApprovalPolicy',
  metadata: { name: 'new' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['*'], resources: ['pods'], operations: ['DELETE'] }],
    },
    effect: 'Warn',
    risk: 'Low',
  },
}

const tokenRequest = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }

/** A sentence, what an agent does, and the policy with the rule that refuses it. */
type Attack = readonly [sentence: string, act: Act, rule: string]

const kept = 'countersign-guard-records: AgentsKeepOutOfTheRecords'
const inRecords: readonly Attack[] = [
  ['puts something among the records', create(`${core}/${records}/configmaps`, configMap), kept],
  ['deletes a key', remove(`${core}/${records}/secrets/countersign-evidence`), kept],
  ['replaces a key', change(`${core}/${records}/secrets/countersign-trust`, { data: { 'jwks.json': 'e30=' } }), kept],
  ['deletes all keys', remove(`${core}/${records}/secrets`), kept],
  ['strikes itself off the agents', change(binding, { subjects: [] }), kept],
  ['deletes the list of agents', remove(binding), kept],
  ['widens the role of agents', change(`${rbac}/namespaces/${records}/roles/countersign-agents`, { rules: [] }), kept],
  ['deletes an account of ours', remove(`${core}/${records}/serviceaccounts/countersign-operator`), kept],
  ['deletes the namespace of the records', remove(`${core}/${records}`), kept],
  ['labels the namespace of the records', label(`${core}/${records}`, { team: 'bots' }), kept],
  [
    'writes the status of that namespace',
    change(`${core}/${records}/status`, { metadata: { labels: { a: 'b' } } }),
    kept,
  ],
]

const own = 'countersign-guard-installation'
const alone = `${own}: AgentsLeaveCountersignAlone`
const installed = `${own}: AgentsLeaveTheInstallationAlone`
const inAdmission = `${own}: AgentsLeaveAdmissionAlone`
const configuration = (kind: string): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: 'new' },
})
const onInstallation: readonly Attack[] = [
  ['deletes the gate', remove(`${admission}/validatingwebhookconfigurations/countersign`), inAdmission],
  ['labels the gate', label(`${admission}/validatingwebhookconfigurations/countersign`, { a: 'b' }), inAdmission],
  [
    'adds a validating webhook',
    create(`${admission}/validatingwebhookconfigurations`, configuration('ValidatingWebhookConfiguration')),
    inAdmission,
  ],
  [
    'adds a mutating webhook',
    create(`${admission}/mutatingwebhookconfigurations`, configuration('MutatingWebhookConfiguration')),
    inAdmission,
  ],
  ['deletes all validating webhooks', remove(`${admission}/validatingwebhookconfigurations`), inAdmission],
  ['makes a policy', create(`${ours}/approvalpolicies`, policy), alone],
  [
    'joins the approvers',
    change(`${ours}/approvergroups/approvers`, { spec: { kubernetesGroups: ['robots'] } }),
    alone,
  ],
  ['deletes the approvers', remove(`${ours}/approvergroups/approvers`), alone],
  ['deletes a definition with all its records', remove(`${extensions}/approvalrequests.countersign.dev`), installed],
  ['labels a definition', label(`${extensions}/approvalvotes.countersign.dev`, { a: 'b' }), installed],
  [
    'writes the status of a definition',
    change(`${extensions}/approvalvotes.countersign.dev/status`, { status: { conditions: null } }),
    installed,
  ],
  [
    'takes over our API',
    change(`${services}/v1alpha1.countersign.dev`, { spec: { groupPriorityMinimum: 1 } }),
    installed,
  ],
  ['changes a role of ours', change(`${rbac}/clusterroles/countersign-operator`, { rules: [] }), installed],
  ['deletes a binding of ours', remove(`${rbac}/clusterrolebindings/countersign-webhook`), installed],
  [
    'slows our calls down',
    change(`${flow}/prioritylevelconfigurations/countersign`, { spec: { limited: { nominalConcurrencyShares: 1 } } }),
    installed,
  ],
  ['sends our calls elsewhere', remove(`${flow}/flowschemas/countersign`), installed],
]

const tags = 'countersign-guard-tags: TagsAreForPeople'
const accounts = 'countersign-guard-tags: AgentAccountsAreForPeople'
const off = { 'countersign.dev/agent': null }
const plainAccount = `${core}/plain/serviceaccounts/ci`
const onTags: readonly Attack[] = [
  ['takes the label off a namespace of agents', label(`${core}/team`, off), tags],
  ['labels a namespace of agents false', label(`${core}/team`, { 'countersign.dev/agent': 'false' }), tags],
  ['does that by the status', change(`${core}/team/status`, { metadata: { labels: off } }), tags],
  ['labels a namespace as one of agents', label(`${core}/plain`, agentLabel), tags],
  ['makes a namespace of agents', create('/api/v1/namespaces', namespace({ name: 'new', labels: agentLabel })), tags],
  ['names another owner of a namespace', annotate(`${core}/team`, { 'countersign.dev/owner': 'alice' }), tags],
  ['names an owner of an account', annotate(plainAccount, { 'countersign.dev/owner': 'alice' }), tags],
  [
    'takes the owner off an account',
    annotate(`${core}/plain/serviceaccounts/owned`, { 'countersign.dev/owner': null }),
    tags,
  ],
  ['says for whom an account works', annotate(plainAccount, { 'countersign.dev/on-behalf-of': 'alice' }), tags],
  ['says how an account waits', annotate(plainAccount, { 'countersign.dev/wait': 'Immediate' }), tags],
  ['says how long an account waits', annotate(plainAccount, { 'countersign.dev/patience-seconds': '600' }), tags],
  ['labels an account as an agent', label(plainAccount, agentLabel), tags],
  [
    'makes an account of an agent',
    create(`${core}/plain/serviceaccounts`, account('new', { labels: agentLabel })),
    tags,
  ],
  [
    'changes an account that is listed',
    change(`${core}/agents/serviceaccounts/bot`, { automountServiceAccountToken: false }),
    accounts,
  ],
  [
    'annotates an account that is listed',
    annotate(`${core}/agents/serviceaccounts/bot`, { 'eks.amazonaws.com/role-arn': 'admin' }),
    accounts,
  ],
  ['deletes an account that is listed', remove(`${core}/agents/serviceaccounts/bot`), accounts],
  ['makes one that is listed anew', create(`${core}/agents/serviceaccounts`, account('gone')), accounts],
  ['deletes an account that is labelled and not listed yet', remove(`${core}/plain/serviceaccounts/tagged`), accounts],
  ['deletes an account of a listed namespace', remove(`${core}/crew/serviceaccounts/worker`), accounts],
  [
    'changes an account of a listed namespace',
    change(`${core}/crew/serviceaccounts/worker`, { automountServiceAccountToken: false }),
    accounts,
  ],
  ['deletes an account of a labelled namespace', remove(`${core}/team/serviceaccounts/one`), accounts],
  ['deletes all accounts of a namespace of agents', remove(`${core}/agents/serviceaccounts`), accounts],
  ['deletes a listed namespace', remove(`${core}/crew`), accounts],
  ['deletes a labelled namespace', remove(`${core}/team`), accounts],
]

const credentials = 'countersign-guard-credentials'
const approval = [
  { op: 'add', path: '/status/conditions', value: [{ type: 'Approved', status: 'True', reason: 'a', message: 'a' }] },
]
const onCredentials: readonly Attack[] = [
  [
    'asks for the token of an account that is no agent',
    create(`${plainAccount}/token`, tokenRequest),
    `${credentials}: OnlyYourOwnToken`,
  ],
  [
    'asks for the token of another agent',
    create(`${core}/agents/serviceaccounts/late/token`, tokenRequest),
    `${credentials}: OnlyYourOwnToken`,
  ],
  [
    'has a Secret filled with a token',
    create(`${core}/plain/secrets`, secret('kubernetes.io/service-account-token')),
    `${credentials}: NoTokensInSecrets`,
  ],
  [
    'points such a Secret at another account',
    annotate(`${core}/plain/secrets/legacy`, { 'kubernetes.io/service-account.name': 'owned' }),
    `${credentials}: NoTokensInSecrets`,
  ],
  [
    'makes a token for new nodes',
    create(`${core}/kube-system/secrets`, secret('bootstrap.kubernetes.io/token', 'bootstrap-token-abcdef')),
    `${credentials}: NoTokensInSecrets`,
  ],
  [
    'approves a certificate',
    { ...change(`${signing}/somebody/approval`, approval), type: jsonPatch },
    `${credentials}: AgentsSignNobody`,
  ],
  [
    'signs a certificate',
    change(`${signing}/somebody/status`, { status: { conditions: [] } }),
    `${credentials}: AgentsSignNobody`,
  ],
]

const everyGuard: readonly Act[] = [inRecords, onInstallation, onTags, onCredentials].flatMap((attacks) =>
  attacks.slice(0, 1).map(([, act]) => act),
)

describe.each([
  ['the records', inRecords],
  ['the installation', onInstallation],
  ['what says who is an agent', onTags],
  ['the credentials of others', onCredentials],
])('guarding %s:', (_what, attacks) => {
  test.each(attacks)('an agent that %s is refused, nobody else', async (_sentence, act, rule) => {
    for (const who of agents)
      expect({ who, verdict: await tryOut(stage, { ...act, who }) }).toEqual({ who, verdict: rule })
    for (const who of others)
      expect({ who, verdict: await tryOut(stage, { ...act, who }) }).toEqual({ who, verdict: 'allowed' })
  })
})

describe('agents are left free', () => {
  const plain = `${core}/plain`
  const free: readonly (readonly [string, Act])[] = [
    ['to make accounts', create(`${plain}/serviceaccounts`, account('new'))],
    ['to make accounts in a namespace of agents', create(`${core}/crew/serviceaccounts`, account('new'))],
    ['to change accounts of others', change(plainAccount, { automountServiceAccountToken: false })],
    ['to change accounts of others that have an owner', label(`${plain}/serviceaccounts/owned`, { team: 'bots' })],
    ['to delete accounts of others', remove(plainAccount)],
    ['to say why they change an account', annotate(plainAccount, { 'countersign.dev/reason': 'it is stuck' })],
    ['to say why they change a namespace', annotate(`${core}/team`, { 'countersign.dev/ticket': 'INC-4711' })],
    ['to label a namespace of agents otherwise', label(`${core}/team`, { team: 'bots' })],
    ['to make namespaces', create('/api/v1/namespaces', namespace({ name: 'new', labels: { team: 'bots' } }))],
    ['to delete namespaces of others', remove(plain)],
    ['to make Secrets', create(`${plain}/secrets`, secret('Opaque'))],
    ['to make config maps', create(`${plain}/configmaps`, configMap)],
    ['to delete a token of others', remove(`${plain}/secrets/legacy`)],
    [
      'to make roles',
      create(`${rbac}/clusterroles`, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'new' },
      }),
    ],
    ['to delete roles of others', remove(`${rbac}/clusterroles/edit`)],
    ['to delete API services of others', remove(`${services}/v1.apps`)],
    ['to change flow schemas of others', label(`${flow}/flowschemas/global-default`, { a: 'b' })],
    [
      'to delete even these policies, since no policy guards policies',
      remove(`${admission}/validatingadmissionpolicies/countersign-guard-tags`),
    ],
    ['to delete certificate requests', remove(`${signing}/somebody`)],
  ]

  test.each(free)('%s', async (_sentence, act) => {
    for (const who of agents)
      expect({ who, verdict: await tryOut(stage, { ...act, who }) }).toEqual({ who, verdict: 'allowed' })
  })

  test('to ask for tokens of their own', async () => {
    const act = (path: string): Act => create(`${path}/token`, tokenRequest)
    expect(await tryOut(stage, { ...act(`${core}/agents/serviceaccounts/bot`), who: 'agents/bot' })).toBe('allowed')
    expect(await tryOut(stage, { ...act(`${core}/crew/serviceaccounts/worker`), who: 'crew/worker' })).toBe('allowed')
  })

  const identities = `${ours}/namespaces/${records}/agentidentities`
  test.each([
    ['agents/bot', 'agents.bot', { serviceAccount: { namespace: 'agents', name: 'bot' } }],
    ['robot', 'user.robot', { user: 'robot' }],
  ])('to say why on their own identity: %s', async (who, name, subject) => {
    const body = {
      apiVersion: 'countersign.dev/v1alpha1',
      kind: 'AgentIdentity',
      metadata: { name },
      spec: { subject },
    }
    const client = await stage.as(operator)
    await client.must({ method: 'POST', path: identities, body })
    const why = annotate(`${identities}/${name}`, { 'countersign.dev/reason': 'it is stuck' })
    const pause = change(`${identities}/${name}`, { spec: { paused: { by: 'me' } } })
    expect(await tryOut(stage, { ...why, who })).toBe('allowed')
    expect(await tryOut(stage, { ...why, who: 'member' })).toBe(kept)
    expect(await tryOut(stage, { ...pause, who })).toMatch(/^countersign-/)
  })
})

test('an agent that is a user cannot vote as itself', async () => {
  const voter = {
    kind: 'KubernetesUser',
    username: 'robot',
    uid: 'robot',
    groups: ['builders', 'system:authenticated'],
  }
  const requestRef = { name: 'apr-one', uid: 'uid' }
  const act = create(`${ours}/namespaces/${records}/approvalvotes`, {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalVote',
    metadata: { name: 'new' },
    spec: { requestRef, verdict: 'Approve', voter },
  })
  expect(await tryOut(stage, { ...act, who: 'robot' })).toBe(kept)
})

test.each(['pods/any/exec?command=sh', 'pods/any/attach', 'pods/any/portforward', 'services/any/proxy'])(
  'an agent cannot connect to %s among the records',
  async (path) => {
    const act = { method: 'POST', path: `${core}/${records}/${path}` }
    for (const who of agents) expect(await send(stage, { ...act, who })).toBe(kept)
    expect(await send(stage, { ...act, who: 'alice' })).toMatch(/^(?:404|503) /)
  },
)

test('an account of a listed namespace is known by its name alone, when it is impersonated', async () => {
  const args = [
    'create',
    'configmap',
    'new',
    '-n',
    records,
    '--dry-run=server',
    '--as=system:serviceaccount:crew:worker',
  ]
  expect(await stage.plane.kubectl([...args, '--as-group=system:masters'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('AgentsKeepOutOfTheRecords'),
  })
})

test('the gate can be filled and emptied by the operator', async () => {
  const client = await stage.as(operator)
  const path = `${admission}/validatingwebhookconfigurations/countersign`
  const live = Object(await client.must({ method: 'GET', path }))
  expect(await tryOut(stage, { who: operator, method: 'PUT', path, body: { ...live, webhooks: [] } })).toBe('allowed')
})

describe('who is an agent', () => {
  const act = everyGuard

  test('is not known before the operator has written it', async () => {
    for (const one of act) expect(await tryOut(stage, { ...one, who: 'agents/late' })).toBe('allowed')
  })

  test('is known a moment after the operator has written it, and forgotten likewise', async () => {
    const late = { kind: 'ServiceAccount', namespace: 'agents', name: 'late' }
    await bindAgents([...subjects, late])
    await untilRefused(
      stage,
      act.map((one) => ({ ...one, who: 'agents/late' })),
    )
    await bindAgents(subjects)
    const free = async (): Promise<boolean> =>
      (await Promise.all(act.map((one) => tryOut(stage, { ...one, who: 'agents/late' })))).every(
        (one) => one === 'allowed',
      )
    await until('the account is free', free, 15_000)
  })

  test('may be a thousand', async () => {
    const thousand = Array.from({ length: 1_000 }, (_value, index) => ({
      kind: 'ServiceAccount',
      namespace: 'fleet',
      name: `bot-${index}`,
    }))
    const late = { kind: 'ServiceAccount', namespace: 'agents', name: 'late' }
    await bindAgents([...thousand, late])
    await untilRefused(
      stage,
      act.map((one) => ({ ...one, who: 'agents/late' })),
    )
    for (const one of act) expect(await tryOut(stage, { ...one, who: 'alice' })).toBe('allowed')
    await bindAgents(subjects)
  })

  test('is nobody when the binding is gone: nobody else is stopped by that', async () => {
    await stage.admin.must({ method: 'DELETE', path: binding })
    const free = async (): Promise<boolean> =>
      (await Promise.all(act.map((one) => tryOut(stage, { ...one, who: 'robot' })))).every((one) => one === 'allowed')
    await until('the guards are off', free, 15_000)
    for (const one of act) expect(await tryOut(stage, { ...one, who: 'alice' })).toBe('allowed')
  })
})
