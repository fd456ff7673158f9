import { describe, expect, test } from '@jest/globals'
import { closedStatus, time } from '../make-request.ts'
import type { ConnectorFault } from '../fake/bot-connector.ts'
import { startDeliveryRig } from './delivery-rig.ts'
import type { DeliveryRig } from './delivery-rig.ts'

const denied = closedStatus('Denied', { decidedBy: 'Dana Roe' })
const greetings = (rig: DeliveryRig, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    conversationID: `a:${index}`,
    serviceURL: 'https://smba.example.com/teams/',
    messageID: `m-${index}`,
    objectID: `0f0f0f0f-1111-4222-8333-4444444444${10 + index}`,
    time: time(rig.clock.now()),
  }))

async function start(...names: readonly string[]): Promise<DeliveryRig> {
  const rig = startDeliveryRig(['teams'])
  await rig.clock.advance(1_000)
  for (const name of names) rig.open(name)
  await rig.clock.advance(3_000)
  return rig
}

describe('a service that hangs', () => {
  test.each<readonly [when: string, prepare: (rig: DeliveryRig) => void]>([
    ['with a card to be posted', (rig) => rig.open('apr-new')],
    ['with cards to be drawn anew', (rig) => ['apr-0', 'apr-1', 'apr-2'].forEach((name) => rig.change(name, denied))],
    ['with people to be answered', (rig) => rig.changeChannel('teams', { greetings: greetings(rig, 16) })],
    ['with the channel to be looked at', (rig) => rig.outlets()['teams']?.renewed()],
  ])('%s does not keep a term from its end, and is sent nothing thereafter', async (_when, prepare) => {
    const rig = await start('apr-0', 'apr-1', 'apr-2')
    rig.service('teams').fault = () => ({ do: 'Hang' })
    const before = rig.service('teams').calls.length
    prepare(rig)
    await rig.clock.advance(500)
    const calls = rig.service('teams').calls.length
    expect(calls).toBeGreaterThan(before)
    let ended = false
    const outlet = rig.outlets()['teams']
    void outlet?.stop(AbortSignal.abort()).then(() => {
      ended = true
    })
    await rig.clock.advance(0)
    expect(ended).toBe(true)
    await rig.clock.advance(600_000)
    expect(rig.service('teams').calls).toHaveLength(calls)
  })

  test('for those who wrote to the bot is not waited for by the one after the other', async () => {
    const rig = await start()
    rig.service('teams').fault = ({ path }) => (path.includes('a%3A') ? { do: 'Hang' } : undefined)
    rig.changeChannel('teams', { greetings: greetings(rig, 16) })
    await rig.clock.advance(60_000)
    expect(rig.service('teams').calls.filter(({ path }) => path.includes('a%3A')).length).toBeLessThanOrEqual(5)
    rig.open('apr-a')
    await rig.clock.advance(500)
    expect(rig.cards('teams', 'apr-a')).toHaveLength(1)
  })

  test('for one who wrote to the bot keeps none of the others waiting for long', async () => {
    const rig = await start()
    rig.service('teams').fault = ({ path }) => (path.includes('a%3A0/') ? { do: 'Hang' } : undefined)
    rig.changeChannel('teams', { greetings: greetings(rig, 16) })
    await rig.clock.advance(30_000)
    expect(rig.service('teams').seen()).toHaveLength(15)
    expect(rig.channel('teams').status?.greetings).toMatchObject([{ conversationID: 'a:0' }])
    await rig.clock.advance(600_000)
    expect(rig.channel('teams').status?.greetings).toEqual([])
    expect(rig.service('teams').seen()).toHaveLength(15)
  })
})

test('two who wrote messages of the same number in two chats are both answered', async () => {
  const rig = await start()
  const both = greetings(rig, 2).map((one) => ({ ...one, messageID: 'm' }))
  rig.changeChannel('teams', { greetings: both })
  await rig.clock.advance(2_000)
  expect(['a:0', 'a:1'].map((chat) => rig.service('teams').seen(chat).length)).toEqual([1, 1])
  expect(rig.channel('teams').status?.greetings).toEqual([])
})

describe('posts whose answer is lost', () => {
  const lost: readonly (readonly [how: string, fault: ConnectorFault])[] = [
    ['by silence', { do: 'Hang', carriedOut: true }],
    ['by a broken connection', { do: 'Drop', carriedOut: true }],
    ['by a gateway in between', { do: 'Answer', status: 502, carriedOut: true }],
    ['without an id of the message', { do: 'Answer', status: 201, carriedOut: true }],
  ]
  const losing = (rig: DeliveryRig, fault: ConnectorFault, isLost = (): boolean => true): void => {
    rig.service('teams').fault = ({ method }) => (method === 'POST' && isLost() ? fault : undefined)
  }

  test.each(lost)('%s are repeated twice, over a minute or so, and no more', async (_how, fault) => {
    const rig = await start()
    losing(rig, fault)
    rig.open('apr-a')
    await rig.clock.advance(5_000)
    expect(rig.service('teams').seen()).toHaveLength(1)
    await rig.clock.advance(20_000)
    expect(rig.service('teams').seen()).toHaveLength(2)
    await rig.clock.advance(855_000)
    expect(rig.service('teams').seen()).toHaveLength(3)
    expect(rig.stored('apr-a').status?.messages ?? []).toEqual([])
  })

  test('of one request are forgotten when the channel has taken the card of another one', async () => {
    const rig = await start()
    losing(rig, { do: 'Hang' })
    rig.open('apr-a')
    await rig.clock.advance(300_000)
    rig.service('teams').fault = () => undefined
    await rig.clock.advance(60_000)
    expect(rig.cards('teams', 'apr-a')).toEqual([])
    rig.open('apr-b')
    await rig.clock.advance(2_000)
    expect(['apr-a', 'apr-b'].map((name) => rig.cards('teams', name).length)).toEqual([1, 1])
  })

  test('because nothing at all was answered for long are repeated when it is', async () => {
    const rig = await start()
    rig.service('teams').fault = () => ({ do: 'Hang' })
    rig.open('apr-a')
    await rig.clock.advance(600_000)
    expect(rig.service('teams').calls.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(2)
    rig.service('teams').fault = () => undefined
    await rig.clock.advance(30_000)
    expect(rig.cards('teams', 'apr-a')).toHaveLength(1)
  })

  test('of which one was lost for a moment keep the card waiting for less than half a minute', async () => {
    const rig = await start()
    losing(rig, { do: 'Drop' }, () => rig.service('teams').calls.filter(({ method }) => method === 'POST').length === 1)
    rig.open('apr-a')
    await rig.clock.advance(25_000)
    expect(rig.cards('teams', 'apr-a')).toHaveLength(1)
  })

  test('under a card say three times at most how it ended', async () => {
    const rig = await start('apr-a')
    losing(rig, { do: 'Hang', carriedOut: true })
    rig.change('apr-a', denied)
    await rig.clock.advance(3_600_000)
    expect(rig.service('teams').seen()).toHaveLength(1 + 3)
    expect(rig.stored('apr-a').status?.conditions).toContainEqual(expect.objectContaining({ reason: 'Concluded' }))
  })
})
