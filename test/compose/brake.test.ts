import { expect, test } from '@jest/globals'
import { makeBrake } from '../../src/compose/brake.ts'

const limits = { firstMs: 1000, capMs: 30_000, calmMs: 60_000 }

/** Does it as soon as it may, so many times, and tells the pauses before each. */
function pauses(times: number, apartMs = 0): readonly number[] {
  let now = 0
  const brake = makeBrake({ elapsed: () => now }, limits)
  return Array.from({ length: times }, () => {
    now += apartMs
    const waitMs = brake.waitMs()
    now += waitMs
    brake.did()
    return waitMs
  })
}

test('is done at once the first time, then with pauses that double up to a cap', () => {
  expect(pauses(8)).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

test('is done at once again after calm', () => {
  expect(pauses(4, 60_000)).toEqual([0, 0, 0, 0])
  expect(pauses(7, 5000)).toEqual([0, 0, 0, 0, 3000, 11_000, 25_000])
})
