import { describe, expect, test } from '@jest/globals'
import type { WebhookConfiguration } from '../../src/app/gate-objects.ts'
import { nothingInForce, nowInForce, storedAs } from '../../src/app/in-force.ts'
import type { InForce, InForceSight, Made } from '../../src/app/in-force.ts'
import { planGate } from '../../src/app/keep-gate.ts'
import type { GateSight } from '../../src/app/keep-gate.ts'
import { webhooksFor } from '../../src/domain/gate.ts'
import type { Webhook } from '../../src/domain/gate.ts'

const clientConfig = { caBundle: 'Q0E=', url: 'https://127.0.0.1:8443/' }
const webhooksOf = (...usernames: readonly string[]): readonly Webhook[] =>
  webhooksFor({ usernames, namespaces: [], groups: [] }, clientConfig)
const made = (...usernames: readonly string[]): Made => {
  const webhooks = webhooksOf(...usernames)
  return { webhooks, stored: webhooks, identities: usernames }
}

const one = made('a')
const two = made('a', 'b')
const filled = { annotations: { 'countersign.dev/filled': 'true' } }
const foreign = [{ name: 'somebody.example.com' }]
const empty: WebhookConfiguration = { metadata: { name: 'countersign', resourceVersion: '7' } }

const sight = (changes: Partial<GateSight>): GateSight => ({
  live: { metadata: filled, webhooks: one.webhooks },
  wanted: one,
  stood: one.webhooks,
  gatedBefore: false,
  answered: true,
  ...changes,
})

describe('planGate', () => {
  test.each<[string, Partial<GateSight>, string]>([
    ['there is no configuration', { live: undefined }, 'Nothing Missing'],
    ['there is no certificate yet', { live: empty, wanted: undefined, stood: undefined }, 'Nothing Waiting'],
    ['no webhook was ever ready', { live: empty, stood: undefined, answered: false }, 'Nothing Waiting'],
    [
      'nobody is an agent, and no webhook was ever ready',
      { live: empty, wanted: made(), answered: false, stood: [] },
      'Nothing Waiting',
    ],
    ['nobody is an agent', { live: empty, wanted: made(), stood: [] }, 'Nothing InForce'],
    ['it stands as it should', {}, 'Nothing InForce'],
    ['it stands as it should, and no webhook is ready any more', { answered: false }, 'Nothing InForce'],
    ['it stands as it should, in the eyes of a process that begins', { stood: undefined }, 'Nothing InForce'],
    ['a webhook is ready for the first time', { live: empty, stood: undefined }, 'Put Fill'],
    ['a webhook is ready, and the first agent comes', { live: empty, stood: [] }, 'Put Fill'],
    ['there is another agent', { wanted: two }, 'Put Change'],
    ['there is another agent, and no webhook is ready', { wanted: two, answered: false }, 'Put Change'],
    ['the last agent is gone', { wanted: made() }, 'Put Change'],
    ['a process that begins finds another agent', { wanted: two, stood: undefined }, 'Put Change'],
    ['somebody emptied it', { live: { metadata: filled } }, 'Put Heal'],
    ['somebody emptied it while no webhook is ready', { live: { metadata: filled }, answered: false }, 'Put Heal'],
    ['somebody emptied it, and took the annotation away', { live: empty, answered: false }, 'Put Heal'],
    [
      'it was emptied before this process began',
      { live: { metadata: filled }, stood: undefined, answered: false },
      'Put Fill',
    ],
    [
      'it was deleted and made again before this process began, and agents were gated',
      { live: empty, stood: undefined, answered: false, gatedBefore: true },
      'Put Fill',
    ],
    ['somebody took the annotation away', { live: { ...empty, webhooks: one.webhooks } }, 'Put Change'],
    ['somebody else put a webhook there', { live: { metadata: filled, webhooks: foreign } }, 'Put Heal'],
    [
      'somebody else put a webhook there before ours',
      { live: { ...empty, webhooks: foreign }, stood: [], answered: false },
      'Put Heal',
    ],
  ])('when %s: %s', (...[, changes, expected]) => {
    const plan = planGate(sight(changes))
    expect(`${plan.do} ${plan.because}`).toBe(expected)
  })

  const faults: readonly [string, (webhook: Webhook) => object][] = [
    ['the failure policy', (webhook) => ({ ...webhook, failurePolicy: 'Ignore' })],
    ['the match policy', (webhook) => ({ ...webhook, matchPolicy: 'Exact' })],
    ['the timeout', (webhook) => ({ ...webhook, timeoutSeconds: 1 })],
    ['the rules', (webhook) => ({ ...webhook, rules: [] })],
    ['the namespace selector', (webhook) => ({ ...webhook, namespaceSelector: { matchLabels: { a: 'b' } } })],
    ['the object selector', (webhook) => ({ ...webhook, objectSelector: { matchLabels: { a: 'b' } } })],
    [
      'a condition',
      (webhook) => ({ ...webhook, matchConditions: [...webhook.matchConditions, { name: 'n', expression: 'false' }] }),
    ],
    ['a field of which we know nothing', (webhook) => ({ ...webhook, sampling: 0 })],
  ]

  test.each(faults)('heals %s, by the whole list', (...[, change]) => {
    const plan = planGate(
      sight({ live: { metadata: { ...filled, labels: { team: 'x' } }, webhooks: one.webhooks.map(change) } }),
    )
    expect(plan).toEqual({
      do: 'Put',
      because: 'Heal',
      object: { metadata: { ...filled, labels: { team: 'x' } }, webhooks: one.webhooks },
    })
  })

  test('marks that it was filled, and hands back everything else as it was', () => {
    const live = { metadata: { name: 'countersign', resourceVersion: '7', annotations: { theirs: 'x' } }, kind: 'K' }
    const plan = planGate(sight({ live, stood: undefined }))
    expect(plan).toMatchObject({
      object: {
        kind: 'K',
        metadata: { name: 'countersign', resourceVersion: '7', annotations: { theirs: 'x', ...filled.annotations } },
      },
    })
  })

  test('takes what somebody else put there out again before the first webhook is ready, and puts nobody in', () => {
    const plan = planGate(sight({ live: { ...empty, webhooks: foreign }, stood: undefined, answered: false }))
    expect(plan).toMatchObject({ do: 'Put', object: { webhooks: [] } })
    expect(plan).not.toMatchObject({ object: { metadata: filled } })
  })

  test('is content with fields that the API server added to what was put', () => {
    const stored = one.webhooks.map((webhook) => ({ ...webhook, added: true }))
    expect(planGate(sight({ live: { metadata: filled, webhooks: stored }, wanted: { ...one, stored } }))).toMatchObject(
      {
        because: 'InForce',
      },
    )
  })
})

describe('storedAs', () => {
  test.each<[string, readonly object[], boolean]>([
    ['what was put', one.webhooks, true],
    [
      'what was put, and a field of which we know nothing',
      one.webhooks.map((webhook) => ({ ...webhook, added: 1 })),
      true,
    ],
    [
      'a selector that was not put',
      one.webhooks.map((webhook) => ({ ...webhook, objectSelector: { matchLabels: { a: 'b' } } })),
      false,
    ],
    ['less than was put', [], false],
    ['more than was put', [...one.webhooks, { name: 'x' }], false],
  ])('takes %s for its own: %s', (...[, returned, taken]) => {
    expect(storedAs(one.webhooks, returned)).toBe(taken ? returned : one.webhooks)
  })
})

describe('nowInForce', () => {
  const now = 1_000_000
  const look = (before: InForce, changes: Partial<InForceSight>): InForce =>
    nowInForce(before, { live: { webhooks: one.webhooks }, made: [one], gatedBefore: new Set(), now, ...changes })
  const standing = look(nothingInForce, {})
  const sinceOf = ({ since }: InForce): object => Object.fromEntries(since)

  test('an agent is gated since its configuration was first read back', () => {
    expect(sinceOf(standing)).toEqual({ a: now })
    expect(sinceOf(look(standing, { now: now + 5 }))).toEqual({ a: now })
  })

  test('an agent that comes later is gated later', () => {
    const later = look(standing, { live: { webhooks: two.webhooks }, made: [two, one], now: now + 5 })
    expect(sinceOf(later)).toEqual({ a: now, b: now + 5 })
  })

  test('while a change is on its way, what stood before still holds', () => {
    expect(look(standing, { made: [two] })).toBe(standing)
  })

  test('what was put last holds for those that it was made from, also when more is wanted by then', () => {
    const later = look(standing, { live: { webhooks: two.webhooks }, made: [made('a', 'b', 'c'), two] })
    expect(sinceOf(later)).toEqual({ a: now, b: now })
  })

  test.each<[string, WebhookConfiguration | undefined]>([
    ['somebody else wrote it', { webhooks: foreign }],
    ['somebody emptied it', {}],
    ['it is gone', undefined],
  ])('nobody is gated when %s, and all wait anew afterwards', (...[, live]) => {
    const broken = look(standing, { live })
    expect(sinceOf(broken)).toEqual({})
    expect(sinceOf(look(broken, { gatedBefore: new Set(['a']), now: now + 9 }))).toEqual({ a: now + 9 })
  })

  test('whoever was gated when this process began does not wait again', () => {
    expect(sinceOf(look(nothingInForce, { gatedBefore: new Set(['a']) }))).toEqual({ a: 0 })
  })
})
