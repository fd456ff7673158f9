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

  test('splits many agents over several webhooks, each name in exactly one', () => {
    const usernames = Array.from({ length: 1234 }, (_, index) => `system:serviceaccount:agents:bot-${index}`)
    const webhooks = webhooksFor({ ...nobody, usernames }, url)
    const texts = webhooks.map(({ matchConditions }) => matchConditions[0]?.expression ?? '')
    expect(new Set(webhooks.map(({ name }) => name)).size).toBe(webhooks.length)
    expect(usernames.every((name) => texts.filter((text) => text.includes(`"${name}"`)).length === 1)).toBe(true)
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(100_000)
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
