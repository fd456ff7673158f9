import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Action, Operation } from '../../src/domain/action.ts'
import type { MatchConstraints, PolicyAgents, ResourceRule } from '../../src/domain/kinds.ts'
import { indexPolicies, rule } from '../../src/domain/policy.ts'
import type { Circumstances, Policy, Ruling } from '../../src/domain/policy.ts'
import { isNamespaced, matchesRule, namesTarget, namesVersion } from '../../src/domain/resource-rule.ts'
import { action, asPod, deployment, object } from '../make.ts'
import { policy, resourceRule, stageOf } from '../make-request.ts'
import type { PolicyChanges } from '../make-request.ts'
import { scaled } from '../scale.ts'

const known: Circumstances = {
  accountLabels: { team: 'a' },
  accountNamespaceLabels: { tier: 'agents' },
  namespaceLabels: { env: 'prod' },
}

const update = action({ object: deployment({ image: 'new' }), oldObject: deployment() })

function ruling(policies: readonly Policy[], asked: Action = update, circumstances: Circumstances = known): Ruling {
  return rule(indexPolicies(policies), asked, circumstances)
}

/** Does a policy with these constraints concern the action? */
function fires(constraints: Partial<MatchConstraints>, asked: Action = update, circumstances = known): boolean {
  const matchConstraints = { resourceRules: [resourceRule()], ...constraints }
  return ruling([policy('p', { matchConstraints })], asked, circumstances).effect === 'RequireApproval'
}

const collection: Action = { ...action({ operation: 'DELETE', oldObject: deployment() }), name: '' }

const namespaceReview = {
  resource: { group: '', version: 'v1', resource: 'namespaces' },
  kind: { group: '', version: 'v1', kind: 'Namespace' },
  name: 'prod',
  namespace: 'prod',
}

function namespaceObject(labels: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod', uid: 'namespace-uid', labels } }
}

const namespaces = [resourceRule({ apiGroups: [''], resources: ['namespaces'] })]

describe('what a policy concerns', () => {
  test.each<readonly [string, Partial<MatchConstraints>, Action, boolean]>([
    ['an action that one of its rules names', {}, update, true],
    [
      'no action that none of its rules names',
      { resourceRules: [resourceRule({ resources: ['jobs'] })] },
      update,
      false,
    ],
    [
      'no action that an exclusion names',
      { excludeResourceRules: [resourceRule({ resourceNames: ['web'] })] },
      update,
      false,
    ],
    [
      'an action that an exclusion names in another version',
      { excludeResourceRules: [resourceRule({ apiVersions: ['v1beta1'] })] },
      update,
      true,
    ],
    [
      'an action in another version than its rule names',
      { resourceRules: [resourceRule({ apiVersions: ['v1beta1'] })] },
      update,
      true,
    ],
    [
      'an action that an exclusion names in part',
      { excludeResourceRules: [resourceRule({ resourceNames: ['api'] })] },
      update,
      true,
    ],
    ['a target by name', { resourceRules: [resourceRule({ resourceNames: ['web'] })] }, update, true],
    ['no target of another name', { resourceRules: [resourceRule({ resourceNames: ['api'] })] }, update, false],
    [
      'a deletecollection, whichever names the rule has: it may take any of them',
      { resourceRules: [resourceRule({ resourceNames: ['api'] })] },
      collection,
      true,
    ],
    [
      'a deletecollection although an exclusion names one object that it may take',
      { excludeResourceRules: [resourceRule({ resourceNames: ['api'] })] },
      collection,
      true,
    ],
    [
      'no deletecollection when the exclusion names the whole resource',
      { excludeResourceRules: [resourceRule()] },
      collection,
      false,
    ],
  ])('%s', (_sentence, constraints, asked, concerned) => {
    expect(fires(constraints, asked)).toBe(concerned)
  })

  test('a rule for a resource does not reach its subresources, a rule for the subresource does', () => {
    const exec = action({ ...asPod, operation: 'CONNECT', subResource: 'exec', object: {} })
    const pods = resourceRule({ apiGroups: [''], resources: ['pods'] })
    expect(fires({ resourceRules: [pods] }, exec)).toBe(false)
    expect(fires({ resourceRules: [{ ...pods, resources: ['pods/exec'] }] }, exec)).toBe(true)
    expect(fires({ resourceRules: [{ ...pods, resources: ['pods/*'] }] }, exec)).toBe(true)
  })
})

describe('which namespaces a policy concerns', () => {
  const prod = { namespaceSelector: { matchLabels: { env: 'prod' } } }

  test.each<readonly [string, Circumstances['namespaceLabels'], boolean]>([
    ['a target in a namespace that the selector picks', { env: 'prod' }, true],
    ['no target in another namespace', { env: 'dev' }, false],
    ['no target in a namespace without labels', {}, false],
    ['a target in a namespace that is not known yet: nothing lets it off', undefined, true],
  ])('%s', (_sentence, namespaceLabels, concerned) => {
    expect(fires(prod, update, { ...known, namespaceLabels })).toBe(concerned)
  })

  test('a cluster-scoped target, whatever the selector says', () => {
    const node = action({
      resource: { group: '', version: 'v1', resource: 'nodes' },
      namespace: undefined,
      name: 'worker-1',
      object: { metadata: { name: 'worker-1' } },
      oldObject: { metadata: { name: 'worker-1' } },
    })
    const nodes = [resourceRule({ apiGroups: [''], resources: ['nodes'] })]
    expect(fires({ ...prod, resourceRules: nodes }, node, { ...known, namespaceLabels: undefined })).toBe(true)
  })

  test('a Namespace goes by its own labels, and a rule for the cluster scope reaches it', () => {
    const made = action({ ...namespaceReview, operation: 'CREATE', object: namespaceObject({ env: 'prod' }) })
    const other = action({ ...namespaceReview, operation: 'CREATE', object: namespaceObject({ env: 'dev' }) })
    const rules = { ...prod, resourceRules: [resourceRule({ ...namespaces[0], scope: 'Cluster' })] }
    expect(fires(rules, made, { ...known, namespaceLabels: undefined })).toBe(true)
    expect(fires(rules, other, { ...known, namespaceLabels: undefined })).toBe(false)
    expect(fires({ resourceRules: [resourceRule({ ...namespaces[0], scope: 'Namespaced' })] }, made)).toBe(false)
  })

  test('a Namespace of which the review shows nothing, when the selector is open', () => {
    const bare = { ...action({ ...namespaceReview, operation: 'CONNECT', object: {} }), object: undefined }
    expect(fires({ namespaceSelector: {}, resourceRules: namespaces }, bare)).toBe(true)
  })

  test.each([
    ['into', { env: 'dev' }, { env: 'prod' }],
    ['out of', { env: 'prod' }, { env: 'dev' }],
  ])('a Namespace that is relabelled %s its reach', (_way, before, after) => {
    const relabelled = action({
      ...namespaceReview,
      oldObject: namespaceObject(before),
      object: namespaceObject(after),
    })
    expect(fires({ ...prod, resourceRules: namespaces }, relabelled)).toBe(true)
  })
})

describe('which objects a policy concerns', () => {
  const canary = { objectSelector: { matchLabels: { track: 'canary' } } }
  const labelled = (labels?: object): object => deployment(labels === undefined ? {} : { metadata: { labels } })

  test.each<readonly [string, object, object, boolean]>([
    ['one with the labels', labelled({ track: 'canary' }), labelled({ track: 'canary' }), true],
    ['none without them', labelled(), labelled(), false],
    ['one that gets them', labelled(), labelled({ track: 'canary' }), true],
    ['one that loses them', labelled({ track: 'canary' }), labelled(), true],
  ])('%s', (_sentence, oldObject, made, concerned) => {
    expect(fires(canary, action({ oldObject, object: made }))).toBe(concerned)
  })

  test('one that is deleted, by the labels that it had', () => {
    expect(fires(canary, action({ operation: 'DELETE', oldObject: labelled({ track: 'canary' }) }))).toBe(true)
  })

  test('labels that are no texts are no labels', () => {
    const odd = object({ metadata: { labels: { track: ['canary'] } } })
    expect(fires(canary, { ...update, object: odd, oldObject: odd })).toBe(false)
    const none = object({ metadata: { labels: 5 } })
    expect(fires(canary, { ...update, object: none, oldObject: none })).toBe(false)
  })
})

describe('which agents a policy concerns', () => {
  type Case = readonly [string, PolicyAgents, Partial<Circumstances>, boolean]

  test.each<Case>([
    ['every agent, when it says nothing', {}, {}, true],
    ['an agent with one of the usernames', { usernames: ['x', update.agent.username] }, {}, true],
    ['no agent with another username', { usernames: ['x'] }, {}, false],
    ['an account with the labels', { serviceAccountSelector: { matchLabels: { team: 'a' } } }, {}, true],
    ['no account without them', { serviceAccountSelector: { matchLabels: { team: 'b' } } }, {}, false],
    ['an account of a namespace with the labels', { namespaceSelector: { matchLabels: { tier: 'agents' } } }, {}, true],
    ['none of another namespace', { namespaceSelector: { matchLabels: { tier: 'x' } } }, {}, false],
    [
      'no user, who has no labels, when it asks for labels',
      { serviceAccountSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] } },
      { accountLabels: undefined },
      false,
    ],
    [
      'an account whose labels nobody knows, whatever it asks for',
      { serviceAccountSelector: { matchLabels: { team: 'b' } } },
      { accountLabels: 'Unknown' },
      true,
    ],
    [
      'an account of a namespace whose labels nobody knows',
      { namespaceSelector: { matchLabels: { tier: 'x' } } },
      { accountNamespaceLabels: 'Unknown' },
      true,
    ],
    [
      'no such account with another username',
      { usernames: ['x'], serviceAccountSelector: { matchLabels: { team: 'b' } } },
      { accountLabels: 'Unknown' },
      false,
    ],
    ['a user, when the selector is empty', { serviceAccountSelector: {} }, { accountLabels: undefined }, true],
    [
      'only agents for whom all of it holds',
      { usernames: [update.agent.username], namespaceSelector: { matchLabels: { tier: 'x' } } },
      {},
      false,
    ],
  ])('%s', (_sentence, agents, circumstances, concerned) => {
    const found = ruling([policy('p', { agents })], update, { ...known, ...circumstances })
    expect(found.effect === 'RequireApproval').toBe(concerned)
  })
})

describe('what the policies say together', () => {
  const nothing = { matchConstraints: { resourceRules: [resourceRule({ resources: ['jobs'] })] } }
  const deny: PolicyChanges = { effect: 'Deny' }
  const warn: PolicyChanges = { effect: 'Warn' }
  const broken: PolicyChanges = { ...warn, fault: 'spec.matchConditions[0].expression: no such key' }

  test('nothing: it passes', () => {
    expect(ruling([policy('a', nothing)])).toEqual({ effect: 'Pass', warnedBy: [] })
  })

  test('a Warn alone: it passes, and the policies are named', () => {
    const warning = [policy('b', warn), policy('a', warn)]
    expect(ruling(warning)).toMatchObject({ effect: 'Pass', warnedBy: [{ name: 'a' }, { name: 'b' }] })
  })

  test('a Warn for accounts with labels warns an account whose labels nobody knows', () => {
    const some = policy('a', { ...warn, agents: { serviceAccountSelector: { matchLabels: { team: 'b' } } } })
    expect(ruling([some], update, { ...known, accountLabels: 'Unknown' })).toMatchObject({ warnedBy: [{ name: 'a' }] })
  })

  test('more than one request can hold is refused with the names of all that ask, and nothing is cut off', () => {
    const stages = (of: string): PolicyChanges => ({
      approval: { stages: Array.from({ length: 4 }, (_one, index) => stageOf(`${of}-${index}`)) },
    })
    const four = ['a', 'b', 'c', 'd'].map((name) => policy(name, stages(name)))
    expect(ruling(four)).toMatchObject({
      effect: 'RequireApproval',
      demand: { requirements: { stages: { length: 16 } } },
    })
    expect(ruling([...four, policy('e', stages('e'))])).toMatchObject({
      effect: 'Deny',
      reason: 'PolicyError',
      by: { snapshot: { name: 'a' }, fault: '20 stages of a, b, c, d, e together; at most 16' },
      policies: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name })),
    })
  })

  test('RequireApproval is stronger than Warn', () => {
    const found = ruling([policy('a', warn), policy('b')])
    expect(found).toMatchObject({ effect: 'RequireApproval', policies: [{ name: 'b' }] })
  })

  test('Deny is stronger than RequireApproval, and names the policy', () => {
    const found = ruling([policy('a'), policy('b', deny), policy('c', warn)])
    expect(found).toMatchObject({
      effect: 'Deny',
      reason: 'PolicyDenied',
      by: { snapshot: { name: 'b' } },
      policies: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
    })
  })

  test('a policy that cannot be evaluated denies what it matches, whatever its effect', () => {
    const found = ruling([policy('a'), policy('b', broken)])
    expect(found).toMatchObject({ effect: 'Deny', reason: 'PolicyError', by: { fault: broken.fault } })
  })

  test('a policy that cannot be evaluated denies nothing that it does not match', () => {
    expect(ruling([policy('a', { ...broken, ...nothing })])).toMatchObject({ effect: 'Pass' })
  })

  test('the order in which policies arrive changes nothing, so all replicas answer alike', () => {
    const all = [policy('c'), policy('a', deny), policy('b', deny), policy('d', warn)]
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(ruling(shuffled)).toEqual(ruling(all))
      }),
      { numRuns: scaled(24, 500) },
    )
  })
})

describe('the index', () => {
  const operations = fc.constantFrom<Operation>('Create', 'Update', 'Delete', 'Connect')
  const groups = fc.constantFrom('', 'apps', 'batch')
  const plurals = fc.constantFrom('pods', 'deployments', 'namespaces', 'jobs')
  const subresources = fc.constantFrom('', 'scale', 'exec', 'status')

  const actions = fc
    .record({
      operation: operations,
      group: groups,
      version: fc.constantFrom('v1', 'v2'),
      resource: plurals,
      subresource: subresources,
      namespace: fc.constantFrom('', 'prod'),
      name: fc.constantFrom('', 'web', 'api'),
    })
    .map(({ operation, namespace, name, ...resource }): Action => ({ ...update, operation, namespace, name, resource }))

  const some = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> => fc.uniqueArray(values, { minLength: 1 })

  const rules: fc.Arbitrary<ResourceRule> = fc.record({
    apiGroups: some(fc.oneof(groups, fc.constant('*'))),
    apiVersions: some(fc.constantFrom('v1', 'v2', '*')),
    resources: some(fc.constantFrom('pods', 'deployments', '*', 'pods/exec', '*/scale', '*/*', 'namespaces')),
    operations: some(fc.constantFrom<ResourceRule['operations'][number]>('CREATE', 'UPDATE', 'DELETE', '*')),
    resourceNames: fc.uniqueArray(fc.constantFrom('web', 'api')),
    scope: fc.constantFrom<ResourceRule['scope']>('Cluster', 'Namespaced', '*'),
  })

  const policies = fc
    .array(fc.tuple(fc.array(rules, { minLength: 1, maxLength: 3 }), fc.array(rules, { maxLength: 2 })), {
      maxLength: 6,
    })
    .map((all) =>
      all.map(([resourceRules, excludeResourceRules], number) =>
        policy(`p${number}`, { effect: 'Warn', matchConstraints: { resourceRules, excludeResourceRules } }),
      ),
    )

  /** Asks every rule of every policy, without an index. */
  function concerning(all: readonly Policy[], asked: Action): readonly string[] {
    const { operation, resource, name } = asked
    const subject = { operation, resource, namespaced: isNamespaced(asked) }
    return all
      .filter(({ spec: { matchConstraints } }) => {
        const included = matchConstraints.resourceRules.some(
          (one) => matchesRule(one, subject) && (name === '' || namesTarget(one, name)),
        )
        const excluded = (matchConstraints.excludeResourceRules ?? []).some(
          (one) => matchesRule(one, subject) && namesTarget(one, name) && namesVersion(one, resource),
        )
        return included && !excluded
      })
      .map(({ snapshot }) => snapshot.name)
  }

  test('finds exactly the policies that asking every one of them finds, whatever was looked up before', () => {
    fc.assert(
      fc.property(policies, fc.array(actions, { minLength: 1, maxLength: 12 }), (all, asked) => {
        const index = indexPolicies(all)
        for (const one of asked) {
          const found = rule(index, one, known)
          const names = found.effect === 'Pass' ? found.warnedBy.map(({ name }) => name) : ['not a warning']
          expect(names).toEqual(concerning(all, one))
        }
      }),
      { numRuns: scaled(300, 20_000) },
    )
  })

  test('asks each policy once for a resource that is met again', () => {
    let asked = 0
    const counting = new Proxy(policy('p'), {
      get: (target, key): unknown => {
        if (key === 'spec') asked += 1
        return Reflect.get(target, key)
      },
    })
    const index = indexPolicies([counting])
    const pod = action({ ...asPod, operation: 'DELETE', oldObject: {} })
    rule(index, pod, known)
    const before = asked
    for (let time = 0; time < 10; time += 1) rule(index, pod, known)
    expect(asked).toBe(before)
  })
})
