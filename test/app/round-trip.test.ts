import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { greetingKey, isSameBot, stepped } from '../../src/app/round-trip.ts'
import type { Trip } from '../../src/app/round-trip.ts'
import { channel, greeting } from './doctor-rig.ts'

const names = fc.constantFrom('teams', 'second')
const ids = fc.constantFrom<string>('1', '2', '3', 'old')
const sights = fc.array(fc.record({ name: names, ids: fc.uniqueArray(ids) }), { maxLength: 12 })
const before = new Set([greetingKey('teams', greeting('old')), greetingKey('second', greeting('old'))])

function walked(all: readonly { readonly name: string; readonly ids: readonly string[] }[]): readonly Trip[] {
  const trips: Trip[] = [{ stage: 'Awaited' }]
  for (const [index, one] of all.entries()) {
    const seen = channel({ greetings: one.ids.map((id) => greeting(id)) }, one.name)
    trips.push(stepped(trips.at(-1) ?? { stage: 'Awaited' }, { channel: seen, before, atMs: index }))
  }
  return trips
}

describe('a message on its way', () => {
  test('goes from stage to stage and never back, one at a time', () => {
    const order = ['Awaited', 'Noted', 'Answered']
    fc.assert(
      fc.property(sights, (all) => {
        const stages = walked(all).map(({ stage }) => order.indexOf(stage))
        return stages.every((stage, index) => index === 0 || [0, 1].includes(stage - (stages[index - 1] ?? 0)))
      }),
    )
  })

  test('is answered only when the very channel that had noted it is seen without it', () => {
    fc.assert(
      fc.property(sights, (all) => {
        const last = walked(all).at(-1)
        if (last?.stage !== 'Answered') return true
        const { greeting: found, notedMs, answeredMs } = last
        const [noted, gone] = [all[notedMs], all[answeredMs]]
        const kept = all.slice(notedMs, answeredMs).filter(({ name }) => name === noted?.name)
        return (
          found.messageID !== 'old' &&
          noted?.name === gone?.name &&
          gone?.ids.includes(found.messageID) === false &&
          kept.every((one) => one.ids.includes(found.messageID))
        )
      }),
    )
  })

  test('is noted by the first sight of a message that was not there before', () => {
    fc.assert(
      fc.property(sights, (all) => {
        const first = all.findIndex((one) => one.ids.some((id) => id !== 'old'))
        const noted = walked(all).find((trip) => trip.stage !== 'Awaited')
        return first === -1 ? noted === undefined : noted?.stage === 'Noted' && noted.notedMs === first
      }),
    )
  })

  test('no news is the same trip', () => {
    const trip: Trip = { stage: 'Awaited' }
    expect(stepped(trip, { channel: channel(), before, atMs: 1 })).toBe(trip)
  })
})

test('a channel without a bot is of no bot', () => {
  const slack = { ...channel(), spec: { type: 'Slack', notify: 'None' } } as const
  expect([isSameBot(channel(), slack), isSameBot(slack, slack), isSameBot(channel(), channel({}, 'b'))]).toEqual([
    false,
    false,
    true,
  ])
})
