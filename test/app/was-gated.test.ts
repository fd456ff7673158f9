import { expect, test } from '@jest/globals'
import { someWasGated } from '../../src/app/was-gated.ts'
import type { AgentIdentity } from '../../src/domain/kinds.ts'

const earlier = '2026-11-21T10:00:00Z'
const later = '2026-11-21T10:00:01Z'
type Said = readonly [type: string, status: 'True' | 'False' | 'Unknown', time: string]

function identity(...said: readonly Said[]): AgentIdentity {
  const conditions = said.map(([type, status, lastTransitionTime]) => ({
    type,
    status,
    lastTransitionTime,
    reason: 'Any',
    message: '',
  }))
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'AgentIdentity',
    metadata: { name: 'agents.bot' },
    spec: { subject: { namespace: 'agents' } },
    status: { conditions },
  }
}

test.each<[string, readonly Said[], boolean]>([
  ['has no conditions yet', [], false],
  [
    'was never gated',
    [
      ['Tagged', 'True', earlier],
      ['Gated', 'False', earlier],
      ['Safe', 'Unknown', earlier],
    ],
    false,
  ],
  [
    'was never gated, and lost its tag',
    [
      ['Tagged', 'False', later],
      ['Gated', 'False', earlier],
    ],
    false,
  ],
  ['is gated', [['Gated', 'True', earlier]], true],
  [
    'is gated no more',
    [
      ['Gated', 'False', later],
      ['Safe', 'Unknown', earlier],
    ],
    true,
  ],
])('an identity that %s', (_what, said, was) => {
  expect(someWasGated([identity(), identity(...said)])).toBe(was)
})
