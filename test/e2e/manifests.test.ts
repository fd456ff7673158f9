import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { mergePatch } from '../crds/api-client.ts'
import { sampleRequest } from '../crds/sample-request.ts'
import { readManifests } from '../manifests/objects.ts'
import { install, kubectl, records, startStage } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'

jest.setTimeout(90_000)

const approvers = 'manifests/approvers.yaml'
const objects = readManifests(install)

let stage: Stage
beforeAll(async () => {
  stage = await startStage(process.env, { controllerManager: true })
}, 60_000)
afterAll(() => stage.stop(), 60_000)

const lines = (text: string): readonly string[] => text.trim().split('\n')

/** Every object as stored, by kind and name. */
async function stored(): Promise<Readonly<Record<string, object>>> {
  const { items } = JSON.parse(await kubectl(stage.plane, ['get', '-f', install, '-o', 'json']))
  const all: readonly { readonly kind: string; readonly metadata: { readonly name: string } }[] = items
  return Object.fromEntries(all.map((item) => [`${item.kind} ${item.metadata.name}`, item]))
}

const versions = (all: Readonly<Record<string, object>>): object =>
  Object.fromEntries(
    Object.entries(all).map(([name, object]) => [
      name,
      Object(object).metadata.generation ?? Object(object).metadata.resourceVersion,
    ]),
  )

/** In this order, on one cluster: one step rests on those before. */
describe('install.yaml', () => {
  test('is created by kubectl create -f on an empty cluster', async () => {
    expect(lines(await kubectl(stage.plane, ['create', '-f', install]))).toHaveLength(objects.length)
    await kubectl(stage.plane, ['wait', 'crd', '--all', '--for=condition=Established', '--timeout=30s'])
    expect(await kubectl(stage.plane, ['apply', '-f', approvers])).toBe(
      'approvergroup.countersign.dev/approvers created\n',
    )
  })

  test.each([
    ['kubectl apply -f', ['apply', '-f']],
    ['kubectl apply --server-side -f', ['apply', '--server-side', '-f']],
  ])(
    'is applied over that by %s, and again without change when the operator and people have filled it',
    async (...[, how]) => {
      await kubectl(stage.plane, [...how, install])
      await fill()
      const before = await stored()
      await kubectl(stage.plane, [...how, install, '-f', approvers])
      const after = await stored()
      expect(Object.keys(before)).toHaveLength(objects.length)
      expect(versions(after)).toEqual(versions(before))
      for (const [name, { filled }] of Object.entries(fillings)) expect(after[name]).toMatchObject(filled)
      expect(await kubectl(stage.plane, ['get', 'apg', 'approvers', '-o', 'jsonpath={.spec}'])).toContain('alice')
    },
  )

  test('has policies in whose expressions the API server finds no mistake of type', async () => {
    // It looks when a policy is new, and without the definitions, which are as new, it does not know our fields.
    await kubectl(stage.plane, ['delete', 'validatingadmissionpolicies', '--all'])
    await kubectl(stage.plane, ['apply', '--server-side', '-f', install])
    await until('all policies are checked', async () => (await checks()).every((check) => check !== undefined), 20_000)
    expect((await checks()).map((check) => check?.expressionWarnings ?? [])).toEqual(
      Array.from({ length: 7 }, () => []),
    )
  })

  test('does not hold up the end of its namespace, with all records', async () => {
    const webhook = await stage.as(`${records}/countersign-webhook`)
    const path = `/apis/countersign.dev/v1alpha1/namespaces/${records}/approvalrequests`
    await webhook.must({ method: 'POST', path, body: sampleRequest('apr-one') })
    await kubectl(stage.plane, ['delete', 'namespace', records, '--timeout=60s'])
  })

  test('is taken away by kubectl delete -f, and nothing is left', async () => {
    // The namespace goes when the API server's own list of resources has caught up with the CRDs' going.
    const args = ['delete', '-f', install, '--ignore-not-found', '--timeout=180s']
    expect(await stage.plane.kubectl(args, { timeoutMs: 200_000 })).toMatchObject({ code: 0 })
    const left = await stage.plane.kubectl(['get', '-f', install, '--ignore-not-found', '-o', 'name'])
    expect(left).toMatchObject({ code: 0, stdout: '' })
  }, 240_000)

  test('is applied by kubectl apply -f on an empty cluster', async () => {
    expect(lines(await kubectl(stage.plane, ['apply', '-f', install]))).toHaveLength(objects.length)
  })
})

type Check = { readonly expressionWarnings?: readonly object[] }

/** What the controller manager found in each policy; undefined before it has looked. */
async function checks(): Promise<readonly (Check | undefined)[]> {
  const { items } = JSON.parse(await kubectl(stage.plane, ['get', 'validatingadmissionpolicies', '-o', 'json']))
  const policies: readonly { readonly status?: { readonly typeChecking?: Check } }[] = items
  return policies.map(({ status }) => status?.typeChecking)
}

const core = `/api/v1/namespaces/${records}`
const admission = '/apis/admissionregistration.k8s.io/v1'
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const flow = '/apis/flowcontrol.apiserver.k8s.io/v1'

const bot = { kind: 'ServiceAccount', namespace: 'agents', name: 'bot' }
const webhooks = [
  {
    name: 'human-approval.countersign.dev',
    clientConfig: { url: 'https://127.0.0.1:1/' },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['pods'] }],
    matchConditions: [{ name: 'agents', expression: 'false' }],
    sideEffects: 'NoneOnDryRun',
    admissionReviewVersions: ['v1'],
  },
]
const flowRules = [
  {
    subjects: [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'agents', name: 'bot' } }],
    resourceRules: [{ verbs: ['create'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
  },
]

/** What the operator writes into objects of the manifest, by the name under which they are stored. */
const fillings: Readonly<Record<string, { readonly path: string; readonly filled: object }>> = {
  'Secret countersign-tls': { path: `${core}/secrets/countersign-tls`, filled: { data: { 'tls.crt': 'Y2VydA==' } } },
  'RoleBinding countersign-agents': {
    path: `${rbac}/namespaces/${records}/rolebindings/countersign-agents`,
    filled: { subjects: [bot] },
  },
  'ValidatingWebhookConfiguration countersign': {
    path: `${admission}/validatingwebhookconfigurations/countersign`,
    filled: { webhooks },
  },
  'FlowSchema countersign-agents': {
    path: `${flow}/flowschemas/countersign-agents`,
    filled: { spec: { priorityLevelConfiguration: { name: 'countersign-agents' }, rules: flowRules } },
  },
}

async function fill(): Promise<void> {
  const client = await stage.as(`${records}/countersign-operator`)
  for (const { path, filled } of Object.values(fillings)) {
    const live = Object(await client.must({ method: 'GET', path }))
    await client.must({
      method: 'PUT',
      path,
      body: { ...live, ...filled, spec: { ...live.spec, ...Object(filled)['spec'] } },
    })
  }
  const body = { spec: { people: [{ name: 'alice', kubernetesUser: 'alice' }] } }
  const path = '/apis/countersign.dev/v1alpha1/approvergroups/approvers'
  await stage.admin.must({ method: 'PATCH', path, type: mergePatch, body })
}
