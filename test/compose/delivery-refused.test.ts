import { describe, expect, test } from '@jest/globals'
import type { ConnectorFault } from '../fake/bot-connector.ts'
import { closedStatus } from '../make-request.ts'
import { startDeliveryRig } from './delivery-rig.ts'
import type { DeliveryRig } from './delivery-rig.ts'

const denied = closedStatus('Denied', { decidedBy: 'Dana Roe' })
const ready = ({ channel }: DeliveryRig): string =>
  (channel('teams').status?.conditions ?? []).map(({ status, reason }) => `${status} ${reason}`).join()

/** A rig in which these are open, and have their cards. */
async function startWith(...names: readonly string[]): Promise<DeliveryRig> {
  const rig = startDeliveryRig(['teams'])
  await rig.clock.advance(1_000)
  for (const name of names) rig.open(name)
  await rig.clock.advance(2_000)
  return rig
}

/** What goes on in the next minute: calls of the service, and how often the channel is said to do otherwise. */
async function minute(rig: DeliveryRig): Promise<{ readonly calls: number; readonly changes: number }> {
  const changesOf = (): number => rig.facts.filter(({ fact }) => fact === 'ChannelChanged').length
  const [calls, changes] = [rig.service('teams').calls.length, changesOf()]
  await rig.clock.advance(60_000)
  return { calls: rig.service('teams').calls.length - calls, changes: changesOf() - changes }
}

function refuse(rig: DeliveryRig, method: string, fault: ConnectorFault): void {
  rig.service('teams').fault = (call) => (call.method === method ? fault : undefined)
}

const answer = (status: number, code?: string): ConnectorFault => ({
  do: 'Answer',
  status,
  ...(code === undefined ? {} : { code }),
})

describe('a channel whose members can be read while its posts are refused', () => {
  test.each(['MessageWritesBlocked', 'BotDisabledByAdmin', 'BotNotInConversationRoster'])(
    'with %s is not asked in a circle, and not said to be well and ill by turns',
    async (code) => {
      const rig = await startWith()
      refuse(rig, 'POST', answer(403, code))
      rig.open('apr-a')
      await rig.clock.advance(2_000)
      const first = await minute(rig)
      expect(first.changes).toBeLessThanOrEqual(1)
      expect(first.calls).toBeLessThanOrEqual(15)
      const later = await minute(rig)
      expect(later).toMatchObject({ changes: 0 })
      expect(later.calls).toBeLessThanOrEqual(8)
      expect(ready(rig)).toMatch(/^False/)
    },
  )

  test('is asked no more often when many requests wait for it', async () => {
    const rig = await startWith()
    refuse(rig, 'POST', answer(403, 'MessageWritesBlocked'))
    for (let index = 0; index < 30; index += 1) rig.open(`apr-${index}`)
    await minute(rig)
    expect((await minute(rig)).calls).toBeLessThanOrEqual(10)
  })

  test('is ready again with the first card that it takes, and then gets the others', async () => {
    const rig = await startWith()
    refuse(rig, 'POST', answer(403, 'MessageWritesBlocked'))
    for (let index = 0; index < 12; index += 1) rig.open(`apr-${index}`)
    await rig.clock.advance(120_000)
    expect(ready(rig)).toBe('False BotBlocked')
    rig.service('teams').fault = () => undefined
    await rig.clock.advance(20_000)
    expect(ready(rig)).toBe('True Installed')
    for (let index = 0; index < 12; index += 1) expect(rig.cards('teams', `apr-${index}`)).toHaveLength(1)
  })

  test('is tried with the next request, when those that were refused are over', async () => {
    const rig = await startWith()
    refuse(rig, 'POST', answer(403, 'MessageWritesBlocked'))
    rig.open('apr-a')
    await rig.clock.advance(1_800_000)
    rig.service('teams').fault = () => undefined
    rig.open('apr-b')
    await rig.clock.advance(1_000)
    expect(rig.cards('teams', 'apr-b')).toHaveLength(1)
    expect(ready(rig)).toBe('True Installed')
  })

  test('once, for no reason, keeps the next card waiting for a second or two', async () => {
    const rig = await startWith()
    const isFirst = (): boolean => rig.service('teams').calls.filter(({ method }) => method === 'POST').length === 1
    rig.service('teams').fault = ({ method }) =>
      method === 'POST' && isFirst() ? answer(404, 'ConversationNotFound') : undefined
    rig.open('apr-a')
    await rig.clock.advance(100)
    rig.open('apr-b')
    await rig.clock.advance(3_000)
    expect(['apr-a', 'apr-b'].map((name) => rig.cards('teams', name).length)).toEqual([1, 1])
  })
})

describe('one old card in a place where the bot is no longer', () => {
  async function startWithLost(code: string): Promise<DeliveryRig> {
    const rig = await startWith('apr-old')
    const [old] = rig.service('teams').seen()
    rig.service('teams').fault = ({ method, path }) =>
      method === 'PUT' && path.endsWith(String(old?.id))
        ? answer(code === 'ConversationNotFound' ? 404 : 403, code)
        : undefined
    rig.change('apr-old', denied)
    await rig.clock.advance(2_000)
    return rig
  }

  test.each([
    'BotNotInConversationRoster',
    'ForbiddenOperationException',
    'MessageWritesBlocked',
    'ConversationNotFound',
  ])('with %s says nothing of the channel, and keeps no other card waiting', async (code) => {
    const rig = await startWithLost(code)
    const { calls, changes } = await minute(rig)
    expect(changes).toBe(0)
    expect(calls).toBeLessThanOrEqual(10)
    expect(ready(rig)).toBe('True Installed')
    rig.open('apr-new')
    await rig.clock.advance(500)
    expect(rig.cards('teams', 'apr-new')).toHaveLength(1)
  })

  test('is tried for a while, and then given up', async () => {
    const rig = await startWithLost('BotNotInConversationRoster')
    await rig.clock.advance(300_000)
    expect(rig.stored('apr-old').status?.messages).not.toMatchObject([{ rendered: 'gone' }])
    await rig.clock.advance(1_500_000)
    expect(rig.stored('apr-old').status?.messages).toMatchObject([{ rendered: 'gone' }])
    expect(rig.stored('apr-old').status?.conditions).toContainEqual(expect.objectContaining({ reason: 'Concluded' }))
  })

  test('is not given up while the whole channel is blocked, and drawn anew when it is not any more', async () => {
    const rig = await startWith('apr-a')
    rig.service('teams').fault = () => answer(403, 'BotDisabledByAdmin')
    rig.change('apr-a', denied)
    await rig.clock.advance(7_200_000)
    rig.service('teams').fault = () => undefined
    await rig.clock.advance(30_000)
    expect(rig.cards('teams', 'apr-a')[0]?.buttons).toEqual([])
  })
})

test('a reply that is refused makes no channel ill, and is given up in the end', async () => {
  const rig = await startWith('apr-a')
  refuse(rig, 'POST', answer(403, 'MessageWritesBlocked'))
  rig.change('apr-a', denied)
  await rig.clock.advance(1_000)
  expect((await minute(rig)).changes).toBe(0)
  await rig.clock.advance(1_800_000)
  expect((await minute(rig)).calls).toBeLessThanOrEqual(1)
  expect(rig.cards('teams', 'apr-a')[0]?.buttons).toEqual([])
  expect(rig.stored('apr-a').status?.conditions).toContainEqual(expect.objectContaining({ reason: 'Concluded' }))
})

test('a card that can be drawn anew while nobody can reply to it is not drawn in a circle', async () => {
  const rig = await startWith('apr-a')
  refuse(rig, 'POST', answer(503))
  rig.change('apr-a', denied)
  await rig.clock.advance(1_000)
  await minute(rig)
  expect((await minute(rig)).calls).toBeLessThanOrEqual(8)
})

describe('a service that answers a bare 404 for everything, such as a proxy', () => {
  test('is said to be unavailable', async () => {
    const rig = await startWith()
    rig.service('teams').fault = () => answer(404)
    rig.open('apr-a')
    await rig.clock.advance(120_000)
    expect(ready(rig)).toBe('False ServiceUnavailable')
  })

  test('makes no card be taken for deleted', async () => {
    const rig = await startWith('apr-a')
    rig.service('teams').fault = () => answer(404)
    rig.change('apr-a', denied)
    await rig.clock.advance(1_800_000)
    rig.service('teams').fault = () => undefined
    await rig.clock.advance(60_000)
    expect(rig.cards('teams', 'apr-a')[0]?.buttons).toEqual([])
  })
})

test.each([
  ['as it is', 400],
  ['for its size', 413],
])('an update that is refused for good, %s, is given up after a while', async (_why, status) => {
  const rig = await startWith('apr-a')
  refuse(rig, 'PUT', answer(status))
  rig.change('apr-a', denied)
  await rig.clock.advance(3_600_000)
  expect(rig.service('teams').calls.filter(({ method }) => method === 'PUT')).toHaveLength(20)
  expect(rig.stored('apr-a').status?.messages).toMatchObject([{ rendered: 'gone' }])
  expect(ready(rig)).toBe('True Installed')
})
