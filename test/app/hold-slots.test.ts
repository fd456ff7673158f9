import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { makeHoldSlots } from '../../src/app/hold-slots.ts'
import type { Release } from '../../src/app/hold-slots.ts'
import { scaled } from '../scale.ts'

describe('slots for held calls', () => {
  test('an agent gets as many as one agent may have, and no more', () => {
    const slots = makeHoldSlots({ total: 12, perAgent: 2 })
    expect([slots.take('bot'), slots.take('bot'), slots.take('bot')].map((slot) => slot !== undefined)).toEqual([
      true,
      true,
      false,
    ])
    expect([slots.isFree('bot'), slots.isFree('other')]).toEqual([false, true])
  })

  test('all agents together get as many as there are', () => {
    const slots = makeHoldSlots({ total: 3, perAgent: 2 })
    const taken = ['a', 'b', 'c', 'd'].map((agent) => slots.take(agent) !== undefined)
    expect([taken, slots.taken(), slots.isFree('d')]).toEqual([[true, true, true, false], 3, false])
  })

  test('a slot that is given back can be taken again', () => {
    const slots = makeHoldSlots({ total: 1, perAgent: 1 })
    slots.take('a')?.()
    expect([slots.taken(), slots.take('b') !== undefined]).toEqual([0, true])
  })

  test('giving a slot back twice gives back one', () => {
    const slots = makeHoldSlots({ total: 2, perAgent: 2 })
    const first = slots.take('a')
    slots.take('a')
    first?.()
    first?.()
    expect([slots.taken(), slots.isFree('a')]).toEqual([1, true])
  })

  test('asking whether one is free takes none', () => {
    const slots = makeHoldSlots({ total: 1, perAgent: 1 })
    expect([slots.isFree('a'), slots.isFree('a'), slots.taken()]).toEqual([true, true, 0])
  })

  test('without slots nobody is held', () => {
    expect(makeHoldSlots({ total: 0, perAgent: 2 }).take('a')).toBeUndefined()
    expect(makeHoldSlots({ total: 2, perAgent: 0 }).take('a')).toBeUndefined()
  })

  test('however they are taken and given back, the limits hold and the count is right', () => {
    const agents = fc.constantFrom('a', 'b', 'c')
    const steps = fc.array(fc.tuple(fc.boolean(), agents, fc.nat({ max: 20 })), { maxLength: 60 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3 }), (all, total, perAgent) => {
        const slots = makeHoldSlots({ total, perAgent })
        const held: { readonly agent: string; readonly release: Release }[] = []
        for (const [takes, agent, which] of all) {
          const mine = held.filter((one) => one.agent === agent).length
          const free = held.length < total && mine < perAgent
          expect(slots.isFree(agent)).toBe(free)
          if (takes) {
            const release = slots.take(agent)
            expect(release !== undefined).toBe(free)
            if (release !== undefined) held.push({ agent, release })
          } else {
            held.splice(which, 1)[0]?.release()
          }
          expect(slots.taken()).toBe(held.length)
        }
      }),
      { numRuns: scaled(200, 20_000) },
    )
  })
})
