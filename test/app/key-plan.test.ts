import { describe, expect, test } from '@jest/globals'
import { createSecretKey } from 'node:crypto'
import { planKeys } from '../../src/app/key-plan.ts'
import type { KeyPlan } from '../../src/app/key-plan.ts'
import { emptyRing, ringNames } from '../../src/app/key-ring.ts'
import type { Ring, RingKey, RingName } from '../../src/app/key-ring.ts'
import type { KeyStep } from '../../src/app/key-rules.ts'
import type { KeyFacts, KeyReport, KeysSeen, KeySettings } from '../../src/app/key-view.ts'
import type { Trust, TrustedKey } from '../../src/domain/trust.ts'

const settings: KeySettings = { rotateMs: 10_000, publishMs: 60, dropMs: 1_000, compromised: new Set() }
const noFacts: KeyFacts = { reports: [], inUse: new Set() }

/** A key of a ring: made at `made`; retired at `retired`, when a signing key is destroyed. */
function key(id: string, made = 0, retired?: number): RingKey {
  const destroyed = retired !== undefined && /^[eg]/.test(id)
  return {
    id,
    createdTime: made,
    retiredTime: retired,
    secret: destroyed ? undefined : createSecretKey(new Uint8Array(32)),
  }
}

function ring(current: string, ...keys: readonly RingKey[]): Ring {
  return { current, keys }
}

/** `-e1` is a dismissed one. */
function trust(...kids: readonly string[]): Trust {
  return kids.map((marked): TrustedKey => {
    const kid = marked.replace('-', '')
    const use = kid.startsWith('e') ? 'evidence' : 'gateway'
    return { kid, use, x: '', introduction: undefined, dismissal: marked === kid ? undefined : 'dismissed' }
  })
}

const settled: Readonly<Record<RingName, Ring>> = {
  evidence: ring('e1', key('e1')),
  gateway: ring('g1', key('g1')),
  digest: ring('d1', key('d1')),
  handle: ring('h1', key('h1')),
}

type Case = {
  readonly rings?: Partial<Record<RingName, Ring>>
  readonly trust?: Trust | undefined
  readonly damaged?: boolean
  readonly facts?: Partial<KeyFacts>
  readonly settings?: Partial<KeySettings>
  readonly now?: number
}

function plan(asked: Case): KeyPlan {
  const rings = { ...settled, ...asked.rings }
  const seen: KeysSeen = {
    rings: new Map(ringNames.map((name) => [name, rings[name]])),
    trust: 'trust' in asked ? asked.trust : trust('e1', 'g1'),
    damaged: asked.damaged ?? false,
  }
  const facts = { ...noFacts, ...asked.facts }
  return planKeys(seen, facts, { settings: { ...settings, ...asked.settings }, now: asked.now ?? 100 })
}

const replica = (component: KeyReport['component'], ...ids: readonly string[]): KeyReport => ({
  component,
  keyIDs: new Set(ids),
})

const empty = { evidence: emptyRing, gateway: emptyRing, digest: emptyRing, handle: emptyRing }

describe('the first start, write by write', () => {
  test.each<[string, Case, KeyStep]>([
    ['nothing is there: the evidence key', { rings: empty, trust: [] }, { do: 'Generate', ring: 'evidence' }],
    [
      'it is published as the first of all, which nobody introduces',
      { rings: { ...empty, evidence: settled.evidence }, trust: [] },
      { do: 'Publish', ring: 'evidence', id: 'e1', by: undefined },
    ],
    [
      'then the gateway key',
      { rings: { ...empty, evidence: settled.evidence }, trust: trust('e1') },
      { do: 'Generate', ring: 'gateway' },
    ],
    [
      'which the evidence key introduces',
      { trust: trust('e1') },
      { do: 'Publish', ring: 'gateway', id: 'g1', by: 'e1' },
    ],
    [
      'then the key of digests',
      { rings: { digest: emptyRing, handle: emptyRing } },
      { do: 'Generate', ring: 'digest' },
    ],
    ['then that of handles', { rings: { handle: emptyRing } }, { do: 'Generate', ring: 'handle' }],
  ])('%s', (_what, asked, step) => {
    expect(plan(asked)).toMatchObject({ step, keyLost: false })
  })

  test('then nothing, until the first key is old', () => {
    expect(plan({})).toEqual({ step: undefined, keyLost: false, wakeTime: 10_000 })
  })
})

describe.each<[RingName, string]>([
  ['evidence', 'e'],
  ['gateway', 'g'],
  ['digest', 'd'],
  ['handle', 'h'],
])('the replacement of a key of the ring %s', (name, letter) => {
  const [k1, k2] = [`${letter}1`, `${letter}2`]
  const both = ring(k1, key(k1), key(k2, 100))
  const signing = name === 'evidence' || name === 'gateway'
  const published = signing ? trust('e1', 'g1', k2) : trust('e1', 'g1')
  const others = {
    evidence: key('e1', 5_000),
    gateway: key('g1', 5_000),
    digest: key('d1', 5_000),
    handle: key('h1', 5_000),
  }
  const young = Object.fromEntries(Object.entries(others).map(([ringName, made]) => [ringName, ring(made.id, made)]))

  test('begins when the current key is old enough, not a moment earlier', () => {
    const rings = { ...young, [name]: ring(k1, key(k1)) }
    expect(plan({ rings, now: 9_999 })).toMatchObject({ step: undefined, wakeTime: 10_000 })
    expect(plan({ rings, now: 10_000 }).step).toEqual({ do: 'Generate', ring: name })
  })

  test('begins at once when somebody else may hold the current key', () => {
    expect(plan({ settings: { compromised: new Set([k1]) } }).step).toEqual({ do: 'Generate', ring: name })
  })

  if (signing) {
    test('publishes the new key, introduced by the current evidence key', () => {
      expect(plan({ rings: { [name]: both } }).step).toEqual({ do: 'Publish', ring: name, id: k2, by: 'e1' })
    })
  }

  test('waits until the new key has been known for long enough', () => {
    expect(plan({ rings: { [name]: both }, trust: published, now: 159 })).toMatchObject({
      step: undefined,
      wakeTime: 160,
    })
    expect(plan({ rings: { [name]: both }, trust: published, now: 160 }).step).toEqual({
      do: 'Switch',
      ring: name,
      id: k2,
    })
  })

  test('waits for the replicas that look things up by it, and for no others', () => {
    const needed: Record<RingName, readonly KeyReport['component'][]> = {
      evidence: ['webhook', 'operator', 'gateway'],
      gateway: ['webhook', 'operator', 'gateway'],
      digest: ['webhook', 'operator'],
      handle: ['operator', 'gateway'],
    }
    for (const component of ['webhook', 'operator', 'gateway'] as const) {
      const reports = [replica('webhook', k2), replica('operator', k2), replica('gateway', k2), replica(component, k1)]
      const step = plan({ rings: { [name]: both }, trust: published, facts: { reports }, now: 500 }).step
      expect([component, step?.do]).toEqual([component, needed[name].includes(component) ? undefined : 'Switch'])
    }
    const all = [replica('webhook', k1, k2), replica('operator', k2), replica('gateway', k2)]
    expect(plan({ rings: { [name]: both }, trust: published, facts: { reports: all }, now: 500 }).step?.do).toBe(
      'Switch',
    )
  })

  const after = ring(k2, key(k1, 0, 200), key(k2, 100))
  const moved = name === 'evidence' ? { by: 'e2' } : { by: 'e1' }
  const dropStep: KeyStep = signing
    ? { do: 'Dismiss', ring: name, id: k1, ...moved }
    : { do: 'Forget', ring: name, id: k1 }

  test('keeps the old key for its time', () => {
    expect(plan({ rings: { [name]: after }, trust: published, now: 1_199 })).toMatchObject({
      step: undefined,
      wakeTime: 1_200,
    })
    expect(plan({ rings: { [name]: after }, trust: published, now: 1_200 }).step).toEqual(dropStep)
  })

  test('keeps the old key for as long as something rests on it', () => {
    const facts = { inUse: new Set([k1]) }
    expect(plan({ rings: { [name]: after }, trust: published, facts, now: 9_000 }).step).toBeUndefined()
  })

  test('drops the old key at once when somebody else may hold it', () => {
    const asked = { rings: { [name]: after }, trust: published, facts: { inUse: new Set([k1]) }, now: 201 }
    expect(plan({ ...asked, settings: { compromised: new Set([k1]) } }).step).toEqual(dropStep)
  })

  if (signing) {
    test('forgets a key that it has dismissed', () => {
      const gone = trust(...(name === 'evidence' ? ['-e1', 'g1', 'e2'] : ['e1', '-g1', 'g2']))
      expect(plan({ rings: { [name]: after }, trust: gone, now: 1_200 }).step).toEqual({
        do: 'Forget',
        ring: name,
        id: k1,
      })
    })
  }

  test('never uses a new key that somebody else may hold, but makes another', () => {
    const asked = { rings: { [name]: ring(k1, key(k1), key(k2, 100)) }, trust: published, now: 10_000 }
    const step = plan({ ...asked, rings: { ...young, ...asked.rings }, settings: { compromised: new Set([k2]) } }).step
    expect(['Generate', 'Dismiss']).toContain(step?.do)
    expect(step).not.toMatchObject({ do: 'Switch' })
  })
})

describe('what cannot be', () => {
  test('an evidence key is not switched to before it is trusted, however long it is there', () => {
    const rings = { evidence: ring('e1', key('e1'), key('e2', 100)) }
    expect(plan({ rings, now: 9_000 }).step?.do).toBe('Publish')
  })

  test('where the published keys go back to a key that is lost, none is made, and that is said', () => {
    const rings = { evidence: emptyRing, gateway: emptyRing }
    expect(plan({ rings })).toMatchObject({ step: undefined, keyLost: true })
  })

  test('nor where the evidence key is another than the published one', () => {
    const rings = { evidence: ring('e9', key('e9')) }
    expect(plan({ rings, now: 50_000, settings: { rotateMs: 1e9 } })).toMatchObject({ step: undefined, keyLost: true })
  })

  test('nor where it was dismissed', () => {
    expect(plan({ trust: trust('-e1', 'e2', 'g1') })).toMatchObject({ step: undefined, keyLost: true })
  })

  test('but keys that are not published are still kept then', () => {
    const rings = { evidence: emptyRing, digest: emptyRing }
    expect(plan({ rings })).toMatchObject({ step: { do: 'Generate', ring: 'digest' }, keyLost: true })
  })

  test('nothing is signed, dismissed or forgotten while the published set cannot be read', () => {
    const rings = { evidence: ring('e2', key('e1', 0, 1), key('e2')), gateway: emptyRing }
    expect(plan({ rings, trust: undefined, now: 5_000 }).step).toBeUndefined()
  })

  test('nor is a new key used then, or one that was dismissed while it waited', () => {
    const rings = { evidence: ring('e1', key('e1'), key('e2', 10)), gateway: ring('g1', key('g1'), key('g2', 10)) }
    expect(plan({ rings, trust: undefined, now: 5_000 }).step).toBeUndefined()
    expect(plan({ rings, trust: trust('e1', 'g1', '-e2', '-g2'), now: 5_000 }).step).toBeUndefined()
    const due = plan({ rings, trust: trust('e1', 'g1', '-e2', '-g2'), now: 10_000 })
    expect(due.step).toEqual({ do: 'Generate', ring: 'evidence' })
  })

  test('a ring that cannot be read is left alone, and the others are kept', () => {
    const seen: KeysSeen = {
      rings: new Map([
        ['digest', emptyRing],
        ['handle', settled.handle],
      ]),
      trust: trust('e1', 'g1'),
      damaged: false,
    }
    expect(planKeys(seen, noFacts, { settings, now: 0 }).step).toEqual({ do: 'Generate', ring: 'digest' })
  })

  test('a lost gateway key is replaced without ado: the evidence key introduces the new one', () => {
    expect(plan({ rings: { gateway: emptyRing } })).toMatchObject({
      step: { do: 'Generate', ring: 'gateway' },
      keyLost: false,
    })
  })

  test('a set that somebody else wrote is written over before anything else', () => {
    expect(plan({ damaged: true, rings: empty }).step).toEqual({ do: 'Heal' })
  })
})
