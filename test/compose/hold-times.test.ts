import { expect, test } from '@jest/globals'
import { makeHoldTimes } from '../../src/compose/hold-times.ts'
import { makeFakeClock } from '../fake/clock.ts'

test('a hold ends when its time is over', async () => {
  const clock = makeFakeClock()
  const hold = makeHoldTimes(clock).timeout(4_000)
  await clock.advance(3_999)
  expect(hold.aborted).toBe(false)
  await clock.advance(1)
  expect(hold.aborted).toBe(true)
})

test('draining ends every hold at once, and later ones before they begin', () => {
  const holds = makeHoldTimes(makeFakeClock())
  const hold = holds.timeout(4_000)
  expect(holds.draining()).toBe(false)
  holds.drain()
  expect([hold.aborted, holds.timeout(4_000).aborted, holds.draining()]).toEqual([true, true, true])
})

test('at the end no time is left that would keep the process, also of calls that were answered before', async () => {
  const clock = makeFakeClock()
  const holds = makeHoldTimes(clock)
  const call = holds.within(27_000, new AbortController().signal)
  const hold = holds.timeout(4_000)
  holds.end()
  await clock.advance(0)
  expect([call.aborted, hold.aborted, clock.sleeping()]).toEqual([true, true, []])
})
