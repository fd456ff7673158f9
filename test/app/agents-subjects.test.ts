import { describe, expect, test } from '@jest/globals'
import { boundAgents, flowingAgents } from '../../src/app/agents-subjects.ts'
import type { AgentsFlowSchema } from '../../src/app/gate-objects.ts'
import { gatedAgents } from '../../src/app/gated-agents.ts'
import { identityName } from '../../src/domain/agent-name.ts'
import { gatingFault } from '../../src/domain/gatable.ts'
import type { AgentIdentity, AgentSubject } from '../../src/domain/kinds.ts'

const records = 'countersign-system'
const account = (namespace: string, name: string): AgentSubject => ({ serviceAccount: { namespace, name } })
const identity = (subject: AgentSubject): AgentIdentity => ({
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'AgentIdentity',
  metadata: { name: identityName(subject) },
  spec: { subject },
})

describe('gatingFault', () => {
  test.each<[string, AgentSubject, string | undefined]>([
    ['an account', account('agents', 'bot'), undefined],
    ['an account whose name has dots', account('agents', 'bot.v2.example.com'), undefined],
    ['an account of the cluster', account('kube-system', 'bot'), 'NeverGated'],
    ['our own account', account(records, 'countersign-operator'), 'NeverGated'],
    ['an account of a reserved namespace', account('user', 'bot'), 'NeverGated'],
    ['an account that cannot be', account('agents', 'Bot'), 'NoSuchName'],
    ['an account of a namespace that cannot be', account('agents:x', 'bot'), 'NoSuchName'],
    ['an account with a long name', account('agents', 'b'.repeat(254)), 'NoSuchName'],
    ['a namespace', { namespace: 'agents' }, undefined],
    ['a namespace of the cluster', { namespace: 'kube-public' }, 'NeverGated'],
    ['our own namespace', { namespace: records }, 'NeverGated'],
    ['a namespace that cannot be', { namespace: 'a'.repeat(64) }, 'NoSuchName'],
    ['a user', { user: 'ci@example.com' }, undefined],
    ['a node', { user: 'system:node:one' }, 'NeverGated'],
    ['a part of the control plane', { user: 'system:kube-scheduler' }, 'NeverGated'],
    ['a user that is an account', { user: 'system:serviceaccount:agents:bot' }, undefined],
    ['a user that is our account', { user: `system:serviceaccount:${records}:countersign-webhook` }, 'NeverGated'],
    ['a user that is an account of the cluster', { user: 'system:serviceaccount:kube-system:x' }, 'NeverGated'],
    ['a user that looks like an account', { user: 'system:serviceaccount:agents:bot:x' }, 'NoSuchName'],
    ['nobody', { user: '' }, 'NoSuchName'],
    ['a group', { group: 'bots' }, undefined],
    ['all who are logged in', { group: 'system:authenticated' }, 'NeverGated'],
    ['all accounts', { group: 'system:serviceaccounts' }, 'NeverGated'],
    ['the nodes', { group: 'system:nodes' }, 'NeverGated'],
    ['the accounts of a namespace', { group: 'system:serviceaccounts:agents' }, undefined],
    ['our accounts', { group: `system:serviceaccounts:${records}` }, 'NeverGated'],
    ['no group', { group: '' }, 'NoSuchName'],
  ])('of %s', (...[, subject, fault]) => {
    expect(gatingFault(subject, records)).toBe(fault)
  })
})

const subjects: readonly AgentSubject[] = [
  { user: 'ci@example.com' },
  { namespace: 'robots' },
  account('agents', 'bot'),
  { group: 'bots' },
  account('kube-system', 'bot'),
]

describe('gatedAgents', () => {
  test('are those of all identities but of the ones that are never gated, in the order of their names', () => {
    const gated = gatedAgents(subjects.map(identity), records)
    expect(gated.subjects).toEqual({
      usernames: ['ci@example.com', 'system:serviceaccount:agents:bot'],
      namespaces: ['robots'],
      groups: ['bots'],
    })
    expect(gated.refused).toEqual(['kube-system.bot'])
    expect(gated.identities).toEqual(gated.agents.map(identityName))
    expect(gated.identities).toEqual(gated.identities.toSorted())
  })

  test('do not depend on the order in which identities are known', () => {
    const all = subjects.map(identity)
    expect(gatedAgents(all.toReversed(), records)).toEqual(gatedAgents(all, records))
  })

  test('name a user once who is an agent twice', () => {
    const twice = [account('agents', 'bot'), { user: 'system:serviceaccount:agents:bot' }].map(identity)
    expect(gatedAgents(twice, records).subjects.usernames).toEqual(['system:serviceaccount:agents:bot'])
  })
})

const agents = subjects.slice(0, 4)
const rbac = 'rbac.authorization.k8s.io'
const bound = [
  { kind: 'User', apiGroup: rbac, name: 'ci@example.com' },
  { kind: 'Group', apiGroup: rbac, name: 'system:serviceaccounts:robots' },
  { kind: 'ServiceAccount', namespace: 'agents', name: 'bot' },
  { kind: 'Group', apiGroup: rbac, name: 'bots' },
]

describe('the binding of the agents', () => {
  const live = { metadata: { name: 'countersign-agents', resourceVersion: '7' } }

  test('names every agent as the admission policies look for it', () => {
    expect(boundAgents(live, agents)).toEqual({ ...live, subjects: bound })
  })

  test.each([
    ['has them', bound, agents],
    ['has none, and there are none', undefined, []],
  ])('is left alone when it %s', (...[, has, wanted]) => {
    expect(boundAgents({ ...live, ...(has && { subjects: has }) }, wanted)).toBeUndefined()
  })

  test.each([
    ['one is missing', bound.slice(1)],
    ['there is one too many', [...bound, { kind: 'User', apiGroup: rbac, name: 'mallory' }]],
  ])('is written when %s', (...[, has]) => {
    expect(boundAgents({ ...live, subjects: has }, agents)).toEqual({ ...live, subjects: bound })
  })
})

describe('the flow schema of the agents', () => {
  const spec: object = { matchingPrecedence: 1000 }
  const live: AgentsFlowSchema = { spec }
  const written = flowingAgents(live, agents)

  test('has every agent, for writes', () => {
    expect(written).toMatchObject({
      spec: {
        matchingPrecedence: 1000,
        rules: [
          {
            subjects: [
              { kind: 'User', user: { name: 'ci@example.com' } },
              { kind: 'ServiceAccount', serviceAccount: { namespace: 'robots', name: '*' } },
              { kind: 'ServiceAccount', serviceAccount: { namespace: 'agents', name: 'bot' } },
              { kind: 'Group', group: { name: 'bots' } },
            ],
            resourceRules: [{ verbs: ['create', 'delete', 'deletecollection', 'patch', 'update'] }],
          },
        ],
      },
    })
  })

  test('is left alone when it has them, or when there are none', () => {
    expect(flowingAgents(written ?? {}, agents)).toBeUndefined()
    expect(flowingAgents(live, [])).toBeUndefined()
  })

  test('has no rule when there are no agents, since a rule without subjects is refused', () => {
    expect(flowingAgents(written ?? {}, [])).toEqual({ spec: { matchingPrecedence: 1000, rules: [] } })
  })
})
