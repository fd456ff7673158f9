import { describe, expect, test } from '@jest/globals'
import { looksOf } from '../../src/domain/around.ts'
import type { Around } from '../../src/domain/around.ts'
import { effectsAround } from '../../src/domain/effects-around.ts'
import type { JsonObject } from '../../src/domain/json.ts'
import type { RequestedAction } from '../../src/domain/kinds.ts'
import { readPrinted } from '../../src/domain/printed-yaml.ts'
import { request } from '../make-request.ts'

function actionOf(changes: Partial<RequestedAction> = {}): RequestedAction {
  const [action] = request().spec.actions
  if (action === undefined) throw new Error('the sample has no action')
  return { ...action, ...changes }
}

const resource = (group: string, plural: string, subresource = ''): RequestedAction['resource'] => ({
  group,
  version: 'v1',
  resource: plural,
  subresource,
})

const removal = actionOf({
  operation: 'Delete',
  resource: resource('apps', 'deployments'),
  namespace: 'prod',
  name: 'web',
})
const change = { ...removal, operation: 'Update' } as const
const computed = ['Its 3 replicas stop.', 'Kubernetes cannot undo it.']

const web: JsonObject = {
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'prod' },
  spec: { template: { metadata: { labels: { app: 'web', tier: 'front' } } } },
  status: { observedGeneration: 4, readyReplicas: 3 },
}
const service = (name: string, selector?: JsonObject): JsonObject => ({ metadata: { name }, spec: { selector } })
const budget = (name: string, matchLabels: JsonObject): JsonObject => ({
  metadata: { name },
  spec: { selector: { matchLabels } },
  status: { disruptionsAllowed: 0 },
})
const scaler = (name: string, kind: string, target: string): JsonObject => ({
  metadata: { name },
  spec: { scaleTargetRef: { kind, name: target }, minReplicas: 4, maxReplicas: 10 },
})

describe('what an action does, by what stands around its target', () => {
  test.each<readonly [string, RequestedAction, Around, readonly string[]]>([
    ['nothing was seen: as the request alone tells it', removal, {}, computed],
    ['pods run: they are counted', removal, { target: web }, ['3 running pods stop.', 'Kubernetes cannot undo it.']],
    [
      'none runs though replicas are asked for',
      removal,
      { target: { ...web, status: { observedGeneration: 4 } } },
      ['No pod of it runs now.', 'Kubernetes cannot undo it.'],
    ],
    ['no controller has written a status: nothing is claimed', removal, { target: { ...web, status: {} } }, computed],
    [
      'services pick its pods; those that pick others, or nothing, are not named',
      removal,
      {
        target: web,
        services: [
          service('web', { app: 'web' }),
          service('api', { app: 'api' }),
          service('none', {}),
          service('bare'),
        ],
      },
      ['3 running pods stop.', 'Service web sends its traffic to these pods.', 'Kubernetes cannot undo it.'],
    ],
    [
      'a budget does not hold a delete back',
      removal,
      { target: web, budgets: [budget('web-pdb', { app: 'web' }), budget('other', { app: 'api' })] },
      ['3 running pods stop.', 'PodDisruptionBudget web-pdb does not prevent this.', 'Kubernetes cannot undo it.'],
    ],
    [
      'somebody else keeps it',
      removal,
      { target: { ...web, metadata: { name: 'web', labels: { 'argocd.argoproj.io/instance': 'shop' } } } },
      ['3 running pods stop.', 'Kubernetes cannot undo it.', 'Managed by Argo CD: it may be created again.'],
    ],
    [
      'an autoscaler sets the replicas',
      change,
      { target: web, autoscalers: [scaler('web', 'Deployment', 'web'), scaler('x', 'StatefulSet', 'web')] },
      ['HorizontalPodAutoscaler web (4–10) sets the replicas.', ...computed],
    ],
    [
      'an eviction is held back by a budget that allows none',
      actionOf({ operation: 'Create', resource: resource('', 'pods', 'eviction'), name: 'web-1', namespace: 'prod' }),
      { target: { metadata: { name: 'web-1', labels: { app: 'web' } } }, budgets: [budget('web-pdb', { app: 'web' })] },
      ['PodDisruptionBudget web-pdb allows 0 disruptions now.', ...computed],
    ],
  ])('%s', (_what, action, around, expected) => {
    expect(effectsAround(action, computed, around)).toEqual(expected)
  })

  test('that no pod runs is said once', () => {
    const none = { ...web, status: { observedGeneration: 4 } }
    const told = effectsAround(removal, ['It has 0 replicas: no pod of it runs.'], { target: none })
    expect(told).toEqual(['No pod of it runs now.'])
  })

  test('a pod in which a command is run: its Secrets, its account, its privileges', () => {
    const pod: JsonObject = {
      metadata: { name: 'psql-0', namespace: 'prod' },
      spec: {
        serviceAccountName: 'psql',
        volumes: [{ secret: { secretName: 'tls' } }, { hostPath: { path: '/' } }],
        containers: [
          {
            env: [{ valueFrom: { secretKeyRef: { name: 'db-credentials' } } }],
            envFrom: [{ secretRef: { name: 'tls' } }],
            securityContext: { privileged: true },
          },
        ],
      },
    }
    const exec = actionOf({ operation: 'Connect', resource: resource('', 'pods', 'exec'), name: 'psql-0' })
    expect(effectsAround(exec, [], { target: pod })).toEqual([
      'The pod can use Secrets prod/tls, prod/db-credentials.',
      'It acts as service account prod/psql.',
      'A container of it is privileged: what runs there owns the node.',
      'It sees files of the node.',
    ])
  })

  const binding = actionOf({ operation: 'Create', resource: resource('rbac.authorization.k8s.io', 'rolebindings') })
  const unseen = 'What the role holds was not looked at; it can change after approval.'
  const rule = (verbs: string[], resources: string[], apiGroups = ['']): JsonObject => ({ verbs, resources, apiGroups })

  test.each<readonly [string, readonly JsonObject[], string]>([
    ['everything', [rule(['*'], ['*'], ['*'])], 'The role holds now: everything.'],
    [
      'grave rights, the gravest first',
      [rule(['get'], ['configmaps', 'secrets']), rule(['impersonate'], ['users']), rule(['create'], ['pods/exec'])],
      'The role holds now: act as other users, groups or service accounts; read Secrets; run commands in pods.',
    ],
    ['nothing grave', [rule(['get'], ['configmaps'])], 'The role holds now: 1 rule, none of them among the gravest.'],
  ])('a role that holds %s', (_what, rules, words) => {
    expect(effectsAround(binding, [unseen], { role: { rules } })).toEqual([
      words,
      'What the role holds can change after approval.',
    ])
  })

  test('names that agents choose are inert, and no effect is longer than the schema takes', () => {
    const target = { ...web, metadata: { name: 'web' } }
    const services = [service(`a\u202eb${'x'.repeat(400)}`, { app: 'web' })]
    const [, told = ''] = effectsAround(removal, [], { target, services })
    expect(told).toContain('\\u{202e}')
    expect(told.length).toBeLessThanOrEqual(256)
  })
})

describe('what is looked at', () => {
  test('a workload that goes: itself, and services, budgets and autoscalers of its namespace', () => {
    const { target, role, lists } = looksOf(removal, undefined)
    expect(target).toMatchObject({ resource: 'deployments', namespace: 'prod', name: 'web' })
    expect([role, Object.keys(lists)]).toEqual([undefined, ['services', 'budgets', 'autoscalers']])
  })

  test('what is new has no target, a Secret is never read', () => {
    expect(looksOf(actionOf({ operation: 'Create', resource: resource('apps', 'deployments') }), undefined)).toEqual({
      target: undefined,
      role: undefined,
      lists: {},
    })
    expect(
      looksOf(actionOf({ operation: 'Delete', resource: resource('', 'secrets') }), undefined).target,
    ).toBeUndefined()
  })

  test.each([
    ['Role', 'roles', 'prod'],
    ['ClusterRole', 'clusterroles', ''],
  ])('the %s of a binding', (kind, plural, namespace) => {
    const document = readPrinted(['roleRef:', `  kind: ${kind}`, '  name: edit'])
    const binding = actionOf({
      operation: 'Create',
      resource: resource('rbac.authorization.k8s.io', 'rolebindings'),
      namespace: 'prod',
    })
    expect(looksOf(binding, document).role).toMatchObject({ resource: plural, namespace, name: 'edit' })
  })
})
