import { expect, test } from '@jest/globals'
import { makeCallRate } from '../../src/app/call-rate.ts'

test('so many calls at once, and so many a second after that', () => {
  let elapsed = 0
  const mayCall = makeCallRate({ burst: 3, perSecond: 2 }, () => elapsed)
  const calls = (count: number): readonly boolean[] => Array.from({ length: count }, () => mayCall('agents.bot'))
  expect(calls(4)).toEqual([true, true, true, false])
  elapsed += 1_000
  expect(calls(3)).toEqual([true, true, false])
  elapsed += 3_600_000
  expect(calls(4)).toEqual([true, true, true, false])
})

test('one agent takes nothing from another', () => {
  const mayCall = makeCallRate({ burst: 1, perSecond: 1 }, () => 0)
  expect([mayCall('a'), mayCall('a'), mayCall('b')]).toEqual([true, false, true])
})

test('of very many agents the quietest is forgotten, and begins anew', () => {
  const mayCall = makeCallRate({ burst: 1, perSecond: 0.001 }, () => 0)
  expect(mayCall('first')).toBe(true)
  for (let agent = 0; agent < 1000; agent += 1) mayCall(`agent-${agent}`)
  expect(mayCall('first')).toBe(true)
})
