import { describe, expect, test } from '@jest/globals'
import { doEach } from '../../src/compose/do-each.ts'
import { makePace } from '../../src/compose/pace.ts'
import { oneTurn } from '../until.ts'

const numbers = Array.from({ length: 50 }, (_, index) => index)

describe('doEach', () => {
  test('does each once, and no more than eight at a time', async () => {
    const done: number[] = []
    let [busy, most] = [0, 0]
    await doEach(numbers, async (number) => {
      busy += 1
      most = Math.max(most, busy)
      await oneTurn()
      busy -= 1
      done.push(number)
    })
    expect(done.toSorted((a, b) => a - b)).toEqual(numbers)
    expect(most).toBe(8)
  })

  test('does those after one that fails, and then fails', async () => {
    const done: number[] = []
    const all = doEach(numbers, async (number) => {
      if (number === 3) throw new Error('three')
      done.push(number)
    })
    await expect(all).rejects.toThrow('three')
    expect(done).toHaveLength(49)
  })
})

describe('a pace', () => {
  test('lets the first write go at once, and the next after a while', () => {
    let at = 0
    const pace = makePace({ elapsed: () => at }, 300)
    expect(pace.waitMs()).toBe(0)
    pace.wrote()
    at = 100
    expect(pace.waitMs()).toBe(200)
    at = 300
    expect(pace.waitMs()).toBe(0)
  })
})
