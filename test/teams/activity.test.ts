import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { readActivity } from '../../src/teams/activity.ts'
import type { Activity } from '../../src/teams/activity.ts'
import { scaled } from '../scale.ts'
import { action, channelID, click, handle, installation, membership, message, objectID } from './activities.ts'
import { serviceURL, teamID, tenantID, appID } from './activities.ts'

const time = '2026-11-21T10:24:00.125Z'
const bytes = (activity: unknown): Uint8Array => Buffer.from(JSON.stringify(activity))

function read(activity: unknown): Activity {
  const found = readActivity(bytes(activity))
  if ('fault' in found) throw new Error(`not read: ${found.fault}`)
  return found
}

const eventOf = (activity: unknown): unknown => read(activity).event

describe('an activity is read as far as it concerns us', () => {
  test('a click', () => {
    expect(read(click(time))).toEqual({
      id: 'f:622749630322482883',
      type: 'invoke',
      name: 'adaptiveCard/action',
      time: Date.parse(time),
      channelID: 'msteams',
      serviceURL,
      recipientID: `28:${appID}`,
      tenantIDs: [tenantID, tenantID],
      conversation: {
        id: channelID,
        threadID: '1611183467424',
        type: 'channel',
        teamID,
        teamName: undefined,
        channelName: undefined,
        selectedChannelID: undefined,
      },
      sender: { id: '29:1kXt', objectID, name: 'Alice Kim' },
      replyToID: '1611183467424',
      event: { kind: 'CardClick', verb: 'approve', handle, comment: 'go on', byHand: true },
    })
  })

  test('an installation names the team and the channel that was chosen', () => {
    const { event, conversation } = read(installation(time))
    expect(event).toEqual({ kind: 'Installed' })
    expect(conversation).toMatchObject({ id: teamID, teamID, teamName: 'Platform', selectedChannelID: channelID })
  })

  test.each([
    ['the app is upgraded', installation(time, { action: 'add-upgrade' }), { kind: 'Installed' }],
    ['the app is removed', installation(time, { action: 'remove' }), { kind: 'Removed' }],
    ['something new is done to the app', installation(time, { action: 'polish' }), undefined],
    ['the bot comes', membership(time), { kind: 'Installed' }],
    [
      'the bot goes',
      membership(time, { membersAdded: undefined, membersRemoved: [{ id: `28:${appID}` }] }),
      { kind: 'Removed' },
    ],
    ['a person comes', membership(time, { membersAdded: [{ id: '29:other' }] }), undefined],
    ['nobody comes', membership(time, { membersAdded: 'x' }), undefined],
    ['somebody writes', message(time), { kind: 'Message', text: '<at>Countersign</at> hi' }],
    ['somebody writes nothing', message(time, { text: undefined }), { kind: 'Message', text: '' }],
    ['Teams asks for a newer card', click(time, { value: { ...action(), trigger: 'automatic' } }), { byHand: false }],
    ['Teams asks in a manner of its own', click(time, { value: { ...action(), trigger: 1 } }), { byHand: false }],
    ['a click without a trigger', click(time, { value: { ...action(), trigger: undefined } }), { byHand: true }],
    ['a click without words', click(time, { value: action({}, { comment: undefined }) }), { comment: '' }],
    ['another invoke', click(time, { name: 'task/fetch' }), undefined],
    ['a submit', click(time, { value: action({ type: 'Action.Submit' }) }), undefined],
    ['a click without a verb', click(time, { value: action({ verb: undefined }) }), undefined],
    ['a click without a handle', click(time, { value: action({}, { handle: undefined }) }), undefined],
    ['a click with a handle that is an object', click(time, { value: action({}, { handle: {} }) }), undefined],
    ['a click with a huge handle', click(time, { value: action({}, { handle: 'h'.repeat(513) }) }), undefined],
    ['a click with a book', click(time, { value: action({}, { comment: 'x'.repeat(8_001) }) }), undefined],
    ['a click with a list for data', click(time, { value: action({ data: [handle] }) }), undefined],
    ['a click with no value', click(time, { value: undefined }), undefined],
    ['a typing sign', message(time, { type: 'typing' }), undefined],
    ['a type like something inherited', message(time, { type: 'constructor' }), undefined],
  ])('%s', (_what, activity, event) => {
    expect(eventOf(activity)).toEqual(event === undefined ? undefined : expect.objectContaining(event))
  })

  test('of a card only the handle and the words: nothing else comes through', () => {
    const more = { verdict: 'Approve', voter: 'admin', risk: 'Low', tenantId: 'x', aadObjectId: 'x', conversation: 'x' }
    const clicked = read(click(time, { value: action({}, more) }))
    expect(clicked).toEqual(read(click(time)))
  })

  test('a long message is cut', () => {
    expect(eventOf(message(time, { text: 'x'.repeat(9_000) }))).toEqual({ kind: 'Message', text: 'x'.repeat(2_000) })
  })
})

describe('an activity is not read', () => {
  test.each([
    ['WrongShape', 'a list', '[]'],
    ['WrongShape', 'null', 'null'],
    ['WrongShape', 'nothing in it', '{}'],
    ['WrongShape', 'no id', JSON.stringify(click(time, { id: undefined }))],
    ['WrongShape', 'an empty id', JSON.stringify(click(time, { id: '' }))],
    ['WrongShape', 'a number for an id', JSON.stringify(click(time, { id: 7 }))],
    ['WrongShape', 'a huge id', JSON.stringify(click(time, { id: 'x'.repeat(513) }))],
    ['WrongShape', 'no type', JSON.stringify(click(time, { type: undefined }))],
    ['WrongShape', 'no conversation', JSON.stringify(click(time, { conversation: undefined }))],
    [
      'WrongShape',
      'a conversation of a thread alone',
      JSON.stringify(click(time, { conversation: { id: ';messageid=1' } })),
    ],
    ['WrongShape', 'two threads', JSON.stringify(click(time, { conversation: { id: 'c;messageid=1;messageid=2' } }))],
    ['NotJson', 'a form', 'payload=1'],
    ['NotJson', 'an empty body', ''],
    ['DuplicateKey', 'a name twice', '{"id":"1","id":"2"}'],
    ['ForbiddenKey', 'a prototype', '{"__proto__":{"id":"1"}}'],
    ['TooDeep', 'great depth', '['.repeat(100)],
    ['TooLarge', 'great size', `"${'x'.repeat(300_000)}"`],
    ['TooManyValues', 'many values', `[${'0,'.repeat(20_000)}0]`],
    ['TooManyKeys', 'many keys', JSON.stringify(Object.fromEntries(Array.from({ length: 2_000 }, (_v, n) => [n, 1])))],
  ])('%s: a body with %s', (fault, _what, body) => {
    expect(readActivity(Buffer.from(body))).toEqual({ fault })
  })

  test('%s: bytes that are no text', () => {
    expect(readActivity(Buffer.from([0x22, 0xff, 0x22]))).toEqual({ fault: 'NotUtf8' })
  })

  test('and nothing is thrown, whatever stands in its fields', () => {
    const base = click(time)
    const paths = fc.constantFrom(...Object.keys(base))
    fc.assert(
      fc.property(paths, fc.jsonValue({ maxDepth: 3 }), (field, value) => {
        const found = readActivity(bytes({ ...base, [field]: value }))
        expect('fault' in found || typeof found.id === 'string').toBe(true)
      }),
      { numRuns: scaled(2_000, 50_000) },
    )
  })
})
