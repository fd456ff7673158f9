import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { readDefinitions } from '../../crds/schema.ts'
import { mergePatch } from '../crds/api-client.ts'
import { sampleRequest } from '../crds/sample-request.ts'
import { send, tryOut, untilRefused } from '../manifests/attempt.ts'
import type { Attempt } from '../manifests/attempt.ts'
import { makeAccounts, records, startInstalled } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'

jest.setTimeout(60_000)

let stage: Stage
beforeAll(async () => {
  stage = await startInstalled(process.env)
  await makeAccounts(stage, ['agents/bot', 'agents/other', 'plain/ci'])
  await bind('countersign-agents', 'agents/bot')
  await bind('countersign-approvers', 'plain/ci')
  await until(
    'the agents may read',
    async () => (await tryOut(stage, read('agents/bot', 'approvalrequests'))) === 'allowed',
  )
}, 60_000)
afterAll(() => stage.stop(), 60_000)

const operator = `${records}/countersign-operator`
const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${records}`
const ours = `/apis/countersign.dev/v1alpha1/namespaces/${records}`

/** Gives a role of the records to an account: that of agents as the operator does it. */
async function bind(role: string, who: string): Promise<void> {
  const [namespace, name] = who.split('/')
  const subjects = [{ kind: 'ServiceAccount', namespace, name }]
  if (role === 'countersign-agents') {
    const client = await stage.as(operator)
    const path = `${rbac}/rolebindings/${role}`
    const live = Object(await client.must({ method: 'GET', path }))
    await client.must({ method: 'PUT', path, body: { ...live, subjects } })
  } else {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role }
    const body = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: role },
      roleRef,
      subjects,
    }
    await stage.admin.must({ method: 'POST', path: `${rbac}/rolebindings`, body })
  }
}

const read = (who: string, resource: string): Attempt => ({ who, method: 'GET', path: `${ours}/${resource}` })

/** Resources, with the names if only by name, and the verbs. */
type Rights = Readonly<Record<string, string>>

const targets: Rights = {
  namespaces: 'get',
  nodes: 'get',
  persistentvolumeclaims: 'get',
  persistentvolumes: 'get',
  pods: 'get',
  replicationcontrollers: 'get',
  'replicationcontrollers/scale': 'get',
  serviceaccounts: 'get',
  services: 'get',
  'apps/daemonsets': 'get',
  'apps/deployments': 'get',
  'apps/deployments/scale': 'get',
  'apps/replicasets': 'get',
  'apps/replicasets/scale': 'get',
  'apps/statefulsets': 'get',
  'apps/statefulsets/scale': 'get',
  'batch/cronjobs': 'get',
  'batch/jobs': 'get',
  'rbac.authorization.k8s.io/clusterrolebindings': 'get',
  'rbac.authorization.k8s.io/clusterroles': 'get',
  'rbac.authorization.k8s.io/rolebindings': 'get',
  'rbac.authorization.k8s.io/roles': 'get',
  'apiextensions.k8s.io/customresourcedefinitions': 'get',
  'apiregistration.k8s.io/apiservices': 'get',
  'admissionregistration.k8s.io/mutatingadmissionpolicies': 'get',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': 'get',
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': 'get',
  'admissionregistration.k8s.io/validatingadmissionpolicies': 'get',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': 'get',
  'admissionregistration.k8s.io/validatingwebhookconfigurations': 'get',
  'certificates.k8s.io/certificatesigningrequests': 'get',
  'argoproj.io/applications': 'get',
  'argoproj.io/applicationsets': 'get',
  'argoproj.io/appprojects': 'get',
  'kustomize.toolkit.fluxcd.io/kustomizations': 'get',
  'helm.toolkit.fluxcd.io/helmreleases': 'get',
  'apiextensions.crossplane.io/compositeresourcedefinitions': 'get',
  'apiextensions.crossplane.io/compositions': 'get',
  'pkg.crossplane.io/configurations': 'get',
  'pkg.crossplane.io/functions': 'get',
  'pkg.crossplane.io/providers': 'get',
}

const byName = (names: readonly string[], verbs: string): Rights =>
  Object.fromEntries(names.map((name) => [`secrets countersign-${name}`, verbs]))

/** Read by everybody who refuses to start on older ones. */
const definitions: Rights = Object.fromEntries(
  readDefinitions('crds').map(({ metadata }) => [
    `apiextensions.k8s.io/customresourcedefinitions ${metadata.name}`,
    'get',
  ]),
)

/** What each may do: in every namespace, and among the records besides. Nothing else, but what every account may. */
const table: Readonly<Record<string, { readonly everywhere: Rights; readonly records: Rights }>> = {
  'countersign-system/countersign-webhook': {
    everywhere: {
      ...targets,
      namespaces: 'get list watch',
      'countersign.dev/approvalchannels': 'list watch',
      'countersign.dev/approvalpolicies': 'list watch',
      'countersign.dev/approvergroups': 'list watch',
    },
    records: {
      'countersign.dev/approvalrequests': 'create get list watch',
      'countersign.dev/approvalrequests/status': 'patch',
      'countersign.dev/agentidentities': 'list watch',
      configmaps: 'create get',
      ...byName(['digest', 'tls', 'trust'], 'get list watch'),
      'coordination.k8s.io/leases': 'create get update',
    },
  },
  'countersign-system/countersign-operator': {
    everywhere: {
      ...targets,
      namespaces: 'get list watch',
      serviceaccounts: 'get list watch',
      'countersign.dev/approvalchannels': 'get list watch',
      'countersign.dev/approvalchannels/status': 'patch',
      'countersign.dev/approvalpolicies': 'get list watch',
      'countersign.dev/approvalpolicies/status': 'patch',
      'countersign.dev/approvergroups': 'get list watch',
      'rbac.authorization.k8s.io/clusterrolebindings': 'get list watch',
      'rbac.authorization.k8s.io/clusterroles': 'get list watch',
      'rbac.authorization.k8s.io/rolebindings': 'get list watch',
      'rbac.authorization.k8s.io/roles': 'get list watch',
      'authorization.k8s.io/subjectaccessreviews': 'create',
      'admissionregistration.k8s.io/mutatingadmissionpolicies': 'get list watch',
      'admissionregistration.k8s.io/mutatingadmissionpolicybindings': 'get list watch',
      'admissionregistration.k8s.io/mutatingwebhookconfigurations': 'get list watch',
      'admissionregistration.k8s.io/validatingadmissionpolicies': 'get list watch',
      'admissionregistration.k8s.io/validatingadmissionpolicybindings': 'get list watch',
      'admissionregistration.k8s.io/validatingwebhookconfigurations': 'get list watch',
      'admissionregistration.k8s.io/validatingwebhookconfigurations countersign': 'update',
      'flowcontrol.apiserver.k8s.io/flowschemas countersign-agents': 'get update',
      'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations countersign-agents': 'get update',
      services: 'get list',
      'policy/poddisruptionbudgets': 'list',
      'autoscaling/horizontalpodautoscalers': 'list',
      'events.k8s.io/events': 'create patch',
    },
    records: {
      'countersign.dev/approvalrequests': 'delete get list watch',
      'countersign.dev/approvalrequests/status': 'patch',
      'countersign.dev/approvalvotes': 'delete get list watch',
      'countersign.dev/agentidentities': 'create get list update watch',
      'countersign.dev/agentidentities/status': 'patch',
      configmaps: 'delete get list',
      ...byName(['digest', 'evidence', 'gateway-key', 'handle', 'tls', 'trust'], 'get list update watch'),
      ...byName(['teams'], 'get list watch'),
      'coordination.k8s.io/leases': 'create delete get list update watch',
      'rbac.authorization.k8s.io/rolebindings countersign-agents': 'update',
      'rbac.authorization.k8s.io/roles countersign-agents': 'bind',
    },
  },
  'countersign-system/countersign-gateway': {
    everywhere: {
      'countersign.dev/approvalchannels': 'get list watch',
      'countersign.dev/approvalchannels/status': 'patch',
      'countersign.dev/approvergroups': 'get list watch',
      ...definitions,
    },
    records: {
      'countersign.dev/approvalvotes': 'create',
      'countersign.dev/approvalrequests': 'get list watch',
      configmaps: 'get',
      ...byName(['gateway-key', 'handle', 'trust'], 'get list watch'),
    },
  },
  'agents/bot': {
    everywhere: {},
    records: {
      'countersign.dev/approvalrequests': 'get list watch',
      'countersign.dev/agentidentities': 'get list patch watch',
    },
  },
  'plain/ci': {
    everywhere: {},
    records: {
      'countersign.dev/approvalrequests': 'get list watch',
      'countersign.dev/agentidentities': 'get list watch',
      'countersign.dev/approvalvotes': 'create get list watch',
      configmaps: 'get',
    },
  },
  'agents/other': { everywhere: {}, records: {} },
}

type RuleFound = {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** Everything that somebody may do to resources in a namespace, as the API server itself says. */
async function rightsIn(who: string, namespace: string): Promise<Rights> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } }
  const client = await stage.as(who)
  const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
  const { status } = Object(await client.must({ method: 'POST', path, body }))
  expect(status.incomplete).toBe(false)
  const rules: readonly RuleFound[] = status.resourceRules
  return merged(rules.flatMap(rightsOf).filter(([resource]) => !everybodys.includes(resource)))
}

/** What every authenticated user may: look at itself. */
const everybodys = [
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authentication.k8s.io/selfsubjectreviews',
]

function rightsOf(rule: RuleFound): readonly (readonly [string, readonly string[]])[] {
  const names = rule.resourceNames ?? ['']
  return (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      names.map((name) => [`${group === '' ? '' : `${group}/`}${resource} ${name}`.trim(), rule.verbs] as const),
    ),
  )
}

function merged(found: readonly (readonly [string, readonly string[]])[]): Rights {
  const all = Map.groupBy(found, ([resource]) => resource)
  return Object.fromEntries(
    [...all].map(([resource, rules]) => [resource, wordsOf(rules.flatMap(([, verbs]) => verbs))]),
  )
}

const wordsOf = (verbs: readonly string[]): string => [...new Set(verbs)].toSorted().join(' ')

/** Both together, verbs united. */
function united(one: Rights, other: Rights): Rights {
  return merged([...Object.entries(one), ...Object.entries(other)].map(([name, verbs]) => [name, verbs.split(' ')]))
}

describe.each(Object.entries(table))('%s may do', (who, rights) => {
  test('among the records what the table says and nothing more', async () => {
    expect(await rightsIn(who, records)).toEqual(united(rights.everywhere, rights.records))
  })

  test.each(['default', 'kube-system', 'agents'])('in %s what the table says and nothing more', async (namespace) => {
    expect(await rightsIn(who, namespace)).toEqual(rights.everywhere)
  })
})

describe('by name alone:', () => {
  const admission = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
  const flow = '/apis/flowcontrol.apiserver.k8s.io/v1'

  async function fill(path: string, filled: object): Promise<string> {
    const live = Object(await stage.admin.must({ method: 'GET', path }))
    return tryOut(stage, { who: operator, method: 'PUT', path, body: { ...live, ...filled } })
  }

  test('the operator fills the gate, and no other', async () => {
    const body = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'other' },
    }
    await stage.admin.must({ method: 'POST', path: admission, body })
    const clientConfig = { url: 'https://127.0.0.1:1/' }
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }]
    const webhooks = [
      {
        name: 'human-approval.countersign.dev',
        clientConfig,
        rules,
        sideEffects: 'NoneOnDryRun',
        admissionReviewVersions: ['v1'],
      },
    ]
    expect(await fill(`${admission}/countersign`, { webhooks })).toBe('allowed')
    expect(await fill(`${admission}/other`, { webhooks: [] })).toMatch(/^403 .*cannot update resource/)
    expect(await tryOut(stage, { who: operator, method: 'POST', path: admission, body })).toMatch(
      /^403 .*cannot create/,
    )
  })

  test('the operator writes which flow is that of agents, and no other', async () => {
    const subjects = [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'agents', name: 'bot' } }]
    const resourceRules = [
      { verbs: ['create'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true },
    ]
    const { spec } = Object(await stage.admin.must({ method: 'GET', path: `${flow}/flowschemas/countersign-agents` }))
    const filled = { spec: { ...spec, rules: [{ subjects, resourceRules }] } }
    expect(await fill(`${flow}/flowschemas/countersign-agents`, filled)).toBe('allowed')
    expect(await fill(`${flow}/flowschemas/countersign`, {})).toMatch(/^403 .*cannot update/)
    expect(await fill(`${flow}/prioritylevelconfigurations/workload-low`, {})).toMatch(/^403 .*cannot update/)
  })

  test('the operator names agents in their binding, and gives no other role', async () => {
    const path = `${rbac}/rolebindings`
    expect(await fill(`${path}/countersign-agents`, { subjects: [] })).toBe('allowed')
    expect(await fill(`${path}/countersign-gateway`, { subjects: [] })).toMatch(/^403 .*cannot update/)
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'countersign-agents' }
    const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'new' }, roleRef }
    expect(await tryOut(stage, { who: operator, method: 'POST', path, body })).toMatch(/^403 .*cannot create/)
  })

  test.each([
    ['countersign-webhook', 'digest', 'evidence'],
    ['countersign-webhook', 'tls', 'gateway-key'],
    ['countersign-gateway', 'gateway-key', 'evidence'],
    ['countersign-gateway', 'handle', 'digest'],
  ])('%s reads and watches the key %s, not the key %s', async (name, own, foreign) => {
    const who = `${records}/${name}`
    const path = `/api/v1/namespaces/${records}/secrets`
    const get = (key: string): Attempt => ({ who, method: 'GET', path: `${path}/countersign-${key}` })
    const list = (key: string): Attempt => ({
      who,
      method: 'GET',
      path: `${path}?fieldSelector=metadata.name%3Dcountersign-${key}`,
    })
    expect(await send(stage, get(own))).toBe('allowed')
    expect(await send(stage, list(own))).toBe('allowed')
    expect(await send(stage, get(foreign))).toMatch(/^403 /)
    expect(await send(stage, list(foreign))).toMatch(/^403 /)
    expect(await send(stage, { who, method: 'GET', path })).toMatch(/^403 /)
  })
})

describe('an agent, once it is named,', () => {
  test('says why on its own identity and on no other, and opens, decides and votes nothing', async () => {
    const client = await stage.as(operator)
    for (const name of ['bot', 'other']) {
      const spec = { subject: { serviceAccount: { namespace: 'agents', name } } }
      const body = {
        apiVersion: 'countersign.dev/v1alpha1',
        kind: 'AgentIdentity',
        metadata: { name: `agents.${name}` },
        spec,
      }
      await client.must({ method: 'POST', path: `${ours}/agentidentities`, body })
    }
    const why = (name: string): Attempt => ({
      who: 'agents/bot',
      method: 'PATCH',
      path: `${ours}/agentidentities/agents.${name}`,
      type: mergePatch,
      body: { metadata: { annotations: { 'countersign.dev/reason': 'it is stuck' } } },
    })
    await untilRefused(stage, [why('other')])
    expect(await send(stage, why('bot'))).toBe('allowed')
    const open = { who: 'agents/bot', method: 'POST', path: `${ours}/approvalrequests`, body: sampleRequest('apr-own') }
    expect(await send(stage, open)).toMatch(/^403 .*cannot create/)
  })
})
