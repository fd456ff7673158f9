import { describe, expect, test } from '@jest/globals'
import { makeRow } from '../../bench/row.ts'
import { number, table, verdict } from '../../bench/table.ts'

const parse = makeRow({ figure: 'JSON.parse', unit: 'µs CPU', samples: [10, 12, 11], baseline: [10, 12, 11] })
const read = makeRow({
  figure: 'readJson of 1 MB',
  unit: 'µs CPU',
  samples: [1500, 1800, 1650],
  wall: [1600, 1900, 1700],
  baseline: [10, 12, 11],
  goal: { of: 'ratio', atMost: 100 },
})
const slow = makeRow({ figure: 'slow', unit: 'ms CPU', samples: [51], goal: { of: 'value', atMost: 50 } })

describe('a table', () => {
  test('aligns its columns, words to the left and numbers to the right', () => {
    expect(table([parse, read, slow])).toBe(
      [
        'figure            median      min – max  unit     wall    ratio        min – max  goal',
        '────────────────  ──────  ─────────────  ──────  ─────  ───────  ───────────────  ─────────────',
        'JSON.parse          11.0    10.0 – 12.0  µs CPU           1.00×      1.00 – 1.00',
        'readJson of 1 MB   1,650  1,500 – 1,800  µs CPU  1,700  150.00×  150.00 – 150.00  ≤ 100× MISSED',
        'slow                51.0    51.0 – 51.0  ms CPU                                   ≤ 50.0 MISSED',
        '',
      ].join('\n'),
    )
  })

  test('leaves out a column in which nothing stands', () => {
    expect(table([makeRow({ figure: 'a', unit: 'MiB', samples: [2] })])).toBe(
      [
        'figure  median    min – max  unit',
        '──────  ──────  ───────────  ────',
        'a         2.00  2.00 – 2.00  MiB',
        '',
      ].join('\n'),
    )
  })
})

describe('a number has the three digits that count', () => {
  test.each([
    [0, '0'],
    [0.01234, '0.0123'],
    [0.5, '0.500'],
    [1, '1.00'],
    [9.996, '10.00'],
    [45.678, '45.7'],
    [123.4, '123'],
    [1234.5, '1,235'],
    [1_234_567, '1,234,567'],
    [-0.25, '-0.250'],
  ])('%d is %s', (value, text) => {
    expect(number(value)).toBe(text)
  })
})

describe('the verdict', () => {
  test('counts the goals and names those that were missed', () => {
    const met = makeRow({ figure: 'quick', unit: 'ms CPU', samples: [49], goal: { of: 'value', atMost: 50 } })
    expect(verdict([parse, met, slow])).toBe('1 of 2 goals met; missed:\n  slow (ms CPU)')
    expect(verdict([parse, met])).toBe('1 of 1 goals met')
  })
})
