import { expect, test } from '@jest/globals'
import { makeAlarmBell } from '../../src/app/alarm-bell.ts'
import type { AlarmBell } from '../../src/app/alarm-bell.ts'

function bellWithLines(): { readonly bell: AlarmBell; readonly lines: string[] } {
  const lines: string[] = []
  const error = (event: string, _cause?: unknown, fields?: object): void => {
    lines.push(`${event} ${JSON.stringify(fields)}`)
  }
  const measure = (fact: object): void => {
    lines.push(JSON.stringify(fact))
  }
  return { bell: makeAlarmBell({ log: { error }, measure }), lines }
}

test('tells each alarm once while it lasts, for the log and for the metrics', () => {
  const { bell, lines } = bellWithLines()
  bell.ring('keys', [{ alarm: 'KeyLost' }])
  bell.ring('keys', [{ alarm: 'KeyLost' }])
  expect(lines).toEqual(['{"fact":"Alarm","alarm":"KeyLost"}', 'KeyLost {"place":"keys"}'])
})

test('tells an alarm again that had ended', () => {
  const { bell, lines } = bellWithLines()
  for (const alarms of [[{ alarm: 'KeyLost' }], [], [{ alarm: 'KeyLost' }]]) bell.ring('keys', alarms)
  expect(lines).toHaveLength(4)
})

test('tells apart what is at two places, or about two things', () => {
  const { bell, lines } = bellWithLines()
  bell.ring('one', [{ alarm: 'NeverGated', identity: 'a' }])
  bell.ring('two', [{ alarm: 'NeverGated', identity: 'a' }])
  bell.ring('one', [
    { alarm: 'NeverGated', identity: 'a' },
    { alarm: 'NeverGated', identity: 'b' },
  ])
  expect(lines.filter((line) => line.startsWith('NeverGated'))).toEqual([
    'NeverGated {"place":"one","identity":"a"}',
    'NeverGated {"place":"two","identity":"a"}',
    'NeverGated {"place":"one","identity":"b"}',
  ])
})

test('remembers nothing of a place where all is well again, or was never wrong', () => {
  const { bell } = bellWithLines()
  bell.ring('policies/gone', [{ alarm: 'PolicyStatusRefused' }])
  bell.ring('policies/well', [])
  bell.ring('keys', [{ alarm: 'KeyLost' }])
  bell.ring('policies/gone', [])
  expect(bell.places()).toEqual(['keys'])
})
