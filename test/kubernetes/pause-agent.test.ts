import { describe, expect, test } from '@jest/globals'
import type { AgentIdentity, Pause } from '../../src/domain/kinds.ts'
import { pauseAgent } from '../../src/kubernetes/pause-agent.ts'
import type { PausePorts } from '../../src/kubernetes/pause-agent.ts'

const pause: Pause = { by: 'Alice Kim', reason: 'it runs wild' }

function identity(name: string, paused?: Pause): AgentIdentity {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'AgentIdentity',
    metadata: { name, namespace: 'records' },
    spec: { subject: { namespace: 'agents' }, ...(paused && { paused }) },
  }
}

/** A store of identities that refuses the first so many writes as being late. */
function store(identities: readonly AgentIdentity[], conflicts = 0) {
  const written: unknown[] = []
  let left = conflicts
  const objects = {
    get: (_resource: unknown, { name }: { readonly name: string }) => {
      const found = identities.find(({ metadata }) => metadata.name === name)
      return Promise.resolve(found === undefined ? 'NotFound' : { object: found, date: undefined })
    },
    replace: (_resource: unknown, object: AgentIdentity) => {
      left -= 1
      if (left >= 0) return Promise.resolve('Conflict')
      written.push(object)
      return Promise.resolve({ object, date: undefined })
    },
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- generic methods, of which this fake knows one kind
  return { ports: { objects, namespace: 'records' } as unknown as PausePorts, written }
}

describe('pausing an agent', () => {
  test('writes it into the first identity that exists', async () => {
    const { ports, written } = store([identity('namespace.agents')])
    expect(await pauseAgent(ports, ['agents.bot', 'namespace.agents'], pause)).toBe('Paused')
    expect(written).toEqual([identity('namespace.agents', pause)])
  })

  test('leaves a pause as it is', async () => {
    const { ports, written } = store([identity('agents.bot', { by: 'Bob Ray' })])
    expect(await pauseAgent(ports, ['agents.bot'], pause)).toBe('Paused')
    expect(written).toEqual([])
  })

  test('tries again when somebody else writes the identity', async () => {
    const { ports, written } = store([identity('agents.bot')], 2)
    expect(await pauseAgent(ports, ['agents.bot'], pause)).toBe('Paused')
    expect(written).toHaveLength(1)
  })

  test('fails when somebody else does so every time', async () => {
    const { ports } = store([identity('agents.bot')], 100)
    await expect(pauseAgent(ports, ['agents.bot'], pause)).rejects.toThrow('by others')
  })

  test('says when there is no identity', async () => {
    expect(await pauseAgent(store([]).ports, ['agents.bot'], pause)).toBe('NoIdentity')
  })
})
