import { expect, test } from '@jest/globals'
import { makeServerClock } from '../../src/compose/server-clock.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { Transport } from '../../src/kubernetes/transport.ts'

function answering(date: number | undefined): Transport {
  return {
    call: () => Promise.resolve({ status: 200, text: '{}', date }),
    stream: () => Promise.reject(new Error('no streams here')),
    close: () => Promise.resolve(),
  }
}

test.each([
  ['ahead of us, it is later by that much, and goes on with our own clock', 60_000, 60_000],
  ['behind us, our own clock counts', -60_000, 0],
])('when the API server is %s', async (_what, ahead, later) => {
  const timers = makeFakeClock()
  const clock = makeServerClock(timers)
  await clock.listening(answering(timers.now() + ahead)).call({ method: 'GET', path: '/' })
  expect(clock.now() - timers.now()).toBe(later)
  await timers.advance(5_000)
  expect(clock.now() - timers.now()).toBe(later)
})

test('an answer without a date changes nothing', async () => {
  const timers = makeFakeClock()
  const clock = makeServerClock(timers)
  await clock.listening(answering(undefined)).call({ method: 'GET', path: '/' })
  expect(clock.now()).toBe(timers.now())
})

test('our own clock, set back by somebody, does not go below what the API server said', async () => {
  const timers = makeFakeClock()
  const clock = makeServerClock(timers)
  const said = timers.now()
  await clock.listening(answering(said)).call({ method: 'GET', path: '/' })
  timers.setWallClock(said - 3_600_000)
  expect(clock.now()).toBe(said)
})
