import { describe, expect, test } from '@jest/globals'
import { isGated, webhookName, webhooksFor } from '../../src/domain/gate.ts'
import type { ClientConfig } from '../../src/domain/gate.ts'

const url: ClientConfig = { caBundle: 'Q0E=', url: 'https://127.0.0.1:1/x' }
const nobody = { usernames: [], namespaces: [], groups: [] }

describe('webhooksFor', () => {
  test('calls nobody when there is no agent', () => {
    expect(webhooksFor(nobody, url)).toEqual([])
  })

  test('says every field, so that nothing foreign survives being replaced', () => {
    const [webhook] = webhooksFor({ ...nobody, usernames: ['system:serviceaccount:agents:bot'] }, url)
    expect(webhook).toMatchObject({
      name: webhookName,
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      sideEffects: 'NoneOnDryRun',
      timeoutSeconds: 30,
      namespaceSelector: {},
      objectSelector: {},
      rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'], scope: '*' }],
    })
  })

  test('names agents, whole namespaces and groups in one condition', () => {
    const subjects = { usernames: ['system:serviceaccount:agents:bot'], namespaces: ['fleet'], groups: ['agents'] }
    expect(webhooksFor(subjects, url)[0]?.matchConditions[0]?.expression).toBe(
      'request.userInfo.username in ["system:serviceaccount:agents:bot"] || ' +
        'request.userInfo.username.startsWith("system:serviceaccount:fleet:") || ' +
        '(has(request.userInfo.groups) && request.userInfo.groups.exists(group, group in ["agents"]))',
    )
  })

  test('asks for no optional field without has(): an error would refuse the writes of everybody', () => {
    const conditions = webhooksFor({ ...nobody, groups: ['agents'] }, url).flatMap(
      ({ matchConditions }) => matchConditions,
    )
    for (const { expression } of conditions) {
      for (const field of ['request.namespace', 'request.userInfo.groups']) {
        if (expression.includes(field)) expect(expression).toContain(`has(${field})`)
      }
    }
  })

  const many = (count: number, length: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => String(index).padStart(length, 'n'))

  test.each([
    ['accounts', { ...nobody, usernames: many(1234, 300) }],
    ['namespaces', { ...nobody, namespaces: many(1234, 63) }],
    ['groups', { ...nobody, groups: many(500, 256) }],
    ['accounts, namespaces and groups', { usernames: many(234, 300), namespaces: many(700, 63), groups: many(9, 256) }],
  ])('splits many %s over several webhooks, each in exactly one', (...[, subjects]) => {
    const webhooks = webhooksFor(subjects, url)
    const texts = webhooks.map(({ matchConditions }) => matchConditions[0]?.expression ?? '')
    expect(new Set(webhooks.map(({ name }) => name)).size).toBe(webhooks.length)
    expect(webhooks.length).toBeGreaterThan(1)
    const literals = [
      ...[...subjects.usernames, ...subjects.groups].map((name) => `"${name}"`),
      ...subjects.namespaces.map((namespace) => `"system:serviceaccount:${namespace}:"`),
    ]
    for (const literal of literals) expect(texts.filter((text) => text.includes(literal))).toHaveLength(1)
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(100_000)
  })

  test('tells each webhook of nobody whom an earlier one is told of by a group', () => {
    const [first, second] = webhooksFor({ ...nobody, usernames: many(500, 300), groups: ['bots'] }, url)
    const group = '(has(request.userInfo.groups) && request.userInfo.groups.exists(group, group in ["bots"]))'
    expect(first?.matchConditions[0]?.expression).toContain(group)
    expect(first?.matchConditions.map(({ name }) => name)).not.toContain('not-told-before-1')
    expect(second?.matchConditions).toContainEqual({ name: 'not-told-before-1', expression: `!${group}` })
  })

  test('does not name an account whose whole namespace is told of', () => {
    const usernames = ['system:serviceaccount:fleet:bot', 'system:serviceaccount:fleet2:bot']
    const [webhook] = webhooksFor({ ...nobody, usernames, namespaces: ['fleet'] }, url)
    expect(webhook?.matchConditions[0]?.expression).toBe(
      'request.userInfo.username in ["system:serviceaccount:fleet2:bot"] || ' +
        'request.userInfo.username.startsWith("system:serviceaccount:fleet:")',
    )
  })

  test('writes a username as one CEL string, whatever is in it', () => {
    const [webhook] = webhooksFor({ ...nobody, usernames: ['a"] || true || "'] }, url)
    expect(webhook?.matchConditions[0]?.expression).toBe(
      String.raw`request.userInfo.username in ["a\"] || true || \""]`,
    )
  })
})

describe('isGated', () => {
  const subjects = { usernames: ['system:serviceaccount:agents:bot'], namespaces: ['fleet'], groups: ['agents'] }
  test.each([
    ['a named account', 'system:serviceaccount:agents:bot', [], true],
    ['its neighbour', 'system:serviceaccount:agents:bot2', [], false],
    ['any account of a tagged namespace', 'system:serviceaccount:fleet:x', [], true],
    ['an account of a namespace that begins like it', 'system:serviceaccount:fleet2:x', [], false],
    ['a member of a group', 'jane', ['agents'], true],
    ['a person', 'jane', ['people'], false],
  ])('%s', (_what, username, groups, gated) => {
    expect(isGated(subjects, username, groups)).toBe(gated)
  })
})
