import { describe, expect, test } from '@jest/globals'
import { makeMemory } from '../../src/app/memory.ts'
import type { Watched } from '../../src/app/memory.ts'
import type { Action } from '../../src/domain/action.ts'
import { identityName } from '../../src/domain/agent-name.ts'
import { requestName } from '../../src/domain/digest.ts'
import type { AgentIdentity, ApprovalRequest } from '../../src/domain/kinds.ts'
import type { Circumstances } from '../../src/domain/policy.ts'
import { present } from '../../src/domain/present.ts'
import { action, deployment } from '../make.ts'
import { digest, policy, request } from '../make-request.ts'
import { noFacts } from './gate-rig.ts'

const userName = identityName({ user: 'mcp@example.com' })
const groupName = identityName({ group: 'example.com:agents' })

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

  test.each<readonly [string, string, readonly string[]]>([
    ['its account', 'system:serviceaccount:agents:bot', ['agents.bot']],
    ['its namespace', 'system:serviceaccount:agents:bot', ['namespace.agents']],
    ['a user', 'mcp@example.com', [userName]],
    ['a group of the user', 'mcp@example.com', [groupName]],
  ])('its epoch moves with the policies, and with the identity of %s', (_whose, username, names) => {
    const caller = { ...noFacts, groups: ['example.com:agents'] }
    const version = (resourceVersion: string | undefined, policyEpoch = 1): string => {
      const one = { ...identity, metadata: { ...identity.metadata, ...present({ resourceVersion }) } }
      const seen = (name: string) => (names.includes(name) && resourceVersion !== undefined ? one : undefined)
      return makeMemory(watched({ identity: seen, policyEpoch: () => policyEpoch }), prepare).epoch(username, caller)
    }
    expect(version('7')).toBe(version('7'))
    expect(new Set([version(undefined), version('7'), version('8'), version('7', 2)]).size).toBe(4)
  })
})

describe('an agent with several identities', () => {
  const caller = { ...noFacts, groups: ['system:authenticated', 'example.com:agents'] }
  const bot = 'system:serviceaccount:agents:bot'

  function known(username: string, identities: Readonly<Record<string, Identity>>) {
    const seen = (name: string) => identities[name] && identityOf(name, identities[name])
    return makeMemory(watched({ identity: seen }), prepare).agent(username, caller)
  }

  test.each<readonly [string, string, Readonly<Record<string, Identity>>, string | undefined]>([
    ['its own before that of its namespace', bot, { 'agents.bot': {}, 'namespace.agents': {} }, 'agents.bot'],
    [
      'none, though its namespace has one: whose the account is may stand on the account',
      bot,
      { 'namespace.agents': {} },
      undefined,
    ],
    ['none of another account', bot, { 'agents.other': {}, 'namespace.other': {} }, undefined],
    ["a user's before that of his group", 'mcp@example.com', { [userName]: {}, [groupName]: {} }, userName],
    ["that of a user's group", 'mcp@example.com', { [groupName]: {} }, groupName],
    ["no account's groups", bot, { [groupName]: {} }, undefined],
  ])('goes by %s', (_which, username, identities, name) => {
    expect(known(username, identities).identity?.name).toBe(name)
  })

  test('goes by none whose facts the operator has not noted yet', () => {
    const { status: _status, ...made } = identity
    expect(makeMemory(watched({ identity: () => made }), prepare).agent(bot, caller).identity).toBeUndefined()
  })

  test('has the owner and the reason of the nearest one alone', () => {
    const both = { 'agents.bot': { reason: 'release' }, 'namespace.agents': { owner: 'mia', reason: 'other' } }
    expect(known(bot, both)).toMatchObject({ owner: undefined, justification: { text: 'release' } })
  })

  test.each<readonly [string, string, string]>([
    ['its account', bot, 'agents.bot'],
    ['its namespace', bot, 'namespace.agents'],
    ['a user', 'mcp@example.com', userName],
    ['a group', 'mcp@example.com', groupName],
  ])('is paused by a pause of %s', (_which, username, paused) => {
    const names = username === bot ? ['agents.bot', 'namespace.agents'] : [userName, groupName]
    const identities = Object.fromEntries(
      names.map((name) => [name, name === paused ? { paused: { by: 'Bo Lind' } } : {}]),
    )
    expect(known(username, identities).paused).toEqual({ by: 'Bo Lind', time: undefined, comment: undefined })
    expect(known(username, Object.fromEntries(names.map((name) => [name, {}]))).paused).toBeUndefined()
  })
})

describe('what memory cannot know', () => {
  const change = action({ object: deployment(), oldObject: deployment() })
  const by = (username: string): Action => ({ ...change, agent: { username, uid: 'u' } })

  test.each<readonly [string, Action, Partial<Watched>, Circumstances]>([
    [
      'an account without an identity, and a namespace that it has not seen, have labels that nobody knows',
      by('system:serviceaccount:x:y'),
      {},
      { accountLabels: 'Unknown', accountNamespaceLabels: 'Unknown', namespaceLabels: undefined },
    ],
    [
      'so has an account of whose identity the operator has not noted them',
      change,
      { identity: () => ({ ...identity, status: {} }) },
      { accountLabels: 'Unknown', accountNamespaceLabels: { env: 'bots' }, namespaceLabels: undefined },
    ],
    [
      'a user can have none',
      by('mcp@example.com'),
      {},
      { accountLabels: undefined, accountNamespaceLabels: undefined, namespaceLabels: undefined },
    ],
    [
      'a Namespace is not in itself',
      {
        ...change,
        namespace: 'agents',
        resource: { group: '', version: 'v1', resource: 'namespaces', subresource: '' },
      },
      {},
      { accountLabels: { team: 'blue' }, accountNamespaceLabels: { env: 'bots' }, namespaceLabels: undefined },
    ],
    [
      'the namespace of the target, where there is one',
      { ...change, namespace: 'agents' },
      {},
      { accountLabels: { team: 'blue' }, accountNamespaceLabels: { env: 'bots' }, namespaceLabels: { env: 'bots' } },
    ],
  ])('%s', (_sentence, asked, changes, circumstances) => {
    expect(makeMemory(watched(changes), prepare).circumstances(asked)).toEqual(circumstances)
  })
})

type Identity = { readonly owner?: string; readonly reason?: string; readonly paused?: AgentIdentity['spec']['paused'] }

function identityOf(name: string, { owner, reason, paused }: Identity): AgentIdentity {
  const annotations = reason === undefined ? {} : { 'countersign.dev/reason': reason }
  return {
    ...identity,
    metadata: { name, uid: `uid-of-${name}`, annotations },
    spec: present({ subject: {}, paused }),
    status: present({ owner }),
  }
}
