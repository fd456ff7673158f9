import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { cardHandle, isCardHandle } from '../../src/domain/card-handle.ts'

const secret = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const older = { id: 'older', secret: secret(1) }
const newer = { id: 'newer', secret: secret(2) }
const subject = { requestUID: '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d21', channel: 'teams' }
const handle = cardHandle(newer, subject)

describe('the handle on a card', () => {
  test('is always the same 43 characters for one request and channel', () => {
    expect(handle).toBe('967bJzRwq6pjgraHhNaBNZXZiafdb8Tf1CfBKLBqHTY')
  })

  test.each([
    ['the key in use', [newer, older], handle],
    ['an older key that still lives', [newer, older], cardHandle(older, subject)],
  ])('is good with %s', (_what, keys, given) => {
    expect(isCardHandle(keys, subject, given)).toBe(true)
  })

  test.each([
    ['another request', [newer], { ...subject, requestUID: '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d22' }, handle],
    ['another channel', [newer], { ...subject, channel: 'teams-2' }, handle],
    [
      'a border between request and channel that moved',
      [newer],
      { requestUID: `${subject.requestUID}t`, channel: 'eams' },
      handle,
    ],
    ['a key that is gone', [newer], subject, cardHandle(older, subject)],
    ['no key at all', [], subject, handle],
    ['an empty handle', [newer], subject, ''],
    ['the beginning of the right one', [newer], subject, handle.slice(0, -1)],
    ['the right one and more', [newer], subject, `${handle}AAAA`],
    ['other characters for the same bytes', [newer], subject, `${handle.slice(0, -1)}Z`],
    ['padding', [newer], subject, `${handle}=`],
  ])('is not good for %s', (_what, keys, about, given) => {
    expect(isCardHandle(keys, about, given)).toBe(false)
  })

  test('cannot be guessed: no other text is good', () => {
    const near = fc.tuple(fc.nat(42), fc.base64String({ minLength: 4, maxLength: 4 }))
    const changed = near.map(([place, put]) => handle.slice(0, place) + put.slice(0, 1) + handle.slice(place + 1))
    fc.assert(
      fc.property(fc.oneof(changed, fc.string()), (given) => {
        expect(isCardHandle([newer, older], subject, given)).toBe(given === handle)
      }),
    )
  })

  test('is never the same for two pairs', () => {
    const pair = fc.record({ requestUID: fc.string(), channel: fc.string() })
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const alike = a.requestUID === b.requestUID && a.channel === b.channel
        expect(cardHandle(newer, a) === cardHandle(newer, b)).toBe(alike)
      }),
    )
  })

  test('is not made with a key that is too short', () => {
    expect(() => cardHandle({ id: 'x', secret: new Uint8Array(16) }, subject)).toThrow(TypeError)
  })
})
