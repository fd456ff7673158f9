import { describe, expect, test } from '@jest/globals'
import { median, quantile, ratio, scaled, spread } from '../../bench/figures.ts'

describe('the median', () => {
  test.each([
    [[7], 7],
    [[3, 1, 2], 2],
    [[1, 2, 3, 10], 2.5],
    [[10, 2, 30, 4], 7],
    [[5, 5, 1_000_000], 5],
  ])('of %j is %d', (samples, expected) => {
    expect(median(samples)).toBe(expected)
  })

  test('compares numbers as numbers, and leaves the samples as they are', () => {
    const samples = [100, 9, 20]
    expect(median(samples)).toBe(20)
    expect(samples).toEqual([100, 9, 20])
  })

  test('of nothing there is none', () => {
    expect(() => median([])).toThrow('no samples')
  })
})

test('a spread is the median between the ends', () => {
  expect(spread([4, 1, 9])).toEqual({ median: 4, min: 1, max: 9 })
})

describe('a ratio', () => {
  test('is taken round by round: a round that was slow for both does not show', () => {
    expect(ratio([20, 200, 21], [10, 100, 10])).toEqual({ median: 2, min: 2, max: 2.1 })
  })

  test('is the median of the ratios, not the ratio of the medians', () => {
    expect(ratio([1, 30, 2], [1, 10, 20]).median).toBe(1)
  })

  test('needs the same rounds', () => {
    expect(() => ratio([1, 2], [1])).toThrow('not the same rounds')
  })
})

test('samples are scaled one by one', () => {
  expect(scaled([1000, 2500], 0.001)).toEqual([1, 2.5])
})

describe('a quantile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  test.each([
    [hundred, 0.5, 50],
    [hundred, 0.99, 99],
    [hundred, 1, 100],
    [[3, 1, 2], 0.99, 3],
    [[7], 0.5, 7],
  ])('of %j at %d is %d', (samples, part, expected) => {
    expect(quantile(samples, part)).toBe(expected)
  })

  test('of nothing there is none', () => {
    expect(() => quantile([], 0.5)).toThrow('no samples')
  })
})
