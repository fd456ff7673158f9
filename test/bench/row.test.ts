import { describe, expect, test } from '@jest/globals'
import { makeRow } from '../../bench/row.ts'

const measured = { figure: 'digest', unit: 'µs CPU', samples: [30, 10, 20] }

describe('a row', () => {
  test('without baseline and goal has a value alone', () => {
    expect(makeRow(measured)).toEqual({
      figure: 'digest',
      unit: 'µs CPU',
      value: { median: 20, min: 10, max: 30 },
    })
  })

  test('has the ratio to its baseline, and the time on the wall', () => {
    const row = makeRow({ ...measured, wall: [40, 20, 30], baseline: [10, 10, 10] })
    expect(row).toMatchObject({ wall: { median: 30 }, ratio: { median: 2, min: 1, max: 3 } })
  })
})

describe('a goal', () => {
  test.each([
    ['value', 20, true],
    ['value', 19.9, false],
    ['ratio', 2, true],
    ['ratio', 1.9, false],
  ] as const)('of the %s, at most %d, is judged by the median: met %s', (of, atMost, met) => {
    const row = makeRow({ ...measured, baseline: [10, 10, 10], goal: { of, atMost } })
    expect(row.goal).toEqual({ of, atMost, met })
  })

  test('of a ratio needs a baseline', () => {
    expect(() => makeRow({ ...measured, goal: { of: 'ratio', atMost: 1 } })).toThrow('needs a baseline')
  })
})
