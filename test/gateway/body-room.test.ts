import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { makeBodyRoom } from '../../src/gateway/body-room.ts'
import type { BodyPlace, BodyRoom } from '../../src/gateway/body-room.ts'
import { scaled } from '../scale.ts'

type Entered = BodyPlace & { readonly gone: () => boolean }

function entered(room: BodyRoom): Entered {
  let isGone = false
  const place = room.enter(() => (isGone = true))
  return { ...place, gone: () => isGone }
}

describe('room for all bodies together', () => {
  test('is given while there is some, and again when a body has left', () => {
    const room = makeBodyRoom(10)
    const [one, two] = [entered(room), entered(room)]
    expect([one.hold(6), two.hold(4)]).toEqual([true, true])
    one.leave()
    expect([two.hold(10), two.gone()]).toEqual([true, false])
  })

  test('is taken from the body that has been on its way for longest', () => {
    const room = makeBodyRoom(10)
    const [slow, next, last] = [entered(room), entered(room), entered(room)]
    for (const one of [slow, next]) one.hold(5)
    expect(last.hold(4)).toBe(true)
    expect([slow, next, last].map((one) => one.gone())).toEqual([true, false, false])
  })

  test('is never taken from a whole body: then the one that comes goes', () => {
    const room = makeBodyRoom(10)
    const [whole, other] = [entered(room), entered(room)]
    whole.hold(8)
    whole.whole()
    expect([other.hold(3), other.gone(), whole.gone()]).toEqual([false, true, false])
    whole.leave()
    expect(entered(room).hold(10)).toBe(true)
  })

  test('a body that is larger than all of it finds none', () => {
    const one = entered(makeBodyRoom(10))
    expect([one.hold(11), one.gone()]).toEqual([false, true])
  })

  test('is never exceeded, whatever comes; nobody loses a place while all have room', () => {
    const step = fc.record({ who: fc.nat(5), does: fc.constantFrom('hold', 'whole', 'leave'), bytes: fc.nat(12) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const room = makeBodyRoom(10)
        const bodies = Array.from({ length: 6 }, () => ({ place: entered(room), held: 0, left: false }))
        const there = () => bodies.filter(({ place, left }) => !place.gone() && !left)
        const held = (): number => there().reduce((sum, one) => sum + one.held, 0)
        for (const { who, does, bytes } of steps) {
          const one = bodies[who]
          if (one === undefined || !there().includes(one)) continue
          const isRoom = does !== 'hold' || held() - one.held + bytes <= 10
          const before = there().length
          if (does === 'whole') one.place.whole()
          else if (does === 'leave') one.place.leave()
          else if (one.place.hold(bytes)) one.held = bytes
          one.left = does === 'leave'
          expect(held()).toBeLessThanOrEqual(10)
          if (isRoom) expect(there().length).toBe(before - (does === 'leave' ? 1 : 0))
        }
      }),
      { numRuns: scaled(300, 20_000) },
    )
  })
})
