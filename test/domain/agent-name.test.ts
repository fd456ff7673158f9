import { describe, expect, test } from '@jest/globals'
import { accountOf, agentLabelValue, agentSubjects, identityName } from '../../src/domain/agent-name.ts'

const account = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`

describe('the service account of a username', () => {
  test.each([
    [account('agents', 'bot'), { namespace: 'agents', name: 'bot' }],
    [account('agents', 'bot.v2'), { namespace: 'agents', name: 'bot.v2' }],
    ['mcp@example.com', undefined],
    ['system:serviceaccount:agents', undefined],
    ['system:serviceaccount::bot', undefined],
    ['system:serviceaccount:agents:', undefined],
    ['system:serviceaccount:agents:bot:x', undefined],
    ['xsystem:serviceaccount:agents:bot', undefined],
  ])('%s', (username, found) => {
    expect(accountOf(username)).toEqual(found)
  })
})

test.each([
  [
    account('agents', 'bot'),
    ['x'],
    [{ serviceAccount: { namespace: 'agents', name: 'bot' } }, { namespace: 'agents' }],
  ],
  ['mcp@example.com', ['a', 'b'], [{ user: 'mcp@example.com' }, { group: 'a' }, { group: 'b' }]],
  ['mcp@example.com', [], [{ user: 'mcp@example.com' }]],
])('identities of %s with the groups %j, the nearest first', (username, groups, subjects) => {
  expect(agentSubjects(username, groups)).toEqual(subjects)
})

describe('the label of an agent', () => {
  test.each([
    [account('agents', 'bot'), 'agents.bot'],
    [account('agents', 'bot.v2'), 'agents.bot.v2'],
    [account('n'.repeat(31), 'b'.repeat(31)), `${'n'.repeat(31)}.${'b'.repeat(31)}`],
    ['mcp-server', 'mcp-server'],
    ['m'.repeat(63), 'm'.repeat(63)],
  ])('%s is %s', (username, label) => {
    expect(agentLabelValue(username)).toBe(label)
  })

  test.each([
    ['mcp@example.com'],
    ['agents.bot'],
    ['-mcp'],
    ['mcp-'],
    ['m'.repeat(64)],
    ['system:serviceaccount:agents'],
    ['日本'],
    [''],
  ])('the user "%s" is named as his identity is', (username) => {
    expect(agentLabelValue(username)).toBe(identityName({ user: username }))
  })

  test('two long names have two labels, which no other account can have', () => {
    const long = ['a', 'b'].map((end) => agentLabelValue(account('n'.repeat(63), `${'b'.repeat(180)}${end}`)))
    expect(new Set(long).size).toBe(2)
    for (const label of long) expect(label).toMatch(/^long_name\.[0-9a-z]{20}$/)
  })

  test.each([account('n'.repeat(63), 'b'.repeat(253)), 'mcp@example.com', 'm'.repeat(64), account('agents', 'bot')])(
    '%s has one that Kubernetes takes',
    (username) => {
      expect(agentLabelValue(username)).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/)
    },
  )
})
