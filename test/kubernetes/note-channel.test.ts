import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { NoteChannel } from '../../src/app/channel-notes.ts'
import { makeCast } from '../../src/kubernetes/cast-vote.ts'
import { makeNoteChannel } from '../../src/kubernetes/note-channel.ts'
import { ofRecords } from '../../src/domain/record.ts'
import { vote } from '../make-request.ts'
import { failureOf, startRig } from './objects-rig.ts'
import type { Rig } from './objects-rig.ts'

const channels = '/apis/countersign.dev/v1alpha1/approvalchannels'
const key = { collection: channels, namespace: '', name: 'teams' }
const greeting = {
  conversationID: 'a:1',
  serviceURL: 'https://smba.trafficmanager.net/emea/',
  messageID: '1',
  objectID: 'o',
  time: '2030-01-01T00:00:00Z',
}

let rig: Rig
let note: NoteChannel

beforeEach(async () => {
  rig = await startRig()
  note = makeNoteChannel(rig.objects)
  const kind = { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApprovalChannel' }
  rig.api.objects.create({ collection: channels, namespace: '' }, { ...kind, metadata: { name: 'teams' }, spec: {} })
})

afterEach(() => rig.stop())

const status = (): unknown => rig.api.objects.get(key)['status']

describe('the status of a channel is changed', () => {
  test('in what is said, and nothing else', async () => {
    rig.api.objects.replace(key, { ...rig.api.objects.get(key), status: { target: 'x' } }, { part: 'status' })
    expect(await note('teams', () => ({ greetings: [greeting] }))).toBe('Stored')
    expect(status()).toEqual({ target: 'x', greetings: [greeting] })
  })

  test('also when there is none yet', async () => {
    expect(await note('teams', (before) => (expect(before).toEqual({}), { greetings: [] }))).toBe('Stored')
    expect(status()).toEqual({ greetings: [] })
  })

  test('by what is stored then: another’s write in between is not lost', async () => {
    let looks = 0
    const stored = await note('teams', ({ greetings = [] }) => {
      looks += 1
      if (looks === 1) {
        const other = { greetings: [{ ...greeting, conversationID: 'a:2' }] }
        rig.api.objects.replace(key, { ...rig.api.objects.get(key), status: other }, { part: 'status' })
      }
      return { greetings: [...greetings, greeting] }
    })
    expect([stored, looks]).toEqual(['Stored', 2])
    expect(status()).toMatchObject({ greetings: [{ conversationID: 'a:2' }, { conversationID: 'a:1' }] })
  })

  test.each<[string, string, Parameters<NoteChannel>[1]]>([
    ['Unchanged', 'teams', () => undefined],
    ['NotFound', 'none', () => ({ greetings: [] })],
  ])('%s', async (outcome, name, change) => {
    expect(await note(name, change)).toBe(outcome)
    expect(rig.api.requests.filter(({ verb }) => verb === 'patch')).toEqual([])
  })

  test('not at all when the schema refuses it', async () => {
    rig.api.faults.next({ do: 'refuse', status: 422, reason: 'Invalid' }, { verb: 'patch' })
    expect(await note('teams', () => ({ greetings: [greeting] }))).toBe('Refused')
  })

  test('or when others are always first: that is an error', async () => {
    rig.api.faults.always({ do: 'refuse', status: 409, reason: 'Conflict' }, { verb: 'patch' })
    expect(await failureOf(note('teams', () => ({ greetings: [greeting] })))).toMatchObject({
      message: expect.stringContaining('at every try'),
    })
    rig.api.faults.clear()
  })
})

describe('a vote is cast', () => {
  const { uid: _uid, creationTimestamp: _time, ...metadata } = vote('Approve').metadata
  const made = ofRecords({ ...vote('Approve'), metadata })

  test('once: the second time it is said that it is there', async () => {
    const cast = makeCast(rig.objects)
    expect([await cast(made), await cast(made)]).toEqual(['Stored', 'AlreadyExists'])
  })

  test.each([
    [403, 'Forbidden'],
    [422, 'Invalid'],
  ])('or refused for good: %d', async (code, reason) => {
    rig.api.faults.next({ do: 'refuse', status: code, reason }, { verb: 'create' })
    expect(await makeCast(rig.objects)(made)).toBe('Refused')
  })

  test('or nobody knows, which is an error; the next try knows', async () => {
    rig.api.faults.next({ do: 'resetAfter' }, { verb: 'create' })
    const cast = makeCast(rig.objects)
    expect(await failureOf(cast(made))).toMatchObject({ outcomeUnknown: true })
    expect(await cast(made)).toBe('AlreadyExists')
  })
})
