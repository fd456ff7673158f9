import { describe, expect, test } from '@jest/globals'
import { preparePolicy } from '../../src/app/prepare-policy.ts'
import type { ApprovalPolicy, ApprovalPolicySpec, LabelSelector } from '../../src/domain/kinds.ts'
import { indexPolicies, rule } from '../../src/domain/policy.ts'
import type { Circumstances } from '../../src/domain/policy.ts'
import { action, deployment } from '../make.ts'
import { policy as made, resourceRule } from '../make-request.ts'

const { spec: plain } = made('workload-deletes')

function policy(changes: Partial<ApprovalPolicySpec> = {}): ApprovalPolicy {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalPolicy',
    metadata: { name: 'workload-deletes', uid: 'policy-uid', generation: 4 },
    spec: { ...plain, ...changes },
  }
}

function constraints(changes: Partial<ApprovalPolicySpec['matchConstraints']>): Partial<ApprovalPolicySpec> {
  return { matchConstraints: { ...plain.matchConstraints, ...changes } }
}

function expression(operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values?: readonly string[]): LabelSelector {
  return { matchExpressions: [{ key: 'env', operator, ...(values === undefined ? {} : { values }) }] }
}

describe('a policy as it is judged by', () => {
  test('keeps what tells it from another one', () => {
    expect(preparePolicy(policy())).toEqual({
      snapshot: {
        name: 'workload-deletes',
        uid: 'policy-uid',
        generation: 4,
        hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      },
      spec: plain,
      fault: undefined,
    })
  })

  test('says why it asks, when it says so in one text', () => {
    const { snapshot } = preparePolicy(policy({ messageExpression: "'a workload is deleted'" }))
    expect(snapshot.message).toBe('a workload is deleted')
  })

  test('has a hash that is the same for the same spec, in whatever order it is written', () => {
    const { approval, ...others } = plain
    const again = { ...policy(), spec: { approval, ...others } }
    expect(Object.keys(again.spec)).not.toEqual(Object.keys(plain))
    expect(preparePolicy(again).snapshot.hash).toBe(preparePolicy(policy()).snapshot.hash)
  })

  test.each<readonly [string, Partial<ApprovalPolicySpec>]>([
    ['a time', { grantSeconds: 1201 }],
    ['a rule', { matchConstraints: { resourceRules: [resourceRule({ resources: ['jobs'] })] } }],
    ['a fault', { messageExpression: 'request.name' }],
    ['a broken selector', constraints({ namespaceSelector: expression('In') })],
  ])('has another hash when %s differs', (_what, changes) => {
    expect(preparePolicy(policy(changes)).snapshot.hash).not.toBe(preparePolicy(policy()).snapshot.hash)
  })
})

describe('what makes a policy one that cannot be evaluated', () => {
  test.each<readonly [string, Partial<ApprovalPolicySpec>]>([
    ['spec.matchConditions: CEL is not supported yet', { matchConditions: [{ name: 'a', expression: 'true' }] }],
    [
      'spec.messageExpression: CEL is not supported yet, but for one text in quotes',
      { messageExpression: "'deleted in ' + request.namespace" },
    ],
    ['spec.masking.patterns: patterns are not supported yet', { masking: { patterns: ['PGPASSWORD=.+'] } }],
    ['spec.masking.paths[1]: "spec..token" is no path', { masking: { paths: ['spec.a', 'spec..token'] } }],
    [
      'spec.agents.namespaceSelector.matchLabels: "no key" is no label key',
      { agents: { namespaceSelector: { matchLabels: { 'no key': 'x' } } } },
    ],
    [
      'spec.agents.serviceAccountSelector.matchLabels: "-x" is no label value',
      { agents: { serviceAccountSelector: { matchLabels: { team: '-x' } } } },
    ],
    [
      'spec.matchConstraints.namespaceSelector.matchExpressions[0].values: In needs some',
      constraints({ namespaceSelector: expression('In') }),
    ],
    [
      'spec.matchConstraints.namespaceSelector.matchExpressions[0].values: NotIn needs some',
      constraints({ namespaceSelector: expression('NotIn', []) }),
    ],
    [
      'spec.matchConstraints.objectSelector.matchExpressions[0].values: Exists needs none',
      constraints({ objectSelector: expression('Exists', ['x']) }),
    ],
    [
      'spec.matchConstraints.objectSelector.matchExpressions[0].values: "a b" is no label value',
      constraints({ objectSelector: expression('In', ['a', 'a b']) }),
    ],
    [
      'spec.matchConstraints.objectSelector.matchExpressions[0].key: "a/b/c" is no label key',
      constraints({ objectSelector: { matchExpressions: [{ key: 'a/b/c', operator: 'Exists' }] } }),
    ],
    [
      'spec.matchConditions: CEL is not supported yet; ' +
        'spec.messageExpression: CEL is not supported yet, but for one text in quotes',
      { matchConditions: [{ name: 'a', expression: 'true' }], messageExpression: 'request.name' },
    ],
  ])('%s', (fault, changes) => {
    expect(preparePolicy(policy(changes)).fault).toBe(fault)
  })

  test.each<readonly [string, Partial<ApprovalPolicySpec>]>([
    ['lists that are empty', { matchConditions: [], messageExpression: '', masking: { paths: [], patterns: [] } }],
    ['paths of every form', { masking: { paths: ['spec.a-b', 'a.*.b', 'a[*].b', 'metadata.annotations["x.y/z"]'] } }],
    ['selectors of every form', constraints({ namespaceSelector: { matchLabels: { 'a.b/c': '', d: 'e' } } })],
    ['each operator', constraints({ objectSelector: expression('NotIn', ['x', '']) })],
    ['no values for Exists', constraints({ objectSelector: expression('DoesNotExist', []) })],
    [
      'a quorum that nobody can give',
      {
        approval: {
          ...plain.approval,
          stages: [{ name: 'all', approverGroupRefs: [{ name: 'nobody' }], quorum: 16 }],
        },
      },
    ],
  ])('not: %s', (_what, changes) => {
    expect(preparePolicy(policy(changes)).fault).toBeUndefined()
  })
})

describe('a policy whose selector cannot be evaluated', () => {
  const known: Circumstances = { accountLabels: {}, accountNamespaceLabels: {}, namespaceLabels: { env: 'prod' } }
  const update = action({ object: deployment({ image: 'new' }), oldObject: deployment() })

  test.each<readonly [string, Partial<ApprovalPolicySpec>]>([
    ["of the agents' accounts", { agents: { serviceAccountSelector: expression('In') } }],
    ["of the agents' namespaces", { agents: { namespaceSelector: expression('In') } }],
    ['of namespaces', constraints({ namespaceSelector: expression('In') })],
    ['of objects', constraints({ objectSelector: expression('In') })],
  ])('%s denies whatever its rules name', (_which, changes) => {
    const index = indexPolicies([preparePolicy(policy(changes))])
    expect(rule(index, update, known)).toMatchObject({ effect: 'Deny', reason: 'PolicyError' })
  })

  test('goes by its other selectors', () => {
    const other = { ...constraints({ namespaceSelector: expression('In') }), agents: { usernames: ['somebody-else'] } }
    expect(rule(indexPolicies([preparePolicy(policy(other))]), update, known)).toMatchObject({ effect: 'Pass' })
  })
})
