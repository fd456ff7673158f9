import { describe, expect, test } from '@jest/globals'
import type { Operation, Resource } from '../../src/domain/action.ts'
import type { ResourceRule } from '../../src/domain/kinds.ts'
import { isNamespace, isNamespaced, matchesRule, namesTarget } from '../../src/domain/resource-rule.ts'
import { resourceRule } from '../make-request.ts'

const deployments: Resource = { group: 'apps', version: 'v1', resource: 'deployments', subresource: '' }
const scale: Resource = { ...deployments, subresource: 'scale' }
const pods: Resource = { group: '', version: 'v1', resource: 'pods', subresource: '' }
const exec: Resource = { ...pods, subresource: 'exec' }
const nodes: Resource = { group: '', version: 'v1', resource: 'nodes', subresource: '' }

type Case = readonly [sentence: string, rule: Partial<ResourceRule>, resource: Resource, matches: boolean]

describe('which resources a rule names', () => {
  test.each<Case>([
    ['a plain name is the object itself', { resources: ['deployments'] }, deployments, true],
    ['a plain name is not its subresource', { resources: ['deployments'] }, scale, false],
    ['a plain name is no other resource', { resources: ['deployments'] }, { ...deployments, resource: 'jobs' }, false],
    ['a name with a slash is that subresource', { resources: ['deployments/scale'] }, scale, true],
    ['a name with a slash is not the object', { resources: ['deployments/scale'] }, deployments, false],
    [
      'a name with a slash is no other subresource',
      { resources: ['deployments/scale'] },
      { ...scale, subresource: 'status' },
      false,
    ],
    ['* is every resource', { resources: ['*'] }, deployments, true],
    ['* is no subresource', { resources: ['*'] }, scale, false],
    ['deployments/* is each of its subresources', { resources: ['deployments/*'] }, scale, true],
    [
      'deployments/* is the object too, as in a ValidatingAdmissionPolicy',
      { resources: ['deployments/*'] },
      deployments,
      true,
    ],
    [
      'deployments/* is nothing of another resource',
      { resources: ['deployments/*'] },
      { ...scale, resource: 'replicasets' },
      false,
    ],
    ['*/scale is that subresource of every resource', { resources: ['*/scale'] }, scale, true],
    ['*/scale is no object', { resources: ['*/scale'] }, deployments, false],
    ['*/* is everything', { resources: ['*/*'] }, scale, true],
    ['*/* is every object too', { resources: ['*/*'] }, deployments, true],
    ['one of several patterns is enough', { resources: ['jobs', 'deployments/scale'] }, scale, true],
    ['the core group is the empty one', { apiGroups: [''], resources: ['pods'] }, pods, true],
    ['the core group is not every group', { apiGroups: [''] }, deployments, false],
    ['another group does not match', { apiGroups: ['batch'] }, deployments, false],
    ['* is every group', { apiGroups: ['*'], resources: ['pods/exec'] }, exec, true],
    ['whatever version is named, others match too', { apiVersions: ['v1beta1'] }, deployments, true],
  ])('%s', (_sentence, rule, resource, matches) => {
    expect(matchesRule(resourceRule(rule), { operation: 'Update', resource, namespaced: true })).toBe(matches)
  })
})

describe('which operations a rule names', () => {
  const words: readonly (readonly [Operation, ResourceRule['operations'][number]])[] = [
    ['Create', 'CREATE'],
    ['Update', 'UPDATE'],
    ['Delete', 'DELETE'],
    ['Connect', 'CONNECT'],
  ]

  test.each(words)('%s is %s, and no other', (operation, word) => {
    const others = words.map(([, other]) => other).filter((other) => other !== word)
    const subject = { operation, resource: deployments, namespaced: true }
    expect(matchesRule(resourceRule({ operations: [word] }), subject)).toBe(true)
    expect(matchesRule(resourceRule({ operations: others }), subject)).toBe(false)
    expect(matchesRule(resourceRule({ operations: ['*'] }), subject)).toBe(true)
  })
})

describe('which scope a rule names', () => {
  test.each([
    ['*', true, true],
    ['*', false, true],
    ['Namespaced', true, true],
    ['Namespaced', false, false],
    ['Cluster', true, false],
    ['Cluster', false, true],
  ] as const)('%s, for a target whose being namespaced is %s: %s', (scope, namespaced, matches) => {
    expect(matchesRule(resourceRule({ scope }), { operation: 'Update', resource: deployments, namespaced })).toBe(
      matches,
    )
  })

  test.each([
    ['a Deployment lives in a namespace', deployments, 'prod', true],
    ['a Node does not', nodes, '', false],
    [
      'a Namespace does not, although its reviews carry its name as the namespace',
      { ...nodes, resource: 'namespaces' },
      'prod',
      false,
    ],
    ['nor does a subresource of it', { ...nodes, resource: 'namespaces', subresource: 'finalize' }, 'prod', false],
    [
      'a resource of another group with that name may',
      { group: 'example.com', version: 'v1', resource: 'namespaces', subresource: '' },
      'prod',
      true,
    ],
  ] as const)('%s', (_sentence, resource, namespace, namespaced) => {
    expect(isNamespaced({ resource, namespace })).toBe(namespaced)
    expect(isNamespace(resource) && namespaced).toBe(false)
  })
})

describe('which names a rule names', () => {
  test.each([
    ['without names, every name', undefined, 'web', true],
    ['with an empty list, every name', [], 'web', true],
    ['without names, also what has none', undefined, '', true],
    ['its own names', ['web', 'api'], 'api', true],
    ['no other name', ['web', 'api'], 'db', false],
    ['not what has no name', ['web'], '', false],
  ] as const)('%s', (_sentence, resourceNames, name, named) => {
    const rule = resourceRule(resourceNames === undefined ? {} : { resourceNames })
    expect(namesTarget(rule, name)).toBe(named)
  })
})
