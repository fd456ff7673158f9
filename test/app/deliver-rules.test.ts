import { describe, expect, test } from '@jest/globals'
import { credentialsIn } from '../../src/app/channel-credentials.ts'
import { channelsAsked, hasChannel, nextEscalation } from '../../src/app/channel-asked.ts'
import { noteOfDelivery } from '../../src/app/deliver-notes.ts'
import { whomToRing } from '../../src/app/deliver-ring.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import type { GroupMember } from '../../src/domain/kinds.ts'
import { at, closedStatus, group, member, request, stageOf, time } from '../make-request.ts'

const channels = [
  { name: 'teams', ready: true },
  { name: 'ops', ready: false },
  { name: 'late', ready: true },
]
const refs = (...names: readonly string[]) => names.map((name) => ({ name }))
const escalation = [{ afterSeconds: 300, channelRefs: refs('ops') }]

describe('the channels that a request asks', () => {
  test.each<readonly [when: string, asks: object, now: string, names: readonly string[]]>([
    ['it names none: all that are ready', {}, '10:20', ['teams', 'late']],
    ['it names one', { channelRefs: refs('late') }, '10:20', ['late']],
    ['it names one that is not ready: it is tried', { channelRefs: refs('ops') }, '10:20', ['ops']],
    ['it names one that does not exist', { channelRefs: refs('none') }, '10:20', []],
    ['escalation is not due yet', { channelRefs: refs('late'), escalation }, '10:24:59', ['late']],
    ['escalation is due', { channelRefs: refs('late'), escalation }, '10:25', ['ops', 'late']],
    ['escalation is due, and no channel was named', { escalation }, '10:25', ['teams', 'ops', 'late']],
  ])('%s', (_when, asks, now, names) => {
    expect(channelsAsked(request({ requirements: asks }), channels, at(now))).toEqual(names)
  })

  test('are looked at again when escalation is due', () => {
    const escalating = request({ requirements: { escalation: [...escalation, { afterSeconds: 600 }] } })
    expect(nextEscalation(escalating, at('10:20'))).toBe(at('10:25'))
    expect(nextEscalation(escalating, at('10:25'))).toBe(at('10:30'))
    expect(nextEscalation(escalating, at('10:30'))).toBeUndefined()
    expect(nextEscalation(request(), at('10:20'))).toBeUndefined()
  })

  test('may be none at all', () => {
    expect(hasChannel(request(), [])).toBe(false)
    expect(hasChannel(request(), [{ name: 'ops', ready: false }])).toBe(true)
    expect(hasChannel(request({ requirements: { channelRefs: refs('none') } }), channels)).toBe(false)
  })
})

describe('what is said of an undecided request', () => {
  const said = (reason: string) =>
    [{ type: 'Decided', status: 'False', reason, message: '', lastTransitionTime: time(at('10:20')) }] as const
  const messages = [{ channel: 'teams', ref: 'a', rendered: 'x' }]
  const undeliveredMs = 60_000

  test.each<readonly [when: string, status: object, now: string, hasChannel: boolean, told: string]>([
    ['nothing yet, while the loop has not said anything', {}, '10:25', true, 'nothing'],
    ['nothing new in the first minute, but later', { conditions: said('Pending') }, '10:20:30', true, 'look 10:21'],
    ['Undelivered after a minute', { conditions: said('Pending') }, '10:21', true, 'Undelivered'],
    ['NoChannel after a minute, when there is none', { conditions: said('Pending') }, '10:21', false, 'NoChannel'],
    ['nothing, when a card is out', { conditions: said('Pending'), messages }, '10:25', true, 'nothing'],
    ['Pending again, once a card is out', { conditions: said('Undelivered'), messages }, '10:25', true, 'Pending'],
    ['Undelivered, once a channel was made', { conditions: said('NoChannel') }, '10:25', true, 'Undelivered'],
    [
      'Undelivered, when somebody has deleted the card',
      { conditions: said('Pending'), messages: [{ channel: 'teams', ref: 'a', rendered: 'gone' }] },
      '10:25',
      true,
      'Undelivered',
    ],
    [
      'nothing, once it is decided',
      { ...closedStatus('Denied'), conditions: said('Pending') },
      '10:25',
      true,
      'nothing',
    ],
  ])('%s', (...[, status, now, has, told]) => {
    const note = noteOfDelivery({ request: request({ status }), hasChannel: has, undeliveredMs, now: at(now) })
    const look = note.lookTime === undefined ? 'nothing' : `look ${new Date(note.lookTime).toISOString().slice(11, 16)}`
    expect(note.condition?.reason ?? look).toBe(told)
    // Its status is still False: that has not changed.
    if (note.condition !== undefined) expect(note.condition.lastTransitionTime).toBe(time(at('10:20')))
  })
})

describe('whom a card rings', () => {
  const tenantID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'
  const crowd = ['alice', 'bo', 'cleo', 'dana', 'eve', 'finn', 'gus'].map((name) => member(name))
  const ring = (people: readonly GroupMember[], requester: object = {}, requirements: object = {}) => {
    const groups = [group('approvers', { people }), group('oncall', { people: [member('zoe')] })]
    return whomToRing({
      request: request({ requester, requirements }),
      approvers: approversOf(groups, () => new Set()),
      peopleIn: (name) => groups.find(({ metadata }) => metadata.name === name)?.spec.people ?? [],
      tenantID,
      now: at('10:26'),
    })
  }

  test('five of those who may decide', () => {
    expect(ring(crowd)).toEqual(['alice-oid', 'bo-oid', 'cleo-oid', 'dana-oid', 'eve-oid'])
  })

  test('never the owner, nor the person for whom the agent works', () => {
    expect(ring(crowd.slice(0, 3), { owner: 'bo', onBehalfOf: 'cleo' })).toEqual(['alice-oid'])
  })

  test('nobody of whom it cannot be told whether he is the owner', () => {
    expect(ring(crowd.slice(0, 3), { owner: 'somebody' })).toEqual([])
  })

  test('not who asks himself, whichever identity he has', () => {
    const asking = member('alice', ['entra', 'kubernetes'])
    expect(ring([asking, member('bo')], { username: 'alice@example.com' })).toEqual(['bo-oid'])
  })

  test('nobody of another tenant, nobody without an identity in Entra, nobody twice', () => {
    const foreign = { name: 'max', entraUser: { tenantID: 'other', objectID: 'max-oid' } }
    expect(ring([foreign, member('kim', ['slack']), member('bo'), member('bo')])).toEqual(['bo-oid'])
  })

  test('those, too, whom escalation has added', () => {
    const steps = [{ afterSeconds: 300, approverGroupRefs: [{ name: 'oncall' }] }]
    expect(ring([member('bo')], {}, { stages: [stageOf('approvers')], escalation: steps })).toEqual([
      'bo-oid',
      'zoe-oid',
    ])
  })
})

describe('the credentials of a channel', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')

  test.each<readonly [when: string, data: Readonly<Record<string, string>>, credentials: object | undefined]>([
    ['a client secret', { clientSecret: base64('s3cret') }, { kind: 'ClientSecret', secret: 's3cret' }],
    [
      'a line break of an editor is no part of it',
      { clientSecret: base64('s3cret\n') },
      { kind: 'ClientSecret', secret: 's3cret' },
    ],
    [
      'the path of a projected token',
      { federatedTokenFile: base64('/var/run/t') },
      { kind: 'WorkloadIdentity', tokenFile: '/var/run/t' },
    ],
    ['neither', { password: base64('x') }, undefined],
    ['an empty one', { clientSecret: '' }, undefined],
  ])('%s', (_when, data, credentials) => {
    expect(credentialsIn(data)).toEqual(credentials)
  })
})
