import { describe, expect, test } from '@jest/globals'
import type { ApprovalRequestStatus } from '../../src/domain/kinds.ts'
import { looksOf } from '../fake/bot-connector.ts'
import type { ConnectorFault } from '../fake/bot-connector.ts'
import { approvedStatus, claim, closedStatus, time } from '../make-request.ts'
import { scaled } from '../scale.ts'
import { seededRandom } from '../random.ts'
import { briefed } from '../teams/card-samples.ts'
import { cardOf } from '../../src/teams/card.ts'
import { startDeliveryRig } from './delivery-rig.ts'
import type { DeliveryRig } from './delivery-rig.ts'

const alice = { id: '29:alice', aadObjectId: 'oid-alice', name: 'Alice Kim' }
const noGrant = { expirationTime: '', claims: [], rearmed: 0 }
const denied: ApprovalRequestStatus = closedStatus('Denied', { decidedBy: 'Dana Roe' })
const ready = ({ channel }: DeliveryRig, name: string): string =>
  (channel(name).status?.conditions ?? []).map(({ status, reason }) => `${status} ${reason}`).join()

/** What a card of the request as it is stored now shows. */
function truth({ stored }: DeliveryRig, name: string): string {
  const card = cardOf(briefed(stored(name)), { handle: 'any', tabURL: undefined })
  return looksOf({ attachments: [{ content: card }] }).shown
}

/** Every card that a request lists shows the truth. */
function isRight(rig: DeliveryRig, channel: string, name: string): boolean {
  const listed = (rig.stored(name).status?.messages ?? []).filter((one) => one.channel === channel)
  const seen = new Map(
    rig
      .service(channel)
      .seen()
      .map((one) => [one.id, one.shown]),
  )
  return listed.every(
    ({ ref, rendered }) => rendered === 'gone' || seen.get(ref.split(' ')[1] ?? '') === truth(rig, name),
  )
}

describe('a request in a channel', () => {
  test('is posted once, rings who may decide, is drawn anew with every change, and its end is said below it', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.service('teams').members = [alice]
    rig.open('apr-a')
    await rig.clock.advance(2_000)
    const [card, ...others] = rig.cards('teams', 'apr-a')
    expect(others).toEqual([])
    expect(card).toMatchObject({
      rung: ['29:alice'],
      buttons: ['Approve delete', 'Deny', 'Ask for changes', 'Comment', 'Full record', 'Pause agent'],
    })
    expect(rig.stored('apr-a').status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Notified', status: 'True', reason: 'Delivered' }),
    )

    rig.change('apr-a', approvedStatus({ expirationTime: time(rig.clock.now() + 1_200_000) }))
    await rig.clock.advance(2_000)
    expect(rig.cards('teams', 'apr-a')[0]).toMatchObject({ id: card?.id, buttons: ['Take back'] })
    expect(rig.service('teams').seen()).toHaveLength(1)

    const executed = {
      type: 'Executed',
      status: 'True',
      reason: 'Executed',
      message: 'seen',
      lastTransitionTime: time(rig.clock.now()),
    } as const
    const { grant = noGrant } = rig.stored('apr-a').status ?? {}
    rig.change('apr-a', {
      grant: { ...grant, claims: [claim({ time: time(rig.clock.now()) })] },
      conditions: [...(rig.stored('apr-a').status?.conditions ?? []), executed],
    })
    await rig.clock.advance(2_000)
    const [first, reply, ...more] = rig.service('teams').seen()
    expect(more).toEqual([])
    expect(first?.buttons).toEqual([])
    expect(first?.shown).toBe(truth(rig, 'apr-a'))
    expect(reply).toMatchObject({ thread: first?.id })
    expect(reply?.shown).toMatch(/DONE/)
    expect(rig.stored('apr-a').status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Notified', reason: 'Concluded' }),
    )
  })

  test('that is denied, and taken back later, shows both', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.open('apr-a')
    await rig.clock.advance(1_000)
    rig.change('apr-a', denied)
    await rig.clock.advance(1_000)
    expect(
      rig
        .service('teams')
        .seen()
        .map(({ shown }) => shown.includes('DENIED by Dana Roe')),
    ).toEqual([true, true])
    rig.change('apr-a', {
      cooldownRevoked: { by: 'Dana Roe', time: time(rig.clock.now()), voteRef: { name: 'v', uid: 'v' } },
    })
    await rig.clock.advance(1_000)
    expect(
      rig
        .service('teams')
        .seen()
        .filter(({ shown }) => shown.includes('TAKEN BACK by Dana Roe')),
    ).toHaveLength(2)
    expect(rig.stored('apr-a').status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Notified', reason: 'TakenBack' }),
    )
  })

  test('that is decided before it was posted is not posted any more', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.open('apr-a', { status: denied })
    await rig.clock.advance(60_000)
    expect(rig.service('teams').seen()).toEqual([])
  })

  test('is posted once although the watch is far behind', async () => {
    const rig = startDeliveryRig(['teams'], { watchMs: 3_000 })
    rig.open('apr-a')
    for (let round = 0; round < 30; round += 1) {
      rig.outlets()['teams']?.add('apr-a')
      await rig.clock.advance(300)
    }
    expect(rig.service('teams').seen()).toHaveLength(1)
  })

  test('is posted once although nothing can be noted for a while', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.mayNote = () => false
    rig.open('apr-a')
    await rig.clock.advance(120_000)
    expect(rig.stored('apr-a').status?.messages ?? []).toEqual([])
    rig.mayNote = () => true
    await rig.clock.advance(20_000)
    expect(rig.service('teams').seen()).toHaveLength(1)
    expect(rig.stored('apr-a').status?.messages).toHaveLength(1)
  })

  test('has its end said once although that cannot be noted for a while', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.open('apr-a')
    await rig.clock.advance(1_000)
    rig.mayNote = () => false
    rig.change('apr-a', denied)
    await rig.clock.advance(60_000)
    rig.mayNote = () => true
    await rig.clock.advance(20_000)
    expect(rig.service('teams').seen()).toHaveLength(2)
    expect(isRight(rig, 'teams', 'apr-a')).toBe(true)
  })

  test('has its end said although nobody could reply at first', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.open('apr-a')
    await rig.clock.advance(1_000)
    rig.service('teams').fault = ({ method, path }) =>
      method === 'POST' && path.includes('/activities') ? { do: 'Answer', status: 503 } : undefined
    rig.change('apr-a', denied)
    await rig.clock.advance(30_000)
    expect(
      rig
        .service('teams')
        .seen()
        .map(({ shown }) => shown),
    ).toEqual([truth(rig, 'apr-a')])
    rig.service('teams').fault = () => undefined
    await rig.clock.advance(60_000)
    expect(rig.service('teams').seen()).toHaveLength(2)
  })

  test('whose card somebody deletes is posted again while it is open, a few times', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.open('apr-a')
    await rig.clock.advance(1_000)
    const posted: string[] = []
    for (let round = 0; round < 5; round += 1) {
      const [card] = rig.service('teams').seen()
      if (card !== undefined) posted.push(card.id)
      if (card !== undefined) rig.service('teams').remove(card.id)
      rig.change('apr-a', {
        stages: [{ name: 'approvers', approvals: 0, required: 2 + round }],
        votes: [
          {
            name: `v-${round}`,
            uid: `${round}`,
            person: 'Eve',
            verdict: 'Comment',
            comment: `c${round}`,
            time: time(rig.clock.now()),
            counted: true,
          },
        ],
      })
      await rig.clock.advance(5_000)
    }
    expect(posted).toHaveLength(3)
  })
})

describe('of many cards of one agent', () => {
  test('the first six in ten minutes ring, the others come in silence, and after that they ring again', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.service('teams').members = [alice]
    await rig.clock.advance(1_000)
    for (let index = 0; index < 9; index += 1) {
      rig.open(`apr-${index}`)
      await rig.clock.advance(2_000)
    }
    const rung = () =>
      rig
        .service('teams')
        .seen()
        .map((one) => one.rung.length)
    expect(rung()).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0])
    await rig.clock.advance(600_000)
    rig.open('apr-later')
    await rig.clock.advance(2_000)
    expect(rung().at(-1)).toBe(1)
  })
})

describe('a process that ends between sending and noting', () => {
  test('leaves one card too many, and both are right in the end once somebody clicked on the one that is not listed', async () => {
    const rig = startDeliveryRig(['teams'])
    await rig.clock.advance(1_000)
    rig.mayNote = () => false
    rig.open('apr-a')
    await rig.clock.advance(100)
    const [lost] = rig.service('teams').seen()
    rig.mayNote = () => true
    await rig.crash()
    await rig.clock.advance(10_000)
    expect(rig.service('teams').seen()).toHaveLength(2)
    rig.change('apr-a', denied)
    rig.strays.set('teams/apr-a', [`${lost?.conversation} ${lost?.id}`])
    await rig.clock.advance(10_000)
    const cards = rig
      .service('teams')
      .seen()
      .filter(({ id, thread }) => id === thread)
    expect(cards.map(({ shown }) => shown)).toEqual([truth(rig, 'apr-a'), truth(rig, 'apr-a')])
    expect(rig.stored('apr-a').status?.messages).toHaveLength(2)
  })

  test('at any moment of ten, never leaves more than one too many', async () => {
    for (let moment = 0; moment < 40; moment += 1) {
      const rig = startDeliveryRig(['teams'], { watchMs: 3 })
      await rig.clock.advance(500)
      rig.open('apr-a')
      await rig.clock.advance(moment / 4)
      await rig.crash()
      await rig.clock.advance(5_000)
      expect(rig.service('teams').seen().length).toBeLessThanOrEqual(2)
      expect(isRight(rig, 'teams', 'apr-a')).toBe(true)
    }
  })
})

describe('a channel that is dead', () => {
  test.each<readonly [how: string, fault: ConnectorFault, reason: string]>([
    ['hangs', { do: 'Hang' }, 'ServiceUnavailable'],
    ['takes no connection', { do: 'Refused' }, 'ServiceUnavailable'],
    ['answers 503', { do: 'Answer', status: 503 }, 'ServiceUnavailable'],
    [
      'does not know the bot any more',
      { do: 'Answer', status: 403, code: 'BotNotInConversationRoster' },
      'NotInstalled',
    ],
    ['has blocked the bot', { do: 'Answer', status: 403, code: 'MessageWritesBlocked' }, 'BotBlocked'],
  ])(
    'because it %s: slows no other, is told, and gets every card soon after its return',
    async (_how, fault, reason) => {
      const rig = startDeliveryRig(['dead', 'good'])
      await rig.clock.advance(1_000)
      rig.service('dead').fault = () => fault
      const channelRefs = [{ name: 'dead' }, { name: 'good' }]
      for (let index = 0; index < 12; index += 1) {
        rig.open(`apr-${index}`, { requirements: { channelRefs } })
        await rig.clock.advance(1_500)
        expect(rig.cards('good', `apr-${index}`)).toHaveLength(1)
      }
      await rig.clock.advance(120_000)
      expect([ready(rig, 'dead'), ready(rig, 'good')]).toEqual([`False ${reason}`, 'True Installed'])
      rig.service('dead').fault = () => undefined
      // Not by the longest pause between two tries, but because the return was noticed.
      await rig.clock.advance(25_000)
      for (let index = 0; index < 12; index += 1) expect(rig.cards('dead', `apr-${index}`)).toHaveLength(1)
      expect(ready(rig, 'dead')).toBe('True Installed')
      expect(rig.channel('dead').status).toMatchObject({ delivered: '12/12', target: 'Platform > dead' })
    },
  )

  test('is asked nothing new of those that ask every ready channel, until it is ready again', async () => {
    const rig = startDeliveryRig(['dead', 'good'])
    rig.service('dead').fault = () => ({ do: 'Answer', status: 403 })
    await rig.clock.advance(1_000)
    rig.open('apr-a')
    await rig.clock.advance(600_000)
    expect([rig.cards('dead', 'apr-a').length, rig.cards('good', 'apr-a').length]).toEqual([0, 1])
    rig.service('dead').fault = () => undefined
    await rig.clock.advance(20_000)
    expect(rig.cards('dead', 'apr-a')).toHaveLength(1)
  })
})

describe('a service that throttles', () => {
  const throttled: ConnectorFault = { do: 'Answer', status: 429 }

  test('for a moment keeps a card waiting for a moment', async () => {
    const rig = startDeliveryRig(['teams'])
    await rig.clock.advance(1_000)
    rig.service('teams').fault = () => throttled
    rig.open('apr-a')
    await rig.clock.advance(2_000)
    rig.service('teams').fault = () => undefined
    await rig.clock.advance(5_000)
    expect(rig.cards('teams', 'apr-a')).toHaveLength(1)
    expect(ready(rig, 'teams')).toBe('True Installed')
  })

  test('is asked when it wants to be, and not before', async () => {
    const rig = startDeliveryRig(['teams'])
    await rig.clock.advance(1_000)
    rig.service('teams').fault = () => ({ ...throttled, retryAfter: '45' })
    rig.open('apr-a')
    await rig.clock.advance(1_000)
    rig.service('teams').fault = () => undefined
    await rig.clock.advance(43_000)
    expect(rig.cards('teams', 'apr-a')).toHaveLength(0)
    await rig.clock.advance(2_000)
    expect(rig.cards('teams', 'apr-a')).toHaveLength(1)
  })

  test('and then takes one card gets all the others at once', async () => {
    const rig = startDeliveryRig(['teams'])
    await rig.clock.advance(1_000)
    rig.service('teams').fault = () => throttled
    for (let index = 0; index < 6; index += 1) rig.open(`apr-${index}`)
    await rig.clock.advance(300_000)
    rig.service('teams').fault = () => undefined
    while (rig.service('teams').seen().length === 0) await rig.clock.advance(100)
    await rig.clock.advance(2_000)
    expect(rig.service('teams').seen()).toHaveLength(6)
  })
})

describe('a service that fails at random', () => {
  const kinds: readonly ConnectorFault[] = [
    { do: 'Answer', status: 429, retryAfter: '3' },
    { do: 'Answer', status: 429 },
    { do: 'Answer', status: 412 },
    { do: 'Answer', status: 500 },
    { do: 'Answer', status: 502, carriedOut: true },
    { do: 'Answer', status: 504 },
    { do: 'Answer', status: 404, code: 'ConversationNotFound' },
    { do: 'Hang' },
    { do: 'Drop' },
    { do: 'Drop', carriedOut: true },
    { do: 'Hang', carriedOut: true },
    { do: 'Refused' },
  ]
  const minutes = scaled(10, 120)

  test(`for ${minutes} minutes: a minute after its recovery every card is right, and none is there that nobody can explain`, async () => {
    const random = seededRandom(7)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
    const rig = startDeliveryRig(['teams'], { watchMs: 40, seed: 3 })
    const teams = rig.service('teams')
    let unexplained = 0
    let rate = 0
    teams.fault = ({ method }) => {
      const fault = random() < rate ? pick(kinds) : undefined
      if (method === 'POST' && fault !== undefined && 'carriedOut' in fault) unexplained += 1
      return fault
    }
    const names: string[] = []
    for (let second = 0; second < minutes * 60; second += 5) {
      rate = Math.floor(second / 120) % 2 === 0 ? 0.3 : 0.9
      rig.mayNote = () => random() > 0.1
      if (random() < 0.2) {
        names.push(`apr-${names.length}`)
        rig.open(names.at(-1) ?? '', { requester: { agent: `agents/${names.length % 5}` } })
      }
      const one = names.length === 0 ? undefined : pick(names)
      if (one !== undefined && rig.stored(one).status?.decision === undefined && random() < 0.2) {
        rig.change(one, { ...(random() < 0.5 ? denied : closedStatus('Expired')), decisionTime: time(rig.clock.now()) })
      }
      await rig.clock.advance(5_000)
    }
    rate = 0
    rig.mayNote = () => true
    await rig.clock.advance(60_000)
    const wrong = names.filter((name) => !isRight(rig, 'teams', name))
    expect(wrong).toEqual([])
    const isOpen = (name: string) =>
      rig.stored(name).status?.decision === undefined &&
      rig.clock.now() < Date.parse(rig.stored(name).spec.expirationTime)
    const unasked = names.filter((name) => isOpen(name) && rig.cards('teams', name).length === 0)
    expect(unasked).toEqual([])
    const listed = names.flatMap((name) => rig.stored(name).status?.messages ?? []).length
    const roots = teams.seen().filter(({ id, thread }) => id === thread).length
    expect(roots).toBeLessThanOrEqual(listed + unexplained)
    expect(names.length).toBeGreaterThan(minutes)
  })
})

describe('who writes to the bot', () => {
  const greeting = {
    conversationID: 'a:chat',
    serviceURL: 'https://smba.example.com/teams/',
    messageID: 'm-1',
    objectID: '0f0f0f0f-1111-4222-8333-444444444444',
  }

  test('is told who he is, once, and taken out of the list', async () => {
    const rig = startDeliveryRig(['teams'])
    await rig.clock.advance(1_000)
    rig.changeChannel('teams', { greetings: [{ ...greeting, time: time(rig.clock.now()) }] })
    await rig.clock.advance(5_000)
    const said = rig.service('teams').seen('a:chat')
    expect(said).toHaveLength(1)
    expect(said[0]?.activity).toMatchObject({ textFormat: 'plain' })
    expect(said[0]?.shown).toContain(
      `entraUser: { tenantID: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff, objectID: ${greeting.objectID} }`,
    )
    expect(rig.channel('teams').status?.greetings).toEqual([])
  })

  test('more than ten minutes ago is not answered any more', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.changeChannel('teams', { greetings: [{ ...greeting, time: time(rig.clock.now() - 700_000) }] })
    await rig.clock.advance(5_000)
    expect(rig.service('teams').seen('a:chat')).toEqual([])
    expect(rig.channel('teams').status?.greetings).toEqual([])
  })

  test('through a service that is not on the list gets no answer there', async () => {
    const rig = startDeliveryRig(['teams'])
    rig.changeChannel('teams', {
      greetings: [{ ...greeting, serviceURL: 'https://evil.example.com/', time: time(rig.clock.now()) }],
    })
    await rig.clock.advance(1_200_000)
    expect(rig.service('teams').seen('a:chat')).toEqual([])
    expect(rig.channel('teams').status?.greetings).toEqual([])
  })
})
