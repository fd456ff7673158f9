import { describe, expect, test } from '@jest/globals'
import { makeMemory } from '../../src/app/memory.ts'
import type { Watched } from '../../src/app/memory.ts'
import { requestName } from '../../src/domain/digest.ts'
import type { AgentIdentity, ApprovalRequest } from '../../src/domain/kinds.ts'
import { action, deployment } from '../make.ts'
import { digest, policy, request } from '../make-request.ts'
import { noFacts } from './gate-rig.ts'

const identity: AgentIdentity = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'AgentIdentity',
  metadata: {
    name: 'agents.bot',
    uid: 'id-1',
    resourceVersion: '7',
    annotations: { 'countersign.dev/reason': 'release' },
  },
  spec: {
    subject: { serviceAccount: { namespace: 'agents', name: 'bot' } },
    paused: { by: 'Bo Lind', time: '2026-11-21T10:40:00Z' },
  },
  status: { owner: 'bo', subjectLabels: { team: 'blue' } },
}

function watched(changes: Partial<Watched> = {}): Watched {
  return {
    policies: () => [],
    groups: () => [],
    identity: (name) => (name === 'agents.bot' ? identity : undefined),
    namespaceLabels: (name) => (name === 'agents' ? { env: 'bots' } : undefined),
    undecided: () => [],
    request: () => undefined,
    decided: () => Promise.resolve(undefined),
    silentMs: () => 0,
    policyEpoch: () => 1,
    ...changes,
  }
}

const prepare = () => policy('any')

describe('what the webhook knows without asking', () => {
  test('an agent by its identity: who owns it, who paused it, what it says', () => {
    expect(makeMemory(watched(), prepare).agent('system:serviceaccount:agents:bot', noFacts)).toMatchObject({
      name: 'agents/bot',
      label: 'agents.bot',
      identity: { name: 'agents.bot', uid: 'id-1' },
      owner: 'bo',
      paused: { by: 'Bo Lind' },
      justification: { text: 'release', source: 'AgentIdentity' },
    })
  })

  test('whoever it does not know is an agent all the same', () => {
    expect(makeMemory(watched(), prepare).agent('system:serviceaccount:x:y', noFacts)).toMatchObject({
      name: 'x/y',
      identity: undefined,
      paused: undefined,
    })
  })

  test('labels of the account, of its namespace and of the target; unknown ones are not taken for none', () => {
    const change = action({ object: deployment(), oldObject: deployment() })
    expect(makeMemory(watched(), prepare).circumstances(change)).toEqual({
      accountLabels: { team: 'blue' },
      accountNamespaceLabels: { env: 'bots' },
      namespaceLabels: undefined,
    })
  })

  test('the newest attempt of a chain', () => {
    const chain = new Map<string, ApprovalRequest>(
      ['', '-2', '-3'].map((end) => [
        `${requestName(digest)}${end}`,
        request({ name: `${requestName(digest)}${end}` }),
      ]),
    )
    const memory = makeMemory(watched({ request: (name) => chain.get(name) }), prepare)
    expect(memory.newest(digest)?.metadata.name).toBe(`${requestName(digest)}-3`)
  })

  test('policies are prepared once for each epoch, and anew for the next', () => {
    let prepared = 0
    let epoch = 1
    const objects = [{ metadata: { name: 'a' } }] as never
    const memory = makeMemory(watched({ policies: () => objects, policyEpoch: () => epoch }), () => {
      prepared += 1
      return policy('a')
    })
    memory.policies()
    memory.policies()
    expect(prepared).toBe(1)
    epoch = 2
    memory.policies()
    expect(prepared).toBe(2)
  })

  test('its epoch moves with the policies and with the agent itself', () => {
    const before = makeMemory(watched(), prepare).epoch('agents.bot')
    expect(makeMemory(watched({ policyEpoch: () => 2 }), prepare).epoch('agents.bot')).not.toBe(before)
    const changed = { ...identity, metadata: { ...identity.metadata, resourceVersion: '8' } }
    expect(makeMemory(watched({ identity: () => changed }), prepare).epoch('agents.bot')).not.toBe(before)
  })
})
