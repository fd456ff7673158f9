import { describe, expect, test } from '@jest/globals'
import { keepIdentities } from '../../src/app/keep-identities.ts'
import type { IdentityEffect, IdentitySight, Tagged } from '../../src/app/keep-identities.ts'
import type { AgentIdentity } from '../../src/domain/kinds.ts'
import { now } from '../make.ts'

const bot: Tagged = {
  subject: { serviceAccount: { namespace: 'agents', name: 'bot' } },
  uid: 'sa-1',
  labels: { 'countersign.dev/agent': 'true', team: 'blue' },
  annotations: { 'countersign.dev/owner': 'bo', 'countersign.dev/patience-seconds': '30' },
}
const identity: AgentIdentity = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'AgentIdentity',
  metadata: { name: 'agents.bot', namespace: 'countersign-system', uid: 'id-1', generation: 1 },
  spec: { subject: bot.subject },
}

function sight(changes: Partial<IdentitySight>): IdentitySight {
  return {
    tagged: [bot],
    identities: [identity],
    namespaceAnnotations: () => ({}),
    isOwner: (name) => name === 'bo',
    gatedSince: () => undefined,
    recordsNamespace: 'countersign-system',
    propagationMs: 10_000,
    now,
    ...changes,
  }
}

/** The status that is to be written, conditions by type. */
function statusIn(effects: readonly IdentityEffect[]) {
  const [effect] = effects
  if (effect?.do !== 'status') throw new Error('a status is to be written')
  const conditions = Object.fromEntries(
    (effect.status.conditions ?? []).map((one) => [one.type, `${one.status} ${one.reason}`]),
  )
  return { ...effect.status, conditions }
}

describe('keepIdentities', () => {
  test('makes an identity for every tag', () => {
    expect(keepIdentities(sight({ identities: [] }))).toEqual([
      { do: 'create', name: 'agents.bot', subject: bot.subject },
    ])
  })

  test.each(['kube-system', 'countersign-system', 'namespace'])('never gates an account of %s', (namespace) => {
    const tagged = [{ ...bot, subject: { serviceAccount: { namespace, name: 'bot' } } }]
    expect(keepIdentities(sight({ tagged, identities: [] }))).toEqual([])
  })

  test('makes one for every account of a namespace that is tagged, which says so', () => {
    const plain = { ...bot, labels: { team: 'blue' }, byNamespace: true }
    const effects = keepIdentities(sight({ tagged: [plain], identities: [] }))
    expect(effects).toEqual([{ do: 'create', name: 'agents.bot', subject: bot.subject }])
    const status = statusIn(keepIdentities(sight({ tagged: [plain] })))
    expect(status).toMatchObject({ owner: 'bo', conditions: { Tagged: 'True NamespaceLabelled' } })
  })

  test('says what it read, and that nobody has looked whether the agent is safe', () => {
    expect(statusIn(keepIdentities(sight({})))).toMatchObject({
      owner: 'bo',
      wait: { patienceSeconds: 30 },
      subjectUID: 'sa-1',
      subjectLabels: { team: 'blue' },
      conditions: {
        Tagged: 'True Labelled',
        Gated: 'False NotInConfiguration',
        Owned: 'True Annotated',
        Safe: 'Unknown NotChecked',
      },
    })
  })

  test.each([
    [9_999, 'False Propagating'],
    [10_000, 'True Propagated'],
  ])('%d ms after the configuration was read back, Gated is %s', (since, gated) => {
    expect(statusIn(keepIdentities(sight({ gatedSince: () => now - since }))).conditions).toMatchObject({
      Gated: gated,
    })
  })

  test('an agent whose tag is gone stays an agent, with all that was known of it', () => {
    const first = keepIdentities(sight({}))[0]
    if (first?.do !== 'status') throw new Error('a status is to be written')
    const known = { ...identity, status: first.status }
    const effects = keepIdentities(sight({ tagged: [], identities: [known] }))
    expect(statusIn(effects)).toMatchObject({
      owner: 'bo',
      subjectUID: 'sa-1',
      conditions: { Tagged: 'False TagGone' },
    })
    expect(effects).toHaveLength(1)
  })

  test('annotations of the namespace hold where the account has none of its own', () => {
    const namespaceAnnotations = () => ({ 'countersign.dev/owner': 'team', 'countersign.dev/on-behalf-of': 'mia' })
    expect(statusIn(keepIdentities(sight({ namespaceAnnotations })))).toMatchObject({ owner: 'bo', onBehalfOf: 'mia' })
  })

  test.each<[string, Tagged['annotations'], string]>([
    ['nobody', {}, 'False NoOwner'],
    ['an empty name', { 'countersign.dev/owner': '' }, 'False NoOwner'],
    ['whom no group knows', { 'countersign.dev/owner': 'mallory' }, 'False UnknownOwner'],
    ['whom a group knows', { 'countersign.dev/owner': 'bo' }, 'True Annotated'],
  ])('an agent of %s is Owned accordingly', (...[, annotations, owned]) => {
    const effects = keepIdentities(sight({ tagged: [{ ...bot, annotations }] }))
    expect(statusIn(effects).conditions).toMatchObject({ Owned: owned })
  })

  test('an owner that is more than a name does nothing where it is shown, and fits the schema', () => {
    const annotations = { 'countersign.dev/owner': '\u202e'.repeat(253) }
    const [effect] = keepIdentities(sight({ tagged: [{ ...bot, annotations }] }))
    if (effect?.do !== 'status') throw new Error('a status is to be written')
    const messages = (effect.status.conditions ?? []).map(({ message }) => message)
    expect(messages.join()).not.toContain('\u202e')
    expect(Math.max(...messages.map((message) => message.length))).toBeLessThanOrEqual(2048)
  })

  test('an owner too long to be stored is cut, so that it names nobody, rather than left out', () => {
    const annotations = { 'countersign.dev/owner': '😀'.repeat(300) }
    const { owner } = statusIn(keepIdentities(sight({ tagged: [{ ...bot, annotations }] })))
    expect(Array.from(owner ?? '')).toHaveLength(253)
  })

  test('writes nothing when nothing changed', () => {
    const first = keepIdentities(sight({}))[0]
    if (first?.do !== 'status') throw new Error('a status is to be written')
    expect(keepIdentities(sight({ identities: [{ ...identity, status: first.status }], now: now + 60_000 }))).toEqual(
      [],
    )
  })

  test.each<[string, Tagged['subject'], string]>([
    ['user', { user: 'ci@example.com' }, 'user.'],
    ['group', { group: 'bots' }, 'group.'],
  ])('makes an identity for a %s of the configuration, tagged by it', (...[, subject, prefix]) => {
    const configured = { subject, uid: undefined, labels: {}, annotations: {} }
    const [created] = keepIdentities(sight({ tagged: [configured], identities: [] }))
    if (created?.do !== 'create') throw new Error('an identity is to be made')
    expect(created.name.startsWith(prefix)).toBe(true)
    const made = { ...identity, metadata: { ...identity.metadata, name: created.name }, spec: { subject } }
    const effects = keepIdentities(sight({ tagged: [configured], identities: [made] }))
    expect(statusIn(effects).conditions).toMatchObject({ Tagged: 'True Configured' })
    const later = keepIdentities(sight({ tagged: [], identities: [made] }))
    expect(statusIn(later).conditions).toMatchObject({ Tagged: 'False TagGone' })
  })

  test.each<[string, Tagged['subject']]>([
    ['a node', { user: 'system:node:one' }],
    ['everybody', { group: 'system:authenticated' }],
  ])('never gates %s, even if the configuration says so', (...[, subject]) => {
    const configured = { subject, uid: undefined, labels: {}, annotations: {} }
    expect(keepIdentities(sight({ tagged: [configured], identities: [] }))).toEqual([])
  })

  test('an identity under the name of an agent that is for somebody else is not tagged', () => {
    const other = { ...identity, spec: { subject: { serviceAccount: { namespace: 'agents', name: 'other' } } } }
    expect(statusIn(keepIdentities(sight({ identities: [other] }))).conditions).toMatchObject({
      Tagged: 'False TagGone',
    })
  })
})
