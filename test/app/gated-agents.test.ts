import { expect, test } from '@jest/globals'
import { gatedAgents } from '../../src/app/gated-agents.ts'
import { identityName } from '../../src/domain/agent-name.ts'
import type { AgentIdentity, AgentSubject } from '../../src/domain/kinds.ts'

function identity(subject: AgentSubject): AgentIdentity {
  const metadata = { name: identityName(subject), namespace: 'countersign-system' }
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'AgentIdentity', metadata, spec: { subject } }
}

const account = (namespace: string, name: string): AgentSubject => ({ serviceAccount: { namespace, name } })

test('an account of a namespace that is gated whole is not named once more', () => {
  const subjects = [account('swarm', 'one'), account('agents', 'bot'), { namespace: 'swarm' }]
  const gated = gatedAgents(subjects.map(identity), 'countersign-system')
  expect(gated.identities).toEqual(['agents.bot', 'namespace.swarm', 'swarm.one'])
  expect(gated.agents).toEqual([account('agents', 'bot'), { namespace: 'swarm' }])
  expect(gated.subjects).toEqual({
    usernames: ['system:serviceaccount:agents:bot'],
    namespaces: ['swarm'],
    groups: [],
  })
})
