import { describe, expect, test } from '@jest/globals'
import { parseInstant } from '../../src/domain/instant.ts'

describe('parseInstant', () => {
  test.each([
    ['2026-03-01T10:20:00Z', 1772360400000],
    ['2026-03-01T10:20:00.123456789Z', 1772360400123],
    ['2026-03-01T12:20:00+02:00', 1772360400000],
    ['2026-03-01T05:20:00-05:00', 1772360400000],
    ['1969-12-31T23:59:59Z', -1000],
  ])('%s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant)
  })

  test.each([
    ['nothing', ''],
    ['a day', '2026-03-01'],
    ['no zone', '2026-03-01T10:20:00'],
    ['a blank for the T', '2026-03-01 10:20:00Z'],
    ['small letters', '2026-03-01t10:20:00z'],
    ['no seconds', '2026-03-01T10:20Z'],
    ['an hour that is none', '2026-03-01T25:20:00Z'],
    ['a month that is none', '2026-13-01T10:20:00Z'],
    ['ten digits of a second', '2026-03-01T10:20:00.1234567890Z'],
    ['a comma for the point', '2026-03-01T10:20:00,5Z'],
    ['a zone without a colon', '2026-03-01T10:20:00+0200'],
    ['something before', ' 2026-03-01T10:20:00Z'],
    ['something after', '2026-03-01T10:20:00Z '],
    ['a comment after', '2026-03-01T10:20:00Z (or so)'],
    ['a line after', '2026-03-01T10:20:00Z\n'],
    ['a time of another kind', 'Sun, 01 Mar 2026 10:20:00 GMT'],
    ['a number', '1772360400000'],
  ])('%s is no time', (_what, text) => {
    expect(parseInstant(text)).toBeUndefined()
  })
})
