import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { verifyRecord } from '../../src/tokens/verify.ts'
import { mergePatch } from '../crds/api-client.ts'
import { sampleRequest } from '../crds/sample-request.ts'
import { startInstalled } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'
import { readyWebhook, startOperator, url } from './keepers-rig.ts'
import type { Operator } from './keepers-rig.ts'

jest.setTimeout(60_000)

let stage: Stage
let operator: Operator
beforeAll(async () => {
  stage = await startInstalled(process.env)
}, 60_000)
afterAll(async () => {
  await operator.stop()
  await stage.stop()
}, 60_000)

const records = '/api/v1/namespaces/countersign-system'
const ours = '/apis/countersign.dev/v1alpha1'
const configuration = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/countersign'
const binding = '/apis/rbac.authorization.k8s.io/v1/namespaces/countersign-system/rolebindings/countersign-agents'
const flow = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/countersign-agents'
const identityPath = (name: string): string => `${ours}/namespaces/countersign-system/agentidentities/${name}`

const get = async (path: string) => Object(await stage.admin.must({ method: 'GET', path }))
const merge = (path: string, body: object) => stage.admin.must({ method: 'PATCH', path, type: mergePatch, body })
const post = (path: string, body: object) => stage.admin.must({ method: 'POST', path, body })
const remove = (path: string) => stage.admin.must({ method: 'DELETE', path })
const exists = async (path: string) => (await stage.admin.send({ method: 'GET', path })).code === 200

const tag = { 'countersign.dev/agent': 'true' }
const makeAccount = (namespace: string, name: string, labels: object = {}) =>
  post(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name, labels } })
const makeNamespace = (name: string, labels: object = {}) => post('/api/v1/namespaces', { metadata: { name, labels } })

/** The condition of an identity, as `True Reason`. */
async function condition(identity: string, type: string): Promise<string> {
  const { code, body } = await stage.admin.send({ method: 'GET', path: identityPath(identity) })
  if (code === 404) return 'no identity'
  const found = (Object(body).status?.conditions ?? []).find((one: { type: string }) => one.type === type)
  return found === undefined ? 'none' : `${found.status} ${found.reason}`
}

async function conditionIs(identity: string, type: string, wanted: string): Promise<void> {
  let last = ''
  await until(
    `${identity} is ${type}=${wanted}`,
    async () => (last = await condition(identity, type)) === wanted,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; it is ${last}`)
  })
}

const gateText = async (): Promise<string> => JSON.stringify((await get(configuration)).webhooks ?? [])
const gates = async (text: string): Promise<boolean> => (await gateText()).includes(text)
const otherBundle = Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64')
const eventCount = (event: string): number => operator.lines.filter((line) => line.event === event).length

/** In this order, on one cluster: one step rests on those before. */
describe('the first start', () => {
  test('fills the Secrets from nothing, publishes the trust, and issues a certificate', async () => {
    operator = await startOperator(stage, 'operator-1')
    await until('it leads', () => operator.leads())
    await until('all is known', () => operator.keepers.checks().every(({ ok }) => ok))
    for (const name of ['evidence', 'gateway-key', 'digest', 'handle', 'trust', 'tls']) {
      const path = `${records}/secrets/countersign-${name}`
      await until(`countersign-${name} is filled`, async () => 'data' in (await get(path)))
    }
  })

  test('gives it a key to sign with, whose signature its own trust set verifies', async () => {
    const record = await operator.keepers.sign('{"decision":"Approved"}')
    const keys = operator.keepers.verifying()
    if (record === undefined || keys === undefined) throw new Error('there is no key')
    expect(await verifyRecord(keys, record)).toMatchObject({ payload: '{"decision":"Approved"}' })
    const { data } = await get(`${records}/secrets/countersign-digest`)
    const current = Buffer.from(data.current, 'base64').toString()
    expect(operator.keepers.hmacKey(current)?.secret).toHaveLength(32)
    expect(operator.keepers.hmacKey('another')).toBeUndefined()
  })

  test('leaves the configuration empty for as long as no webhook is ready, whoever is tagged', async () => {
    await makeNamespace('agents')
    await makeAccount('agents', 'bot', tag)
    await conditionIs('agents.bot', 'Gated', 'False NotInConfiguration')
    await conditionIs('agents.bot', 'Tagged', 'True Labelled')
    expect(await gateText()).toBe('[]')
    const before = operator.facts.length
    await until('the gate was looked at twice more', () => {
      const later = operator.facts.slice(before)
      return later.filter((fact) => fact.fact === 'Kept' && fact.keeper === 'gate').length >= 2
    })
    expect(await gateText()).toBe('[]')
  })

  test('writes the configuration when a webhook says that it is ready, and then the agent is gated', async () => {
    await post(
      '/apis/coordination.k8s.io/v1/namespaces/countersign-system/leases',
      readyWebhook('countersign-webhook-a', undefined, []),
    )
    await until('the agent is in the configuration', () =>
      gates('"system:serviceaccount:agents:bot"'.replaceAll('"', '')),
    )
    const [webhook] = (await get(configuration)).webhooks
    expect(webhook).toMatchObject({ failurePolicy: 'Fail', timeoutSeconds: 30, matchPolicy: 'Equivalent' })
    const { data } = await get(`${records}/secrets/countersign-tls`)
    const path = '/outage-not-a-denial/nobody-was-asked/same-command-again-later'
    expect(webhook.clientConfig).toEqual({ url: url + path, caBundle: data['ca.crt'] })
    await conditionIs('agents.bot', 'Gated', 'True Propagated')
    expect(operator.keepers.isAgent('system:serviceaccount:agents:bot', [])).toBe(true)
    expect(operator.keepers.isAgent('alice', [])).toBe(false)
  })
})

describe('an agent', () => {
  test('stays gated when its label is taken away', async () => {
    await merge('/api/v1/namespaces/agents/serviceaccounts/bot', {
      metadata: { labels: { 'countersign.dev/agent': null } },
    })
    await conditionIs('agents.bot', 'Tagged', 'False TagGone')
    expect(await condition('agents.bot', 'Gated')).toBe('True Propagated')
    expect(await gates('system:serviceaccount:agents:bot')).toBe(true)
  })

  test('stays gated when its account is deleted, and made again without a label', async () => {
    await remove('/api/v1/namespaces/agents/serviceaccounts/bot')
    await makeAccount('agents', 'bot')
    await makeAccount('agents', 'second', tag)
    await conditionIs('agents.second', 'Gated', 'True Propagated')
    expect(await condition('agents.bot', 'Tagged')).toBe('False TagGone')
    expect(await condition('agents.bot', 'Gated')).toBe('True Propagated')
  })

  test('is tagged again by its label, with the uid of the new account', async () => {
    const { metadata } = Object(
      await merge('/api/v1/namespaces/agents/serviceaccounts/bot', { metadata: { labels: tag } }),
    )
    await conditionIs('agents.bot', 'Tagged', 'True Labelled')
    expect((await get(identityPath('agents.bot'))).status.subjectUID).toBe(metadata.uid)
  })

  test('of a tagged namespace is gated by the namespace, also when the namespace is gone', async () => {
    await makeNamespace('robots', tag)
    await conditionIs('namespace.robots', 'Gated', 'True Propagated')
    expect(await gates('startsWith(\\"system:serviceaccount:robots:\\")')).toBe(true)
    await removeNamespace('robots')
    await conditionIs('namespace.robots', 'Tagged', 'False TagGone')
    expect(await condition('namespace.robots', 'Gated')).toBe('True Propagated')
    expect(operator.keepers.isAgent('system:serviceaccount:robots:any', [])).toBe(true)
  })

  test('of a namespace that is never gated is told of, and left alone', async () => {
    await makeAccount('kube-system', 'bot', tag)
    await until('there is an alarm', () => eventCount('TaggedButNeverGated') === 1)
    expect(await exists(identityPath('kube-system.bot'))).toBe(false)
  })

  test('whose identity somebody makes in such a namespace is told of, and left alone', async () => {
    const subject = { serviceAccount: { namespace: 'kube-system', name: 'made' } }
    await post(`${ours}/namespaces/countersign-system/agentidentities`, {
      apiVersion: 'countersign.dev/v1alpha1',
      kind: 'AgentIdentity',
      metadata: { name: 'kube-system.made' },
      spec: { subject },
    })
    await until('there is an alarm', () => eventCount('NeverGated') === 1)
    await conditionIs('kube-system.made', 'Gated', 'False NotInConfiguration')
    expect(await gates('kube-system')).toBe(false)
    await remove(identityPath('kube-system.made'))
  })

  test('is bound to the role of agents, and has a share of the API server with all others', async () => {
    await until('the binding has three subjects', async () => (await get(binding)).subjects?.length === 3)
    expect((await get(binding)).subjects).toEqual([
      { kind: 'ServiceAccount', namespace: 'agents', name: 'bot' },
      { kind: 'ServiceAccount', namespace: 'agents', name: 'second' },
      { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:serviceaccounts:robots' },
    ])
    await until(
      'the flow schema has three subjects',
      async () => (await get(flow)).spec.rules?.[0].subjects.length === 3,
    )
    expect((await get(flow)).spec.rules[0].subjects).toEqual([
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'agents', name: 'bot' } },
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'agents', name: 'second' } },
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'robots', name: '*' } },
    ])
  })

  test('is gated no more when a person deletes its identity', async () => {
    await remove('/api/v1/namespaces/agents/serviceaccounts/second')
    await conditionIs('agents.second', 'Tagged', 'False TagGone')
    await remove(identityPath('agents.second'))
    await until('it is not in the configuration', async () => !(await gates('agents:second')))
    await until('nor in the binding', async () => (await get(binding)).subjects.length === 2)
    await until('nor in the flow schema', async () => (await get(flow)).spec.rules[0].subjects.length === 2)
    expect(await condition('agents.bot', 'Gated')).toBe('True Propagated')
  })
})

/** There is no controller here that ends namespaces. */
async function removeNamespace(name: string): Promise<void> {
  await remove(`/api/v1/namespaces/${name}`)
  const namespace = await get(`/api/v1/namespaces/${name}`)
  const body = { ...namespace, spec: { finalizers: [] } }
  await stage.admin.must({ method: 'PUT', path: `/api/v1/namespaces/${name}/finalize`, body })
}

type Webhooks = { readonly [key: string]: unknown }[]

describe('the webhook configuration', () => {
  test.each<[string, (webhooks: Webhooks) => object]>([
    ['a condition that is never true', ([first]) => [withCondition(first)]],
    ['a namespace selector', ([first]) => [{ ...first, namespaceSelector: { matchLabels: { no: 'where' } } }]],
    ['an object selector', ([first]) => [{ ...first, objectSelector: { matchLabels: { no: 'thing' } } }]],
    ['the failure policy Ignore', ([first]) => [{ ...first, failurePolicy: 'Ignore' }]],
    ['no rules', ([first]) => [{ ...first, rules: [] }]],
    [
      'another authority',
      ([first]) => [{ ...first, clientConfig: { ...Object(first)['clientConfig'], caBundle: otherBundle } }],
    ],
    ['a shorter timeout', ([first]) => [{ ...first, timeoutSeconds: 1 }]],
    ['another webhook', ([first]) => [first, { ...first, name: 'another.example.com' }]],
    ['no webhook', () => []],
  ])('into which somebody writes %s is healed, with an alarm', async (...[, change]) => {
    const before = await get(configuration)
    const alarms = eventCount('GateChangedByOthers')
    const changed = await stage.admin.must({
      method: 'PUT',
      path: configuration,
      body: { ...before, webhooks: change(before.webhooks) },
    })
    expect(Object(changed).webhooks ?? []).not.toEqual(before.webhooks)
    await until('it is as it was', async () => (await gateText()) === JSON.stringify(before.webhooks), 2_000)
    await until('there is an alarm', () => eventCount('GateChangedByOthers') === alarms + 1)
  })

  test('keeps the labels of others, and is left alone while nothing is wrong', async () => {
    await merge(configuration, { metadata: { labels: { team: 'blue' } } })
    const { metadata } = await get(configuration)
    const before = operator.facts.length
    await until('the gate was looked at twice more', () => {
      const later = operator.facts.slice(before)
      return later.filter((fact) => fact.fact === 'Kept' && fact.keeper === 'gate').length >= 2
    })
    expect((await get(configuration)).metadata).toEqual(metadata)
  })

  test('stays filled when no webhook is ready any more, also for an operator that starts then', async () => {
    await remove('/apis/coordination.k8s.io/v1/namespaces/countersign-system/leases/countersign-webhook-a')
    await conditionIs('agents.bot', 'Gated', 'True Propagated')
    const text = await gateText()
    const { lastTransitionTime } = await gatedCondition('agents.bot')
    await operator.stop()
    const before = await get(configuration)
    await stage.admin.must({ method: 'PUT', path: configuration, body: { ...before, webhooks: [] } })
    operator = await startOperator(stage, 'operator-2')
    await until('it is filled again', async () => (await gateText()) === text)
    expect(lastTransitionTime).toMatch(/Z$/)
  })

  test('does not make agents wait again when another operator takes over', async () => {
    const haveLooked = (): boolean => operator.facts.filter((fact) => fact.fact === 'Kept').length > 10
    await until('the keepers before have looked', haveLooked)
    await conditionIs('agents.bot', 'Gated', 'True Propagated')
    const before = await gatedCondition('agents.bot')
    await operator.stop()
    operator = await startOperator(stage, 'operator-3')
    await until('its keepers have looked', haveLooked)
    expect(await gatedCondition('agents.bot')).toEqual(before)
  })
})

async function gatedCondition(identity: string) {
  const { conditions } = (await get(identityPath(identity))).status
  return conditions.find((one: { type: string }) => one.type === 'Gated')
}

function withCondition(webhook: Webhooks[number] | undefined): object {
  const conditions = Object(webhook)['matchConditions']
  return { ...webhook, matchConditions: [...conditions, { name: 'never', expression: 'false' }] }
}

describe('users and groups that the configuration names', () => {
  test('are agents, and stay agents when the configuration names them no more', async () => {
    await operator.stop()
    operator = await startOperator(stage, 'operator-4', {
      agents: { users: ['ci@example.com', 'system:node:one'], groups: ['bots'] },
    })
    await until('there are identities', async () => (await configuredIdentities()).length === 2)
    await until('they are gated', async () => (await gates('ci@example.com')) && (await gates('bots')))
    const names = await configuredIdentities()
    for (const name of names) await conditionIs(name, 'Tagged', 'True Configured')
    expect(operator.keepers.isAgent('someone', ['bots'])).toBe(true)
    expect(eventCount('TaggedButNeverGated')).toBe(2)
    await operator.stop()
    operator = await startOperator(stage, 'operator-5')
    for (const name of names) await conditionIs(name, 'Tagged', 'False TagGone')
    expect(await gates('ci@example.com')).toBe(true)
  })
})

async function configuredIdentities(): Promise<readonly string[]> {
  const { items } = await get(`${ours}/namespaces/countersign-system/agentidentities`)
  const all: readonly { readonly metadata: { readonly name: string } }[] = items
  return all.map(({ metadata }) => metadata.name).filter((name) => /^(?:user|group)\./.test(name))
}

describe('a policy', () => {
  const policy = (name: string, spec: object = {}): object => ({
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['*'], operations: ['DELETE'], resources: ['deployments'] },
        ],
      },
      effect: 'RequireApproval',
      ...spec,
    },
  })
  const status = async (name: string) => {
    const { metadata, status: found = {} } = await get(`${ours}/approvalpolicies/${name}`)
    const conditions = (found.conditions ?? []).map(
      (one: { type: string; status: string; reason: string }) => `${one.type} ${one.status} ${one.reason}`,
    )
    return { isCurrent: found.observedGeneration === metadata.generation, conditions }
  }
  const says = async (name: string, ...conditions: readonly string[]): Promise<void> => {
    let last = {}
    const isSo = async (): Promise<boolean> => {
      const found = await status(name)
      last = found
      return found.isCurrent && JSON.stringify(found.conditions) === JSON.stringify(conditions)
    }
    await until(`${name} says ${conditions.join()}`, isSo).catch((error: unknown) => {
      throw new Error(`${String(error)}; it says ${JSON.stringify(last)}`)
    })
  }

  test('says that it can be evaluated, and which group is missing, until that is made', async () => {
    await post(`${ours}/approvalpolicies`, policy('deletes'))
    await says('deletes', 'Ready True Valid', 'GroupsFound False GroupNotFound')
    await stage.plane.kubectl(['apply', '-f', 'manifests/approvers.yaml'])
    await says('deletes', 'Ready True Valid', 'GroupsFound True AllFound')
  })

  test('says what is wrong with it', async () => {
    await post(`${ours}/approvalpolicies`, policy('broken', { matchConditions: [{ name: 'x', expression: 'true' }] }))
    await says('broken', 'Ready False PolicyError', 'GroupsFound True AllFound')
    await merge(`${ours}/approvalpolicies/broken`, { spec: { matchConditions: null } })
    await says('broken', 'Ready True Valid', 'GroupsFound True AllFound')
  })
})

describe('when time passes', () => {
  test('certificates follow each other, and each that is served is trusted by the configuration', async () => {
    await operator.stop()
    // Every certificate is due to be replaced from its issue on.
    const certificates = { renewAt: 1e-9, renewSpread: 0, overlapSeconds: 0.3, dropSeconds: 0.3 }
    operator = await startOperator(stage, 'operator-6', { certificates })
    const served = new Set<string>()
    await until('three have been served', async () => {
      const before = await tlsEntry('tls.crt')
      const [webhook] = (await get(configuration)).webhooks
      if ((await tlsEntry('tls.crt')) !== before) return false
      const trusted = Buffer.from(webhook.clientConfig.caBundle, 'base64').toString()
      expect(isIssuedByOne(before, trusted)).toBe(true)
      served.add(before)
      return served.size === 3
    })
    expect(eventCount('GateChangedByOthers')).toBe(0)
  })

  test('keys follow each other; those on which an undecided request rests stay, the others go', async () => {
    await operator.stop()
    const first = await currentKey('digest')
    const webhook = await stage.as('countersign-system/countersign-webhook')
    const request = sampleRequest('apr-rests')
    for (const action of request.spec.actions) action.digestKeyID = first
    const path = `${ours}/namespaces/countersign-system/approvalrequests`
    await webhook.must({ method: 'POST', path, body: request })
    const keys = { rotateSeconds: 0.6, publishSeconds: 0.3, dropSeconds: 0.3 }
    operator = await startOperator(stage, 'operator-7', { keys })
    const seen = new Set<string>()
    await until('three keys have come after it, and two have gone', async () => {
      seen.add(await currentKey('digest'))
      const { data } = await get(`${records}/secrets/countersign-digest`)
      return [...seen].filter((id) => !(id in data)).length >= 2
    })
    const { data } = await get(`${records}/secrets/countersign-digest`)
    expect(data[first]).toBeDefined()
    const record = await operator.keepers.sign('{}')
    const trusted = operator.keepers.verifying()
    if (record === undefined || trusted === undefined) throw new Error('there is no key')
    expect(await verifyRecord(trusted, record)).toMatchObject({ payload: '{}' })
  })
})

const tlsEntry = async (entry: string): Promise<string> => {
  const { data } = await get(`${records}/secrets/countersign-tls`)
  return Buffer.from(data[entry], 'base64').toString()
}

const currentKey = async (ring: string): Promise<string> => {
  const { data } = await get(`${records}/secrets/countersign-${ring}`)
  return Buffer.from(data.current, 'base64').toString()
}

function isIssuedByOne(certificate: string, authorities: string): boolean {
  const leaf = new X509Certificate(certificate)
  const blocks = authorities.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  return blocks.some((block) => leaf.verify(new X509Certificate(block).publicKey))
}

describe('of two operators', () => {
  test('each says which keys it knows while it runs, and nothing afterwards', async () => {
    const path = (name: string): string =>
      `/apis/coordination.k8s.io/v1/namespaces/countersign-system/leases/countersign-operator-${name}`
    const other = await startOperator(stage, 'operator-short')
    try {
      await until('there is a Lease of it', () => exists(path('operator-short')))
      const known = (await get(path('operator-short'))).metadata.annotations['countersign.dev/key-ids'].split(',')
      expect(known).toContain(await currentKey('digest'))
      expect(known).toContain(await currentKey('evidence'))
      expect(known).toContain(await currentKey('handle'))
    } finally {
      await other.stop()
    }
    expect(await exists(path('operator-short'))).toBe(false)
    expect(await exists(path('operator-7'))).toBe(true)
  })

  test('one keeps, and the other goes on when it ends, knowing the keys all the time', async () => {
    const other = await startOperator(stage, 'operator-8')
    try {
      await until('the other knows the keys', () => other.keepers.checks().every(({ ok }) => ok))
      expect([operator.leads(), other.leads()]).toEqual([true, false])
      expect(await other.keepers.sign('{}')).toBeDefined()
      expect(other.facts.filter((fact) => fact.fact === 'Kept')).toEqual([])
      await operator.stop()
      await makeAccount('agents', 'third', tag)
      await conditionIs('agents.third', 'Gated', 'True Propagated')
      expect(other.leads()).toBe(true)
    } finally {
      operator = other
    }
  })
})

describe('the owner of an agent', () => {
  test('is known as soon as a group lists him', async () => {
    const path = '/api/v1/namespaces/agents/serviceaccounts/bot'
    await merge(path, { metadata: { annotations: { 'countersign.dev/owner': 'bo' } } })
    await conditionIs('agents.bot', 'Owned', 'False UnknownOwner')
    const groups = `${ours}/approvergroups`
    const body = { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApproverGroup', metadata: { name: 'owners' } }
    await post(groups, { ...body, spec: { people: [{ name: 'bo', kubernetesUser: 'bo' }] } })
    await conditionIs('agents.bot', 'Owned', 'True Annotated')
    expect((await get(identityPath('agents.bot'))).status.owner).toBe('bo')
    await merge(path, { metadata: { annotations: { 'countersign.dev/owner': null } } })
    await conditionIs('agents.bot', 'Owned', 'False NoOwner')
    expect((await get(identityPath('agents.bot'))).status.owner).toBeUndefined()
  })
})

describe('what is missing', () => {
  test('is told of, and holds up nothing else', async () => {
    await operator.stop()
    await remove(flow)
    await remove(binding)
    await remove(`${records}/secrets/countersign-handle`)
    await withoutRight('approvalpolicies')
    operator = await startOperator(stage, 'operator-9')
    await makeAccount('agents', 'fourth', tag)
    await conditionIs('agents.fourth', 'Gated', 'True Propagated')
    await until('it is told of', () =>
      ['FlowSchemaMissing', 'RoleBindingMissing', 'SecretMissing'].every((event) => eventCount(event) === 1),
    )
    const unread = operator.keepers.checks().filter(({ ok }) => !ok)
    expect(unread.map(({ name }) => name)).toEqual(['watch-approvalpolicies'])
  })

  test('nobody is gated without the configuration, and all are again when it is back', async () => {
    await remove(configuration)
    await until('it is told of', () => eventCount('GateMissing') === 1)
    await conditionIs('agents.fourth', 'Gated', 'False NotInConfiguration')
    const [path = ''] = configuration.split('/countersign')
    await post(path, { metadata: { name: 'countersign' } })
    await conditionIs('agents.fourth', 'Gated', 'True Propagated')
  })
})

/** Takes a right from the operator, as an installation of another version might. */
async function withoutRight(resource: string): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/countersign-operator'
  const role = await get(path)
  const rules = role.rules.map((rule: { readonly resources: readonly string[] }) => ({
    ...rule,
    resources: rule.resources.filter((one) => one !== resource),
  }))
  await stage.admin.must({ method: 'PUT', path, body: { ...role, rules } })
}
