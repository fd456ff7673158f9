import { describe, expect, test } from '@jest/globals'
import { policyStatus } from '../../src/app/keep-policies.ts'
import type { PolicySight } from '../../src/app/keep-policies.ts'
import type { ApprovalPolicy, ApprovalPolicyStatus } from '../../src/domain/kinds.ts'
import { now } from '../make.ts'

const approval: ApprovalPolicy['spec']['approval'] = {
  expirationSeconds: 3600,
  comment: 'OnDeny',
  assurance: 'Card',
  separation: [],
  justification: 'Optional',
  interactive: 'Refuse',
}
const spec: ApprovalPolicy['spec'] = {
  matchConstraints: { resourceRules: [] },
  effect: 'RequireApproval',
  risk: 'Medium',
  approval,
  grantSeconds: 1200,
}
const policy: ApprovalPolicy = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ApprovalPolicy',
  metadata: { name: 'deletes', uid: 'p-1', generation: 3 },
  spec,
}
const snapshot = { name: 'deletes', uid: 'p-1', generation: 3, hash: 'sha256:' }

const sight = (changes: Partial<PolicySight> & { readonly fault?: string } = {}): PolicySight => ({
  prepare: (one) => ({ snapshot, spec: one.spec, fault: changes.fault }),
  isGroup: (name) => name === 'approvers',
  now,
  ...changes,
})

const words = (status: ApprovalPolicyStatus | undefined): readonly string[] =>
  (status?.conditions ?? []).map(({ type, status: is, reason }) => `${type} ${is} ${reason}`)

describe('the status of a policy', () => {
  test('says that it can be evaluated', () => {
    const status = policyStatus(policy, sight())
    expect(words(status)).toEqual(['Ready True Valid', 'GroupsFound True AllFound'])
    expect(status).toMatchObject({ observedGeneration: 3, conditions: [{ observedGeneration: 3 }, {}] })
  })

  test('names the fault', () => {
    const status = policyStatus(policy, sight({ fault: 'spec.matchConditions: CEL is not supported yet' }))
    expect(status?.conditions?.[0]).toMatchObject({
      status: 'False',
      reason: 'PolicyError',
      message: 'the policy denies what it matches: spec.matchConditions: CEL is not supported yet',
    })
  })

  test.each<[string, ApprovalPolicy['spec'], string]>([
    ['of a stage', stages('leads', 'approvers'), 'there is no ApproverGroup leads'],
    ['of two stages once', stages('leads', 'owners', 'leads'), 'there is no ApproverGroup leads, owners:'],
    [
      'of an escalation',
      {
        ...spec,
        approval: { ...approval, escalation: [{ afterSeconds: 60, approverGroupRefs: [{ name: 'managers' }] }] },
      },
      'there is no ApproverGroup managers',
    ],
  ])('names the missing group %s, and the policy is ready nevertheless', (...[, changed, message]) => {
    const status = policyStatus({ ...policy, spec: changed }, sight())
    expect(words(status)).toEqual(['Ready True Valid', 'GroupsFound False GroupNotFound'])
    expect(status?.conditions?.[1]?.message).toContain(message)
  })

  test('names the group approvers where a policy without stages would ask it', () => {
    expect(words(policyStatus(policy, sight({ isGroup: () => false })))).toContain('GroupsFound False GroupNotFound')
  })

  test.each(['Deny', 'Warn'] as const)('misses no group of a policy that asks nobody: %s', (effect) => {
    const status = policyStatus({ ...policy, spec: { ...stages('leads'), effect } }, sight())
    expect(words(status)).toContain('GroupsFound True AllFound')
  })

  test('is not written again while nothing changes', () => {
    const status = policyStatus(policy, sight())
    if (status === undefined) throw new Error('a status is to be written')
    expect(policyStatus({ ...policy, status }, sight({ now: now + 60_000 }))).toBeUndefined()
  })

  test('keeps the time of a condition that has not changed, and stamps one that has', () => {
    const status = policyStatus(policy, sight())
    if (status === undefined) throw new Error('a status is to be written')
    const later = policyStatus({ ...policy, status }, sight({ now: now + 60_000, fault: 'x' }))
    expect(later?.conditions?.[0]?.lastTransitionTime).not.toBe(status.conditions?.[0]?.lastTransitionTime)
    expect(later?.conditions?.[1]?.lastTransitionTime).toBe(status.conditions?.[1]?.lastTransitionTime)
  })

  test('is no longer than the schema allows, whatever the fault', () => {
    const status = policyStatus(policy, sight({ fault: '😀'.repeat(3000) }))
    expect(Array.from(status?.conditions?.[0]?.message ?? '')).toHaveLength(2048)
  })
})

function stages(...groups: readonly string[]): ApprovalPolicy['spec'] {
  const named = groups.map((name, place) => ({ name: `s${place}`, approverGroupRefs: [{ name }], quorum: 1 }))
  return { ...spec, approval: { ...approval, stages: named } }
}
