import { describe, expect, test } from '@jest/globals'
import { policies } from '../../bench/policies.ts'
import { readAction } from '../../bench/read.ts'
import { deploymentReview } from '../../bench/reviews.ts'
import { preparePolicy } from '../../src/app/prepare-policy.ts'
import type { ApprovalPolicy } from '../../src/domain/kinds.ts'
import { indexPolicies, rule } from '../../src/domain/policy.ts'

const stored = policies(47).map((policy) => {
  const { metadata, ...rest } = policy as ApprovalPolicy
  return { ...rest, metadata: { ...metadata, uid: metadata.name, generation: 1 } }
})
const index = indexPolicies(stored.map(preparePolicy))
const action = readAction(deploymentReview('Create', { bytes: 5_000, namespace: 'shop', name: 'web' }))
const inNamespace = (bench: string) =>
  rule(index, action, { accountLabels: {}, accountNamespaceLabels: {}, namespaceLabels: { bench } })

describe('the policies that the bench measures with', () => {
  test('are as many as it says, each with a name of its own, none with a fault', () => {
    expect(new Set(stored.map(({ metadata }) => metadata.name)).size).toBe(47)
    expect(stored.map(preparePolicy).filter(({ fault }) => fault !== undefined)).toEqual([])
  })

  test('are in part about what passes, so that its namespace is looked at', () => {
    expect(index.candidates(action).length).toBeGreaterThan(4)
    expect(inNamespace('open').effect).toBe('Pass')
  })

  test('gate the gated namespace', () => {
    expect(inNamespace('gated').effect).toBe('RequireApproval')
  })
})
