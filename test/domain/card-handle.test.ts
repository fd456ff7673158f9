import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { cardHandle, requestOfHandle } from '../../src/domain/card-handle.ts'

const secret = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const older = { id: 'older', secret: secret(1) }
const newer = { id: 'newer', secret: secret(2) }
const requestUID = '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d21'
const handle = cardHandle(newer, { requestUID, channel: 'teams' })
const [, tag = ''] = handle.split('.')

describe('the handle on a card', () => {
  test('is always the same for one request and channel: uid and HMAC', () => {
    // The HMAC was computed by Python over ["countersign card handle 1","<uid>","teams"].
    expect(handle).toBe(`${requestUID}.967bJzRwq6pjgraHhNaBNZXZiafdb8Tf1CfBKLBqHTY`)
  })

  test.each([
    ['the key in use', [newer, older], handle],
    ['an older key that still lives', [newer, older], cardHandle(older, { requestUID, channel: 'teams' })],
  ])('names its request with %s', (_what, keys, given) => {
    expect(requestOfHandle(keys, 'teams', given)).toBe(requestUID)
  })

  test.each([
    ['for another channel', [newer], 'teams-2', handle],
    ['with the uid of another request', [newer], 'teams', handle.replace('0d7c', '0d7d')],
    ['with a border between request and channel that moved', [newer], 'eams', `${requestUID}t.${tag}`],
    ['of a key that is gone', [newer], 'teams', cardHandle(older, { requestUID, channel: 'teams' })],
    ['without any key', [], 'teams', handle],
    ['that is empty', [newer], 'teams', ''],
    ['that is a uid alone', [newer], 'teams', requestUID],
    ['without an HMAC', [newer], 'teams', `${requestUID}.`],
    ['that is an HMAC alone', [newer], 'teams', tag],
    ['with the beginning of the right HMAC', [newer], 'teams', handle.slice(0, -1)],
    ['with more behind it', [newer], 'teams', `${handle}AAAA`],
    ['with a part behind it', [newer], 'teams', `${handle}.${tag}`],
    ['with other characters for the same bytes', [newer], 'teams', `${handle.slice(0, -1)}Z`],
    ['with padding', [newer], 'teams', `${handle}=`],
  ])('names nothing %s', (_what, keys, channel, given) => {
    expect(requestOfHandle(keys, channel, given)).toBeUndefined()
  })

  test('cannot be guessed: no other text names anything', () => {
    const near = fc.tuple(fc.nat(handle.length - 1), fc.base64String({ minLength: 4, maxLength: 4 }))
    const changed = near.map(([place, put]) => handle.slice(0, place) + put.slice(0, 1) + handle.slice(place + 1))
    fc.assert(
      fc.property(fc.oneof(changed, fc.string()), (given) => {
        expect(requestOfHandle([newer, older], 'teams', given)).toBe(given === handle ? requestUID : undefined)
      }),
    )
  })

  test('is never the same for two pairs', () => {
    const pair = fc.record({ requestUID: fc.uuid(), channel: fc.string() })
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const alike = a.requestUID === b.requestUID && a.channel === b.channel
        expect(cardHandle(newer, a) === cardHandle(newer, b)).toBe(alike)
      }),
    )
  })

  test.each([
    ['a key that is too short', { id: 'x', secret: new Uint8Array(16) }, requestUID],
    ['a uid with a dot', newer, 'a.b'],
  ])('is not made with %s', (_what, key, uid) => {
    expect(() => cardHandle(key, { requestUID: uid, channel: 'teams' })).toThrow(TypeError)
  })
})
