import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Change } from '../../src/domain/change.ts'
import { guardOf, leaseMs, repeatabilityOf, useOf } from '../../src/domain/grant.ts'
import type { Guard, GrantUse, Repeatability, Use } from '../../src/domain/grant.ts'
import type { Claim, Grant } from '../../src/domain/kinds.ts'
import { object } from '../make.ts'
import { at, claim, time } from '../make-request.ts'
import { scaled } from '../scale.ts'

const now = at('10:25:10')

const grant: Grant = { expirationTime: time(at('10:44')), claims: [], rearmed: 0 }
const used = (...claims: readonly Partial<Claim>[]): Partial<Grant> => ({ claims: claims.map(claim) })

function use(repeatability: Repeatability, changes: Partial<Use> = {}): Use {
  return {
    admissionUID: 'call-2',
    repeatability,
    guard: undefined,
    liveUID: undefined,
    targetUID: undefined,
    leaseMs: 45_000,
    ...changes,
  }
}

describe('which repeat an action is', () => {
  test.each<readonly [string, Parameters<typeof repeatabilityOf>[0], Repeatability]>([
    ['a create by name', { operation: 'Create', subresource: '', generatedName: false }, 'Create'],
    [
      'a create by generateName makes another object each time',
      { operation: 'Create', subresource: '', generatedName: true },
      'Never',
    ],
    ['a token is another one each time', { operation: 'Create', subresource: 'token', generatedName: false }, 'Never'],
    [
      'a binding, like any create on a subresource',
      { operation: 'Create', subresource: 'binding', generatedName: false },
      'Never',
    ],
    ['an eviction deletes', { operation: 'Create', subresource: 'eviction', generatedName: false }, 'Delete'],
    ['an update', { operation: 'Update', subresource: '', generatedName: false }, 'Update'],
    ['an update of a subresource', { operation: 'Update', subresource: 'scale', generatedName: false }, 'Update'],
    ['a delete', { operation: 'Delete', subresource: '', generatedName: false }, 'Delete'],
    ['an exec runs again each time', { operation: 'Connect', subresource: 'exec', generatedName: false }, 'Never'],
  ])('%s', (_sentence, action, repeatability) => {
    expect(repeatabilityOf(action)).toBe(repeatability)
  })
})

describe('the guard of an update', () => {
  const change = (...path: readonly string[]): Change => ({ path, before: 1, after: 2 })
  const before = object({ metadata: { generation: 4, resourceVersion: '1001' } })
  const ungenerated = object({ metadata: { resourceVersion: '1001' } })

  test.each<readonly [string, ReturnType<typeof object> | undefined, readonly Change[], Guard]>([
    ['is the generation where the change raises it', before, [change('spec', 'replicas')], { generation: 4 }],
    ['also when metadata changes too', before, [change('metadata', 'labels', 'a'), change('spec')], { generation: 4 }],
    [
      'is the version where only metadata changes',
      before,
      [change('metadata', 'labels', 'a')],
      { resourceVersion: '1001' },
    ],
    ['is the version where only the status changes', before, [change('status', 'phase')], { resourceVersion: '1001' }],
    ['is the version where only fields change hands', before, [], { resourceVersion: '1001' }],
    [
      'is the version where the kind has no generation',
      ungenerated,
      [change('data', 'a')],
      { resourceVersion: '1001' },
    ],
    ['is nothing where the object has neither', object({ metadata: {} }), [change('spec')], {}],
    ['is nothing without an object', undefined, [change('spec')], {}],
    [
      'is the version where the generation is no number that we can hold',
      object({ metadata: { generation: 'x', resourceVersion: '1' } }),
      [change('spec')],
      { resourceVersion: '1' },
    ],
  ])('%s', (_sentence, object_, changes, guard) => {
    expect(guardOf(object_, changes)).toEqual(guard)
  })
})

describe('what a call may do with a grant', () => {
  type Case = readonly [sentence: string, grant: Partial<Grant>, use: Use, answer: GrantUse]
  const lapsed = { expirationTime: time(at('10:25')) }
  const revoked = { revoked: { by: 'Alice Kim', time: time(at('10:25')) } }

  test.each<Case>([
    ['an unused grant is claimed', {}, use('Delete'), 'Claim'],
    ['also by what can never be repeated', {}, use('Never'), 'Claim'],
    ['until its very last moment', { expirationTime: time(now) }, use('Delete'), 'Claim'],
    ['not after it', lapsed, use('Delete'), 'Lapsed'],
    ['a grant whose end cannot be read has lapsed', { expirationTime: 'never' }, use('Delete'), 'Lapsed'],
    ['a grant that was taken back is nobody’s', revoked, use('Delete'), 'Revoked'],
    ['even when it has lapsed as well', { ...revoked, ...lapsed }, use('Delete'), 'Revoked'],
    ['the same call is covered by its own claim', used({}), use('Never', { admissionUID: 'call-1' }), 'Again'],
    ['also after the grant has lapsed', { ...used({}), ...lapsed }, use('Never', { admissionUID: 'call-1' }), 'Again'],
    [
      'a used grant that has lapsed is spent',
      { ...used({}), ...lapsed },
      use('Delete', { liveUID: 't', targetUID: 't' }),
      'Spent',
    ],
  ])('%s', (_sentence, changes, asking, answer) => {
    expect(useOf({ ...grant, ...changes }, asking, now)).toBe(answer)
  })

  test.each<Case>([
    ['Never: spent with the first use', used({}), use('Never', { liveUID: 'x', targetUID: 'x' }), 'Spent'],
    [
      'Never: spent although the status says that it was given back',
      { ...used({}), rearmed: 1 },
      use('Never'),
      'Spent',
    ],
    [
      'Create: not let through again although the object is there: it may be gone by the time of the write',
      used({ objectUID: 'o' }),
      use('Create', { liveUID: 'o' }),
      'Made',
    ],
    ['Create: spent when the object is gone', used({ objectUID: 'o' }), use('Create'), 'Spent'],
    [
      'Create: spent when another object has the name',
      used({ objectUID: 'o' }),
      use('Create', { liveUID: 'p' }),
      'Spent',
    ],
    ['Create: spent when nobody knows what was made', used({}), use('Create'), 'Spent'],
    ['Create: never given back', { ...used({ objectUID: 'o' }), rearmed: 1 }, use('Create'), 'Spent'],
    [
      'Delete: again while the target is the same one',
      used({}),
      use('Delete', { liveUID: 't', targetUID: 't' }),
      'Again',
    ],
    ['Delete: spent when another one has its name', used({}), use('Delete', { liveUID: 'u', targetUID: 't' }), 'Spent'],
    ['Delete: spent when it is gone', used({}), use('Delete', { targetUID: 't' }), 'Spent'],
    ['Delete: spent when neither uid is known', used({}), use('Delete'), 'Spent'],
    ['Delete: never given back', { ...used({}), rearmed: 1 }, use('Delete', { liveUID: 'u', targetUID: 't' }), 'Spent'],
  ])('%s', (_sentence, changes, asking, answer) => {
    expect(useOf({ ...grant, ...changes }, asking, now)).toBe(answer)
  })

  const byGeneration = used({ generation: 4 })
  const byVersion = used({ resourceVersion: '1001' })
  const late = at('10:25') + leaseMs + 1

  test.each<readonly [...Case, now?: number]>([
    [
      'again while the generation is that of the claim',
      byGeneration,
      use('Update', { guard: { generation: 4 } }),
      'Again',
    ],
    ['moved when the generation has moved', byGeneration, use('Update', { guard: { generation: 5 } }), 'Moved'],
    [
      'again while the version is that of the claim',
      byVersion,
      use('Update', { guard: { resourceVersion: '1001' } }),
      'Again',
    ],
    ['moved when the version has moved', byVersion, use('Update', { guard: { resourceVersion: '1002' } }), 'Moved'],
    [
      'moved when claim and call guard by different things',
      byVersion,
      use('Update', { guard: { generation: 4 } }),
      'Moved',
    ],
    ['moved when nothing is known of the object', byGeneration, use('Update'), 'Moved'],
    ['moved when nothing was known at the claim', used({}), use('Update', { guard: {} }), 'Moved'],
    ['until the lease is over', byGeneration, use('Update', { guard: { generation: 4 } }), 'Again', late - 1],
    ['not after it, whatever the guard', byGeneration, use('Update', { guard: { generation: 4 } }), 'Spent', late],
    ['claimed once more when the operator gave it back', { ...byGeneration, rearmed: 1 }, use('Update'), 'Claim'],
    ['not when it was given back and has lapsed', { ...byGeneration, rearmed: 1, ...lapsed }, use('Update'), 'Lapsed'],
    [
      'after that, judged by the second claim',
      { ...used({ generation: 4 }, { generation: 6 }), rearmed: 1 },
      use('Update', { guard: { generation: 6 } }),
      'Again',
    ],
    [
      'and not by the first',
      { ...used({ generation: 4 }, { generation: 6 }), rearmed: 1 },
      use('Update', { guard: { generation: 4 } }),
      'Moved',
    ],
    [
      'spent when the claim has no time',
      used({ generation: 4, time: '' }),
      use('Update', { guard: { generation: 4 } }),
      'Spent',
    ],
  ])('Update: %s', (_sentence, changes, asking, answer, when = now) => {
    expect(useOf({ ...grant, ...changes }, asking, when)).toBe(answer)
  })
})

/** What happens around one grant, in any order: calls of the agent, effects, writes of others, time, the operator. */
type Event =
  | { readonly event: 'call'; readonly same: boolean; readonly takesEffect: boolean }
  | { readonly event: 'others'; readonly write: 'status' | 'content' | 'back' | 'reborn' }
  | { readonly event: 'operator' }
  | { readonly event: 'time'; readonly seconds: number }

const events: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ event: fc.constant('call' as const), same: fc.boolean(), takesEffect: fc.boolean() }),
    },
    fc.record({
      event: fc.constant('others' as const),
      write: fc.constantFrom('status' as const, 'content' as const, 'back' as const, 'reborn' as const),
    }),
    fc.record({ event: fc.constant('operator' as const) }),
    fc.record({ event: fc.constant('time' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
  ),
  { maxLength: 25 },
)

/** The world of one approved action, kept as the API server keeps it: versions only grow, a uid never comes back. */
class World {
  readonly #repeatability: Repeatability
  readonly #raises: boolean
  #now = at('10:24')
  #grant = grant
  #live: string | undefined
  #generation = 1
  #version = 1
  #calls = 0
  effects = 0
  allowedWithoutTarget = 0

  constructor(repeatability: Repeatability, raises: boolean) {
    this.#repeatability = repeatability
    this.#raises = raises
    this.#live = repeatability === 'Create' ? undefined : 'target'
  }

  play(event: Event): void {
    if (event.event === 'time') this.#now += event.seconds * 1000
    if (event.event === 'others') this.#write(event.write)
    // It looks when the lease is over, and never gives back what has happened; of others it may be wrong.
    if (event.event === 'operator' && this.effects === 0 && this.#grant.claims.length > 0) {
      this.#grant = { ...this.#grant, rearmed: 1 }
    }
    if (event.event === 'call') this.#call(event)
  }

  #write(what: Extract<Event, { event: 'others' }>['write']): void {
    this.#version += 1
    if (what === 'content' || what === 'back') this.#generation += 1
    if (what === 'reborn' && this.#repeatability !== 'Create') this.#live = `reborn-${this.#version}`
    if (what === 'back' && this.#repeatability === 'Create') this.#live = undefined
  }

  #call({ same, takesEffect }: Extract<Event, { event: 'call' }>): void {
    if (!same || this.#calls === 0) this.#calls += 1
    const admissionUID = `call-${this.#calls}`
    const resent = same && this.#grant.claims.some((one) => one.admissionUID === admissionUID)
    const before = object({ metadata: { generation: this.#generation, resourceVersion: String(this.#version) } })
    const changes: readonly Change[] = [{ path: [this.#raises ? 'spec' : 'status'], before: 1, after: 2 }]
    const guard = guardOf(before, changes)
    const asked = use(this.#repeatability, { admissionUID, guard, liveUID: this.#live, targetUID: 'target' })
    const answer = useOf(this.#grant, asked, this.#now)
    if (answer !== 'Claim' && answer !== 'Again') return
    if (answer === 'Claim') {
      const objectUID = this.#repeatability === 'Create' ? `made-by-${admissionUID}` : 'target'
      const claims = [...this.#grant.claims, claim({ admissionUID, objectUID, time: time(this.#now), ...guard })]
      this.#grant = { ...this.#grant, claims }
    }
    if (this.#repeatability === 'Delete' && answer === 'Again' && !resent && this.#live !== 'target') {
      this.allowedWithoutTarget += 1
    }
    // One call of the API server takes effect once, however often it asks us.
    if (takesEffect && !resent) this.#takeEffect(admissionUID)
  }

  #takeEffect(admissionUID: string): void {
    if (this.#repeatability === 'Create' && this.#live !== undefined) return
    if (this.#repeatability === 'Delete' && this.#live !== 'target') return
    this.effects += 1
    this.#version += 1
    if (this.#repeatability === 'Update' && this.#raises) this.#generation += 1
    if (this.#repeatability === 'Create') this.#live = `made-by-${admissionUID}`
    if (this.#repeatability === 'Delete') this.#live = undefined
  }
}

describe('for all sequences of calls, writes of others, time and the operator', () => {
  test.each<readonly [Repeatability, raisesGeneration: boolean]>([
    ['Never', true],
    ['Create', true],
    ['Delete', true],
    ['Update', true],
    ['Update', false],
  ])('%s (raising the generation: %s): one approval has at most one effect', (repeatability, raises) => {
    fc.assert(
      fc.property(events, (all) => {
        const world = new World(repeatability, raises)
        for (const event of all) world.play(event)
        expect(world.effects).toBeLessThanOrEqual(1)
        expect(world.allowedWithoutTarget).toBe(0)
      }),
      { numRuns: scaled(500, 50_000) },
    )
  })

  test('the worlds do let things happen: else this would prove nothing', () => {
    const repeatabilities: readonly Repeatability[] = ['Never', 'Create', 'Delete', 'Update']
    for (const repeatability of repeatabilities) {
      const world = new World(repeatability, true)
      world.play({ event: 'call', same: false, takesEffect: false })
      world.play({ event: 'call', same: false, takesEffect: true })
      world.play({ event: 'call', same: false, takesEffect: true })
      expect([repeatability, world.effects]).toEqual([
        repeatability,
        repeatability === 'Update' || repeatability === 'Delete' ? 1 : 0,
      ])
    }
  })
})
