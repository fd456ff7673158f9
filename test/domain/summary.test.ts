import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { longestSummary, summaryOf } from '../../src/domain/summary.ts'
import {
  action,
  asConfigMap,
  asPod,
  asService,
  asWidget,
  configMap,
  content,
  deployment,
  exact,
  imageB,
  pod,
  service,
  suffixA,
} from '../make.ts'
import type { Request } from '../make.ts'
import { scaled } from '../scale.ts'
import { hostileText } from './arbitrary.ts'

type Plain = Record<string, unknown>

const summary = (request: Request): string => summaryOf(action(request), content(request))

const resource = (plural: string, group = '', version = 'v1'): Plain => ({ group, version, resource: plural })
const connect = (subResource: string, kind: string, changes: Request = {}): Request => ({
  operation: 'CONNECT',
  ...asPod,
  name: 'psql-0',
  subResource,
  kind: { group: '', version: 'v1', kind },
  object: { kind, apiVersion: 'v1', command: ['psql'] },
  ...changes,
})
const scale = (from: unknown, to: unknown, changes: Request = {}): Request => ({
  subResource: 'scale',
  kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  oldObject: { kind: 'Scale', metadata: { uid: 'u' }, spec: { replicas: from } },
  object: { kind: 'Scale', metadata: { uid: 'u' }, spec: { replicas: to } },
  ...changes,
})
const removed = (oldObject: unknown, changes: Request = {}): Request => ({ operation: 'DELETE', oldObject, ...changes })
const changed = (after: unknown, changes: Request = {}): Request => ({
  oldObject: deployment(),
  object: after,
  ...changes,
})
const csr = (conditions: readonly string[]): Plain => ({
  kind: 'CertificateSigningRequest',
  metadata: { name: 'csr-1', uid: 'u' },
  status: { conditions: conditions.map((type) => ({ type, status: 'True' })) },
})
const decided = (before: readonly string[], after: readonly string[]): Request => ({
  resource: resource('certificatesigningrequests', 'certificates.k8s.io'),
  subResource: 'approval',
  kind: { kind: 'CertificateSigningRequest' },
  name: 'csr-1',
  namespace: undefined,
  oldObject: csr(before),
  object: csr(after),
})
const container = (fields: Plain): Plain =>
  deployment({ template: { spec: { containers: [{ name: 'web', ...fields }] } } })

describe('summaryOf says in one line', () => {
  test.each<[string, Request]>([
    ['delete Deployment prod/web (3 replicas)', removed(deployment())],
    ['delete Deployment prod/web (1 replica)', removed(deployment({ spec: { replicas: 1 } }))],
    ['delete Deployment prod/web (0 replicas)', removed(deployment({ spec: { replicas: 0 } }))],
    [
      'delete Deployment prod/web (9007199254740993 replicas)',
      removed(deployment({ spec: { replicas: exact('9007199254740993') } })),
    ],
    ['delete Pod prod/web-0', removed(pod(), asPod)],
    [
      'delete Namespace prod',
      removed(
        { kind: 'Namespace', metadata: { uid: 'u' } },
        { resource: resource('namespaces'), kind: { kind: 'Namespace' }, name: 'prod', namespace: 'prod' },
      ),
    ],
    ['delete Pods in prod by selector', removed(pod(), { ...asPod, name: '' })],
    [
      'delete Ingresses in prod by selector',
      removed(
        { kind: 'Ingress' },
        { resource: resource('ingresses', 'networking.k8s.io'), kind: { kind: 'Ingress' }, name: '' },
      ),
    ],
    [
      'delete Nodes by selector',
      removed(
        { kind: 'Node' },
        { resource: resource('nodes'), kind: { kind: 'Node' }, name: '', namespace: undefined },
      ),
    ],
    ['scale Deployment prod/web 4 to 0', scale(4, 0)],
    ['scale Deployment prod/web 0 to 4', scale(undefined, 4)],
    ['scale StatefulSet prod/db 3 to 1', scale(3, 1, { resource: resource('statefulsets', 'apps'), name: 'db' })],
    ['scale widgets prod/web 3 to 1', scale(3, 1, { resource: resource('widgets', 'example.com') })],
    ['update Deployment prod/web (image)', changed(deployment({ image: imageB }))],
    ['update Deployment prod/web (image)', { oldObject: container({ image: 'a' }), object: container({ image: 'b' }) }],
    ['update Deployment prod/web (replicas)', changed(deployment({ spec: { replicas: 0 } }))],
    ['update Deployment prod/web (replicas, image)', changed(deployment({ spec: { replicas: 0 }, image: imageB }))],
    [
      'update Deployment prod/web (minReadySeconds, paused, replicas and 1 more)',
      changed(deployment({ spec: { replicas: 0, paused: true, minReadySeconds: 1 }, image: imageB })),
    ],
    ['update Deployment prod/web', changed(deployment())],
    [
      'update Deployment prod/web (managedFields)',
      changed(deployment({ metadata: { managedFields: [{ manager: 'x', fieldsV1: {} }] } })),
    ],
    [
      'update Node worker-1 (labels)',
      {
        resource: resource('nodes'),
        kind: { kind: 'Node' },
        name: 'worker-1',
        namespace: undefined,
        oldObject: { kind: 'Node', metadata: {} },
        object: { kind: 'Node', metadata: { labels: { a: 'b' } } },
      },
    ],
    [
      'update ConfigMap prod/rules (app.yaml)',
      { ...asConfigMap, oldObject: configMap({ 'app.yaml': 'a' }), object: configMap({ 'app.yaml': 'b' }) },
    ],
    [
      'update status of Deployment prod/web (replicas)',
      changed(deployment({ status: { replicas: 9, readyReplicas: 3, observedGeneration: 4 } }), {
        subResource: 'status',
      }),
    ],
    [
      'update status of Widget prod/web (ready)',
      { ...asWidget, subResource: 'status', oldObject: { status: { ready: 1 } }, object: { status: { ready: 2 } } },
    ],
    ['create Deployment prod/web', { operation: 'CREATE', object: deployment() }],
    ['create Service prod/web', { operation: 'CREATE', ...asService, object: service({}, {}) }],
    [
      'create Pod prod/web-?????',
      {
        operation: 'CREATE',
        ...asPod,
        name: `web-${suffixA}`,
        object: pod({ metadata: { name: `web-${suffixA}`, generateName: 'web-' } }),
      },
    ],
    [
      'create Pod prod/"web we"?????',
      {
        operation: 'CREATE',
        ...asPod,
        object: pod({ metadata: { name: `web we${suffixA}`, generateName: 'web we' } }),
      },
    ],
    ['exec in Pod prod/psql-0', connect('exec', 'PodExecOptions')],
    ['attach to Pod prod/psql-0', connect('attach', 'PodAttachOptions')],
    ['port-forward to Pod prod/psql-0', connect('portforward', 'PodPortForwardOptions')],
    ['proxy to Pod prod/psql-0', connect('proxy', 'PodProxyOptions')],
    [
      'proxy to Service prod/web:8080',
      connect('proxy', 'ServiceProxyOptions', { resource: resource('services'), name: 'web:8080' }),
    ],
    [
      'proxy to Node n1',
      connect('proxy', 'NodeProxyOptions', { resource: resource('nodes'), name: 'n1', namespace: undefined }),
    ],
    ['evict Pod prod/psql-0', connect('eviction', 'Eviction', { operation: 'CREATE' })],
    ['bind Pod prod/psql-0', connect('binding', 'Binding', { operation: 'CREATE' })],
    [
      'create token of ServiceAccount agents/bot',
      connect('token', 'TokenRequest', {
        operation: 'CREATE',
        resource: resource('serviceaccounts'),
        namespace: 'agents',
        name: 'bot',
      }),
    ],
    [
      'add debug container to Pod prod/psql-0 (ephemeralContainers)',
      {
        ...asPod,
        name: 'psql-0',
        subResource: 'ephemeralcontainers',
        oldObject: pod(),
        object: pod({ spec: { ephemeralContainers: [{ name: 'x' }] } }),
      },
    ],
    [
      'resize Pod prod/web-0 (resources)',
      { ...asPod, subResource: 'resize', oldObject: pod(), object: pod({ spec: { resources: {} } }) },
    ],
    [
      'finalize Namespace prod (spec)',
      {
        resource: resource('namespaces'),
        subResource: 'finalize',
        kind: { kind: 'Namespace' },
        name: 'prod',
        namespace: 'prod',
        oldObject: { spec: { finalizers: ['kubernetes'] } },
        object: {},
      },
    ],
    ['approve CertificateSigningRequest csr-1 (conditions)', decided([], ['Approved'])],
    ['deny CertificateSigningRequest csr-1 (conditions)', decided([], ['Denied'])],
    ['approve or deny CertificateSigningRequest csr-1 (conditions)', decided([], ['Approved', 'Denied'])],
    [
      'approve or deny CertificateSigningRequest csr-1 (status)',
      decided(['Approved'], ['Approved']).oldObject === undefined
        ? {}
        : { ...decided(['Approved'], ['Approved']), object: { ...csr([]), status: undefined } },
    ],
    ['connect other of Pod prod/psql-0', connect('other', 'PodOtherOptions')],
    ['create constructor of Pod prod/psql-0', connect('constructor', 'PodOtherOptions', { operation: 'CREATE' })],
  ])('%s', (expected, request) => {
    expect(summary(request)).toBe(expected)
  })
})

describe('a summary cannot be made to lie', () => {
  test.each<[string, Request, string]>([
    [
      'a name of several words stands in quotes',
      removed(deployment(), { name: 'web (0 replicas), and' }),
      'delete Deployment prod/"web (0 replicas), and" (3 replicas)',
    ],
    ['a name with a slash', removed(deployment(), { name: 'a/b' }), 'delete Deployment prod/"a/b" (3 replicas)'],
    [
      'a name that reads backwards',
      removed(deployment(), { name: 'a\u202eb' }),
      'delete Deployment prod/"a\\\\u{202e}b" (3 replicas)',
    ],
    ['a name like an open one', removed(pod(), { ...asPod, name: 'web-?????' }), 'delete Pod prod/"web-?????"'],
    [
      'replicas that are a text',
      removed(deployment({ spec: { replicas: '0 replicas, really\u202e' } })),
      'delete Deployment prod/web',
    ],
    ['replicas that are a list', removed(deployment({ spec: { replicas: ['x'] } })), 'delete Deployment prod/web'],
    ['a scale that is a text', scale('1', 'x\u202e'), 'scale Deployment prod/web (replicas)'],
    [
      'a kind that reads backwards',
      removed(deployment(), { kind: { kind: 'De\u202eployment' } }),
      'delete De\\u{202e}ployment prod/web (3 replicas)',
    ],
    [
      'a field that reads backwards',
      changed(deployment({ spec: { 'x\u202e': 1 } })),
      'update Deployment prod/web (x\\u{202e})',
    ],
    [
      'a subresource that reads backwards',
      changed(deployment(), { subResource: 'x\u200b' }),
      'update x\\u{200b} of Deployment prod/web',
    ],
    [
      'a namespace of several words',
      removed(deployment(), { namespace: 'a b' }),
      'delete Deployment "a b"/web (3 replicas)',
    ],
  ])('%s', (_what, request, expected) => {
    expect(summary(request)).toBe(expected)
  })

  test('a long name keeps both ends, and the verb and the kind stay', () => {
    const name = `${'a'.repeat(150)}-prod-${'z'.repeat(150)}`
    const said = summary(removed(deployment(), { name }))
    expect(said).toMatch(/^delete Deployment prod\/a+…z+ \(3 replicas\)$/)
    expect(said.length).toBeLessThanOrEqual(longestSummary)
  })

  test('no text makes it longer than 120 characters, or do anything where it is shown', () => {
    const long = fc.oneof(
      hostileText,
      fc.string({ unit: 'binary-ascii', maxLength: 300 }),
      fc.constantFrom('x'.repeat(300), '\u202e'.repeat(100)),
    )
    const texts = fc.record({
      name: long,
      namespace: long,
      kind: long,
      subResource: long,
      field: long.filter((text) => text !== '__proto__'),
    })
    fc.assert(
      fc.property(texts, ({ name, namespace, kind, subResource, field }) => {
        for (const request of [
          removed(deployment()),
          changed(deployment({ spec: { [field || 'x']: 1 } })),
          scale(1, 2),
          { operation: 'CREATE', object: deployment({ metadata: { name: `${name}${suffixA}`, generateName: name } }) },
        ]) {
          const said = summary({
            ...request,
            name,
            namespace,
            kind: { kind },
            subResource: request.subResource ?? subResource,
          })
          expect(Array.from(said).length).toBeLessThanOrEqual(longestSummary)
          expect(said).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u)
        }
      }),
      { numRuns: scaled(300, 50_000) },
    )
  })
})
