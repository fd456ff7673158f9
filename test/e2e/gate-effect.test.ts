import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { approving, counted, gateConfigMaps, heard, outcomeOf, policy } from './gate-probe.ts'
import { startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'
import { until } from '../until.ts'

let gate: Gate

jest.setTimeout(120_000)

beforeAll(async () => {
  gate = await startGate()
  const labels = { case: 'shop' }
  await gateConfigMaps(gate, { shop: {} })
  const resourceRules = [
    {
      apiGroups: [''],
      apiVersions: ['*'],
      resources: ['secrets', 'services'],
      operations: ['CREATE', 'UPDATE', 'DELETE'],
    },
    {
      apiGroups: ['apps', 'batch'],
      apiVersions: ['*'],
      resources: ['deployments', 'jobs'],
      operations: ['CREATE', 'UPDATE', 'DELETE'],
    },
  ]
  const matchConstraints = { resourceRules, namespaceSelector: { matchLabels: labels } }
  await gate.apply(policy('shop-more', { matchConstraints, effect: 'RequireApproval' }))
  await heard(gate, ['create', 'secret', 'generic', 'probe', '-n', 'shop'], 'the real command waits')
})

afterAll(async () => {
  await gate.stop()
})

const container = { name: 'main', image: 'registry.example/shop:1', env: [{ name: 'MODE', value: 'blue' }] }
const template = { metadata: { labels: { app: 'shop' } }, spec: { containers: [container] } }

function deployment(more: object = {}, name = 'shop'): object {
  const spec = { replicas: 2, selector: { matchLabels: { app: 'shop' } }, template, ...more }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop' }, spec }
}

function object(kind: string, more: object): object {
  return { apiVersion: 'v1', kind, metadata: { name: 'shop', namespace: 'shop', labels: { tier: 'gold' } }, ...more }
}

function service(targetPort: number): object {
  return object('Service', { spec: { selector: { app: 'shop' }, ports: [{ port: 80, targetPort }] } })
}

const job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'once', namespace: 'shop' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
}

type Case = {
  readonly what: string
  readonly args: readonly string[]
  readonly manifest: object
  readonly outcome?: string
}

/** In this order: each works on what the one before has left. */
const cases: readonly Case[] = [
  { what: 'create a Deployment', args: ['create', '-f', '-'], manifest: deployment() },
  { what: 'apply over it', args: ['apply', '-f', '-'], manifest: deployment({ replicas: 3, minReadySeconds: 5 }) },
  {
    what: 'create by an apply of the server',
    args: ['apply', '--server-side', '-f', '-'],
    manifest: deployment({ paused: true }, 'served'),
  },
  {
    what: 'apply by the server',
    args: ['apply', '--server-side', '-f', '-'],
    manifest: deployment({ replicas: 4 }, 'served'),
  },
  { what: 'create a Job', args: ['create', '-f', '-'], manifest: job },
  {
    what: 'create a Service',
    args: ['create', '-f', '-'],
    manifest: service(8080),
  },
  { what: 'replace it', args: ['replace', '-f', '-'], manifest: service(8081) },
  {
    what: 'create a ConfigMap',
    args: ['create', '-f', '-'],
    manifest: object('ConfigMap', { data: { 'a.b': 'x\ny\n' } }),
    outcome: 'Unobservable',
  },
  {
    what: 'create a Secret',
    args: ['create', '-f', '-'],
    manifest: object('Secret', { data: { password: 'aHVudGVyMg==' } }),
    outcome: 'Unobservable',
  },
]

/** Seconds from the vote to the end of the command, and the bound for a machine that has other things to do. */
const longestSeconds = 10

const observed = (name: string): Promise<string> =>
  gate.admin(['get', 'deployment', name, '-n', 'shop', '-o', 'jsonpath={.status.observedGeneration}'])

describe('after an approval the object is exactly what was approved', () => {
  test.each(cases)('$what', async ({ args, manifest, outcome = 'Executed' }) => {
    const before = (await gate.requests()).length
    const input = JSON.stringify(manifest)
    const { result, calls } = await counted(gate, () => gate.answered(args, 'Approve', { input }))
    expect(result.code === 0 ? '' : result.stderr).toBe('')
    expect(result.seconds).toBeLessThan(longestSeconds)
    expect(calls).toBeLessThanOrEqual(2)
    const { items } = JSON.parse(await gate.admin(['get', '-f', '-', '-o', 'json'], input))
    expect(items).toMatchObject([manifest])
    expect(await gate.requests()).toHaveLength(before + 1)
    const { name } = result.request.metadata
    expect(await outcomeOf(gate, name)).toBe(outcome)
    const { status } = await gate.request(name)
    expect(status).toMatchObject({ decision: 'Approved', decidedBy: 'alice' })
    expect(status?.grant?.claims).toHaveLength(1)
  })

  test('a delete deletes this object alone', async () => {
    const { code, request } = await gate.answered(['delete', 'deployment', '-n', 'shop', 'shop'], 'Approve')
    expect(code).toBe(0)
    expect(await outcomeOf(gate, request.metadata.name)).toBe('Executed')
    expect(await gate.admin(['get', 'deployment,job,service', '-n', 'shop', '-o', 'name'])).toBe(
      'deployment.apps/served\njob.batch/once\nservice/shop\n',
    )
  })

  test('kubectl gives an object of its client to the server in five changes, and each is asked for and used once', async () => {
    await gate.admin(['apply', '-f', '-'], JSON.stringify(deployment({ minReadySeconds: 1 }, 'moved')))
    const input = JSON.stringify(deployment({ replicas: 5 }, 'moved'))
    const apply = ['apply', '--server-side', '--force-conflicts', '-f', '-']
    const { code, stderr, asked } = await approving(gate, () => gate.agent(apply, { input }))
    expect(code === 0 ? '' : stderr).toBe('')
    expect(asked).toHaveLength(5)
    for (const { metadata } of asked) expect((await gate.request(metadata.name)).status?.grant?.claims).toHaveLength(1)
    const { spec } = JSON.parse(await gate.admin(['get', 'deployment', '-n', 'shop', 'moved', '-o', 'json']))
    expect(spec).toMatchObject({ replicas: 5 })
    expect(spec.minReadySeconds).toBeUndefined()
  })

  test('those who are asked see what stands around the target, and what was asked before', async () => {
    await gate.admin(['apply', '-f', '-'], JSON.stringify(deployment({ replicas: 0 }, 'seen')))
    await gate.admin(['create', 'service', 'clusterip', 'front', '-n', 'shop', '--tcp=80'])
    await gate.admin(['set', 'selector', 'service', 'front', '-n', 'shop', 'app=shop'])
    await gate.admin(['create', 'pdb', 'guard', '-n', 'shop', '--selector=app=shop', '--min-available=1'])
    await until('the controller has seen it', async () => (await observed('seen')) !== '', 30_000)
    const removal = ['delete', 'deployment', 'seen', '-n', 'shop']
    expect(await gate.answered(removal, 'Deny', { comment: 'not now' })).toMatchObject({ code: 1 })
    const { request } = await gate.answered(['delete', 'deployment', 'served', '-n', 'shop'], 'Deny', { comment: 'no' })
    const first = (await gate.requests()).find(({ spec }) => spec.summary.includes('shop/seen'))
    const second = await gate.request(request.metadata.name)
    expect(first?.status?.context?.effects).toEqual([
      'No pod of it runs now.',
      'Service front sends its traffic to these pods.',
      'Service shop sends its traffic to these pods.',
      'PodDisruptionBudget guard does not prevent this.',
      'Kubernetes cannot undo it.',
    ])
    expect(second.status?.context?.similar?.[0]).toMatchObject({
      decision: 'Denied',
      decidedBy: 'alice',
      comment: 'not now',
    })
  })

  test('a denied change leaves the object as it was', async () => {
    const before = await gate.admin(['get', 'service', '-n', 'shop', 'shop', '-o', 'json'])
    const patch = ['patch', 'service', 'shop', '-n', 'shop', '-p', '{"spec":{"sessionAffinity":"ClientIP"}}']
    expect(await gate.answered(patch, 'Deny', { comment: 'no' })).toMatchObject({ code: 1 })
    expect(await gate.admin(['get', 'service', '-n', 'shop', 'shop', '-o', 'json'])).toBe(before)
  })
})
