import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { acceptedKeys, followTrust, pinTrust } from '../../src/domain/trust.ts'
import type { OfferedKey, Trust, TrustAlarm } from '../../src/domain/trust.ts'
import { scaled } from '../scale.ts'
import { seededRandom } from '../random.ts'

const noPins = new Set<string>()

/** `e…` is an evidence key, `g…` a gateway key. A statement's text names who signed it. */
function key(kid: string, said: { introducedBy?: string; dismissedBy?: string } = {}): OfferedKey {
  const { introducedBy, dismissedBy } = said
  return {
    kid,
    use: kid.startsWith('g') ? 'gateway' : 'evidence',
    x: `x of ${kid}`,
    introduction: introducedBy && `${kid} introduced by ${introducedBy}`,
    dismissal: dismissedBy && `${kid} dismissed by ${dismissedBy}`,
    introducedBy,
    dismissedBy,
  }
}

/** As a set says it, without a signature that proves it. */
function unproven(offered: OfferedKey): OfferedKey {
  return { ...offered, introducedBy: undefined, dismissedBy: undefined }
}

function pinned(offered: readonly OfferedKey[], pins: ReadonlySet<string> = noPins): Trust {
  const read = pinTrust(offered, pins)
  if ('fault' in read) throw new Error(read.fault)
  return read.trust
}

const kids = (trust: Trust): readonly string[] => trust.map(({ kid }) => kid)
const accepted = (trust: Trust): readonly string[] => kids(acceptedKeys(trust))
const told = (alarms: readonly TrustAlarm[]): readonly string[] => alarms.map(({ alarm, kid }) => `${alarm} ${kid}`)

const e1 = key('e1')
const g1 = key('g1', { introducedBy: 'e1' })
const e2 = key('e2', { introducedBy: 'e1' })
const g2 = key('g2', { introducedBy: 'e2' })
const e3 = key('e3', { introducedBy: 'e2' })
const e1Dismissed = key('e1', { dismissedBy: 'e2' })

describe('the first set that a process reads', () => {
  test('is taken from its first key on, with all keys that are chained to it', () => {
    expect(pinTrust([e1, g1, e2, g2], noPins)).toMatchObject({ alarms: [] })
    expect(accepted(pinned([e1, g1, e2, g2]))).toEqual(['e1', 'g1', 'e2', 'g2'])
  })

  test('is not taken beyond what the chain holds: a key without a voucher is an alarm already then', () => {
    const read = pinTrust([e1, g1, key('eX')], noPins)
    if ('fault' in read) throw new Error(read.fault)
    expect(accepted(read.trust)).toEqual(['e1', 'g1'])
    expect(told(read.alarms)).toEqual(['Unchained eX'])
  })

  test('begins with a configured key where keys are configured, wherever that stands', () => {
    expect(accepted(pinned([e1, g1, e2, g2], new Set(['e2'])))).toEqual(['e2', 'g2'])
    expect(accepted(pinned([e1, g1, e2, g2], new Set(['e1', 'e2'])))).toEqual(['e1', 'e2', 'g1', 'g2'])
  })

  test('follows the chain from a configured key that was dismissed long ago', () => {
    const e2Dismissed = key('e2', { introducedBy: 'e1', dismissedBy: 'e3' })
    expect(accepted(pinned([e1Dismissed, e2Dismissed, e3], new Set(['e1'])))).toEqual(['e3'])
  })

  test.each<[string, readonly OfferedKey[], ReadonlySet<string>, string]>([
    ['nothing is published', [], noPins, 'Empty'],
    ['nothing is published, and keys are configured', [], new Set(['e1']), 'Empty'],
    ['no configured key is in it', [e2, g2], new Set(['e1']), 'NoRoot'],
    ['only a gateway key is configured', [e1, g1], new Set(['g1']), 'NoRoot'],
    ['it begins with a gateway key', [g1, e1], noPins, 'NoRoot'],
  ])('is not begun with when %s', (_what, offered, pins, fault) => {
    expect(pinTrust(offered, pins)).toEqual({ fault })
  })

  test('takes no dismissal of its first key on faith', () => {
    const read = pinTrust([unproven(e1Dismissed), e2], noPins)
    expect(read).toMatchObject({ alarms: [{ alarm: 'FalseDismissal', kid: 'e1' }] })
    expect(accepted(pinned([unproven(e1Dismissed), e2]))).toEqual(['e1', 'e2'])
  })
})

describe('a process that has read a set before', () => {
  const own = pinned([e1, g1])

  test.each<[string, readonly OfferedKey[], readonly string[], readonly string[]]>([
    ['accepts a key that an evidence key introduces', [e1, g1, e2], ['e1', 'g1', 'e2'], []],
    ['accepts a chain of several that it missed', [e1, g1, e2, g2, e3], ['e1', 'g1', 'e2', 'g2', 'e3'], []],
    ['loses a key that a later one dismisses', [e1Dismissed, g1, e2], ['g1', 'e2'], []],
    [
      'follows the chain through a key that came and went while it was away',
      [e1Dismissed, g1, key('e2', { introducedBy: 'e1', dismissedBy: 'e3' }), e3],
      ['g1', 'e3'],
      [],
    ],
    ['loses a gateway key that an evidence key dismisses', [e1, key('g1', { dismissedBy: 'e1' })], ['e1'], []],
    ['refuses a key without a voucher', [e1, g1, key('eX')], ['e1', 'g1'], ['Unchained eX']],
    [
      'refuses a key whose voucher is nobody it knows',
      [e1, g1, key('eX', { introducedBy: 'eY' })],
      ['e1', 'g1'],
      ['Unchained eX'],
    ],
    [
      'refuses what a gateway key introduces',
      [e1, g1, key('eX', { introducedBy: 'g1' })],
      ['e1', 'g1'],
      ['Unchained eX'],
    ],
    [
      'refuses what a gateway key introduces that is new itself',
      [e1, g1, key('g2', { introducedBy: 'e1' }), key('eX', { introducedBy: 'g2' })],
      ['e1', 'g1', 'g2'],
      ['Unchained eX'],
    ],
    [
      'refuses a key that introduces itself',
      [e1, g1, key('eX', { introducedBy: 'eX' })],
      ['e1', 'g1'],
      ['Unchained eX'],
    ],
    ['refuses a key that stands before its voucher', [e1, g1, e3, e2], ['e1', 'g1', 'e2'], ['Unchained e3']],
    ['refuses an introduction that nobody signed', [e1, g1, unproven(e2)], ['e1', 'g1'], ['Unchained e2']],
    ['keeps a key that is not published any more', [e1], ['e1', 'g1'], ['Missing g1']],
    ['keeps all when nothing is published any more', [], ['e1', 'g1'], ['Missing e1', 'Missing g1']],
    [
      'keeps its own in the face of a whole foreign set',
      [key('eX'), key('gX', { introducedBy: 'eX' })],
      ['e1', 'g1'],
      ['Unchained eX', 'Unchained gX', 'Missing e1', 'Missing g1'],
    ],
    ['keeps the use of a key', [e1, { ...g1, use: 'evidence' }], ['e1', 'g1'], ['OtherUse g1']],
    [
      'keeps a key whose dismissal nobody signed',
      [e1, unproven(key('g1', { dismissedBy: 'e1' }))],
      ['e1', 'g1'],
      ['FalseDismissal g1'],
    ],
    [
      'keeps a key that a gateway key dismisses',
      [key('e1', { dismissedBy: 'g1' }), g1],
      ['e1', 'g1'],
      ['FalseDismissal e1'],
    ],
    [
      'keeps the newest evidence key, even when it dismisses itself',
      [key('e1', { dismissedBy: 'e1' }), g1],
      ['e1', 'g1'],
      ['FalseDismissal e1'],
    ],
    [
      'keeps an evidence key that an earlier one dismisses',
      [e1, g1, key('e2', { introducedBy: 'e1', dismissedBy: 'e1' })],
      ['e1', 'g1', 'e2'],
      ['FalseDismissal e2'],
    ],
  ])('%s', (_what, offered, expected, alarms) => {
    const read = followTrust(own, offered)
    expect(accepted(read.trust)).toEqual(expected)
    expect(told(read.alarms)).toEqual(alarms)
  })

  describe('and has lost a key', () => {
    const later = pinned([e1Dismissed, g1, e2])

    test('never takes it back, whatever is published', () => {
      const read = followTrust(later, [e1, g1, e2])
      expect(accepted(read.trust)).toEqual(['g1', 'e2'])
      expect(told(read.alarms)).toEqual(['DismissalMissing e1'])
    })

    test('no longer listens to it: a thief of the old key introduces nobody', () => {
      const read = followTrust(later, [e1Dismissed, g1, e2, key('eX', { introducedBy: 'e1' })])
      expect(accepted(read.trust)).toEqual(['g1', 'e2'])
    })

    test('no longer listens to it: a thief of the old key dismisses nobody', () => {
      const read = followTrust(later, [e1Dismissed, key('g1', { introducedBy: 'e1', dismissedBy: 'e1' }), e2])
      expect(accepted(read.trust)).toEqual(['g1', 'e2'])
    })

    test('still says how it was dismissed, so that the set can be published again from what it knows', () => {
      expect(later[0]).toMatchObject({ kid: 'e1', dismissal: 'e1 dismissed by e2' })
      expect(later[2]).toMatchObject({ kid: 'e2', introduction: 'e2 introduced by e1' })
    })
  })
})

/**
 * A history of one operator that follows the rules, and a thief who may write any set: with keys of his own, with every
 * true statement that was ever published, and signed by any gateway key and any evidence key that is known as dismissed.
 */
class World {
  readonly published: OfferedKey[] = [key('e0')]
  readonly #random: () => number
  #made = 1

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)]
  }

  chance(): boolean {
    return this.#random() < 0.5
  }

  /** The newest evidence key signs all statements. */
  operatorWrites(): void {
    const by = this.published.findLast(({ use }) => use === 'evidence')?.kid
    if (by === undefined) throw new Error('no evidence key')
    const what = this.pick(['evidence', 'gateway', 'dismissal'])
    const old = this.pick(this.published.filter(({ kid, dismissal }) => kid !== by && dismissal === undefined))
    if (what === 'dismissal' && old !== undefined) {
      const dismissed = key(old.kid, { dismissedBy: by, ...(old.introducedBy && { introducedBy: old.introducedBy }) })
      this.published.splice(this.published.indexOf(old), 1, dismissed)
      return
    }
    this.published.push(key(`${what === 'gateway' ? 'g' : 'e'}${this.#made}`, { introducedBy: by }))
    this.#made += 1
  }

  /** Any selection in any order of what is true, parts of it left out, and of what the thief makes himself. */
  thiefWrites(own: Trust): readonly OfferedKey[] {
    const dismissed = own.filter(({ use, dismissal }) => use === 'evidence' && dismissal !== undefined)
    const gateways = this.published.filter(({ use }) => use === 'gateway')
    const stolen = [...dismissed, ...gateways].map(({ kid }) => kid)
    const signers = [...stolen, 'eX1', 'eX2']
    const trueOnes = this.published
      .filter(() => this.chance())
      .map((offered) => (this.chance() ? offered : this.twisted(offered, signers)))
    const foreign = ['eX1', 'eX2', 'gX3'].filter(() => this.chance()).map((kid) => this.twisted(key(kid), signers))
    return [...trueOnes, ...foreign].toSorted(() => (this.chance() ? 1 : -1))
  }

  twisted(offered: OfferedKey, signers: readonly string[]): OfferedKey {
    const introducedBy = this.chance() ? this.pick(signers) : undefined
    const dismissedBy = this.chance() ? this.pick(signers) : undefined
    return key(offered.kid, { ...(introducedBy && { introducedBy }), ...(dismissedBy && { dismissedBy }) })
  }
}

describe('whatever is written by whomever', () => {
  const anyPlay = fc.record({
    seed: fc.nat(),
    moves: fc.array(fc.constantFrom('operator', 'thief', 'thief', 'reads'), { maxLength: 40 }),
  })

  test('no sequence of foreign sets makes a process accept a key that is not chained, or lose one that is', () => {
    let attacks = 0
    fc.assert(
      fc.property(anyPlay, ({ seed, moves }) => {
        const world = new World(seed)
        let own = pinned(world.published)
        for (const move of moves) {
          if (move === 'operator') world.operatorWrites()
          if (move === 'reads') own = followTrust(own, world.published).trust
          if (move !== 'thief') continue
          const honest = new Map(world.published.map((offered) => [offered.kid, offered]))
          const before = new Set(accepted(own))
          const read = followTrust(own, world.thiefWrites(own))
          own = read.trust
          attacks += 1
          for (const { kid, dismissal } of own) {
            expect(honest.has(kid)).toBe(true)
            if (dismissal !== undefined) expect(honest.get(kid)?.dismissal).toBe(dismissal)
          }
          for (const kid of before) expect(kids(own)).toContain(kid)
        }
        const last = followTrust(own, world.published)
        expect(new Set(accepted(last.trust))).toEqual(new Set(accepted(world.published)))
        expect(last.alarms).toEqual([])
      }),
      { numRuns: scaled(500, 20_000) },
    )
    expect(attacks).toBeGreaterThan(1000)
  })

  test('a process with a configured key accepts nothing foreign even when the thief is the first to be read', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 20 }), (seed, writes) => {
        const world = new World(seed)
        for (let index = 0; index < writes; index += 1) world.operatorWrites()
        const read = pinTrust(world.thiefWrites([]), new Set(['e0']))
        const own = 'trust' in read ? read.trust : []
        expect(kids(own).filter((kid) => kid.includes('X'))).toEqual([])
      }),
      { numRuns: scaled(500, 20_000) },
    )
  })
})
