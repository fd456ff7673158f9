import { describe, expect, test } from '@jest/globals'
import {
  appID,
  channelID,
  installation,
  membership,
  message,
  objectID,
  serviceURL,
  teamID,
  tenantID,
} from './activities.ts'
import { makeClickRig, shownBy } from './click-rig.ts'
import type { ClickRig } from './click-rig.ts'
import { ourChannel } from './inbound-rig.ts'

async function send(rig: ClickRig, activity: unknown): Promise<string> {
  return shownBy(await rig.send(rig.inbound.request(activity)))
}

const noted = {
  conversationID: channelID,
  serviceURL,
  tenantID,
  teamID,
  name: 'Platform',
  botID: `28:${appID}`,
  time: '2030-01-01T00:00:00Z',
}

describe('where the bot was installed is noted in the status of its channel', () => {
  test('by the channel of the team that was chosen', async () => {
    const rig = makeClickRig()
    expect(await send(rig, installation(rig.inbound.time()))).toBe('nothing')
    expect(rig.notes.get('teams')).toEqual({ conversations: [noted] })
  })

  test('once, however often it is said, and in whatever way', async () => {
    const rig = makeClickRig()
    await send(rig, installation(rig.inbound.time()))
    const settings = { settings: { selectedChannel: { id: channelID } } }
    const channelData = { ...settings, team: { id: teamID }, tenant: { id: tenantID } }
    await send(rig, membership(rig.inbound.time(), { channelData }))
    expect(rig.notes.get('teams')).toEqual({ conversations: [noted] })
  })

  test('with a name that does nothing where it is shown', async () => {
    const rig = makeClickRig()
    const channelData = { team: { id: teamID, name: 'Plat\u202eform' }, tenant: { id: tenantID } }
    await send(rig, installation(rig.inbound.time(), { channelData }))
    expect(rig.notes.get('teams')?.conversations).toMatchObject([{ name: 'Plat\\u{202e}form' }])
  })

  test.each([
    ['a chat with one person', { conversation: { conversationType: 'personal', tenantId: tenantID, id: 'a:1' } }],
    ['another tenant', { channelData: { tenant: { id: 'a0' } } }],
    ['a service that is not on the list', { serviceUrl: 'https://evil.example/' }],
  ])('but not in %s', async (_what, changes) => {
    const rig = makeClickRig()
    await send(rig, installation(rig.inbound.time(), changes))
    expect(rig.notes.size).toBe(0)
  })

  test('in that of each channel of the bot, but for one that is for another team', async () => {
    const channels = [ourChannel, { ...ourChannel, name: 'two' }, { ...ourChannel, name: 'three', teamID: '19:zz' }]
    const rig = makeClickRig({}, channels)
    await send(rig, installation(rig.inbound.time()))
    expect([...rig.notes.keys()]).toEqual(['teams', 'two'])
  })

  test('and no longer, when the bot left the team', async () => {
    const rig = makeClickRig()
    await send(rig, installation(rig.inbound.time()))
    await send(rig, installation(rig.inbound.time(), { action: 'remove', id: 'f:2' }))
    expect(rig.notes.get('teams')).toEqual({ conversations: [] })
  })

  test('again, when the first try could not be stored', async () => {
    const rig = makeClickRig()
    const raw = rig.inbound.request(installation(rig.inbound.time()))
    rig.cluster.down = true
    expect(await rig.send(raw)).toMatchObject({ status: 503 })
    rig.cluster.down = false
    expect(await rig.send(raw)).toMatchObject({ status: 200 })
    expect(rig.notes.size).toBe(1)
  })

  const chats = Array.from({ length: 32 }, (_one, number) => `19:c${number}@thread.v2`)

  function installedInChat(rig: ClickRig, number: number): Promise<string> {
    const conversation = { id: `19:c${number}@thread.v2`, conversationType: 'groupChat', tenantId: tenantID }
    const channelData = { tenant: { id: tenantID } }
    return send(rig, installation(rig.inbound.time(), { id: `f:c${number}`, conversation, channelData }))
  }

  function installedInTeam(rig: ClickRig, number: number): Promise<string> {
    const settings = { settings: { selectedChannel: { id: `19:t${number}@thread.tacv2` } } }
    const channelData = { ...settings, team: { id: `team-${number}` }, tenant: { id: tenantID } }
    return send(rig, installation(rig.inbound.time(), { id: `f:t${number}`, channelData }))
  }

  const idsIn = (rig: ClickRig) => rig.notes.get('teams')?.conversations?.map((one) => one.conversationID)

  test('in place of a chat when the status is full, if it is a team: nobody keeps a team out by chats', async () => {
    const rig = makeClickRig()
    for (let number = 0; number < 40; number += 1) await installedInChat(rig, number)
    expect(idsIn(rig)).toEqual(chats)
    for (let number = 0; number < 2; number += 1) await installedInTeam(rig, number)
    expect(idsIn(rig)).toEqual([...chats.slice(2), '19:t0@thread.tacv2', '19:t1@thread.tacv2'])
    await installedInChat(rig, 40)
    expect(idsIn(rig)).toEqual([...chats.slice(2), '19:t0@thread.tacv2', '19:t1@thread.tacv2'])
  })

  test('but in no place of another team', async () => {
    const rig = makeClickRig()
    for (let number = 0; number < 33; number += 1) await installedInTeam(rig, number)
    expect(idsIn(rig)).toEqual(Array.from({ length: 32 }, (_one, number) => `19:t${number}@thread.tacv2`))
  })

  test('up to as many as the status holds: who comes later takes nobody’s place', async () => {
    const rig = makeClickRig()
    for (let number = 0; number < 40; number += 1) {
      const conversation = { id: `19:c${number}@thread.v2`, conversationType: 'groupChat', tenantId: tenantID }
      const channelData = { tenant: { id: tenantID } }
      await send(rig, installation(rig.inbound.time(), { id: `f:${number}`, conversation, channelData }))
    }
    expect(rig.notes.get('teams')?.conversations?.map((one) => one.conversationID)).toEqual(
      Array.from({ length: 32 }, (_one, number) => `19:c${number}@thread.v2`),
    )
  })
})

describe('who writes to the bot waits for an answer of the operator', () => {
  test('with what the answer needs, and without what was written', async () => {
    const rig = makeClickRig()
    expect(await send(rig, message(rig.inbound.time()))).toBe('nothing')
    const time = '2030-01-01T00:00:00Z'
    const greeting = { conversationID: 'a:1pL6i0', serviceURL, messageID: '1611183467999', objectID, time }
    expect(rig.notes.get('teams')).toEqual({ greetings: [greeting] })
  })

  test('in the thread in which it was written', async () => {
    const rig = makeClickRig()
    const conversation = { id: `${channelID};messageid=17`, conversationType: 'channel', tenantId: tenantID }
    await send(rig, message(rig.inbound.time(), { conversation }))
    expect(rig.notes.get('teams')?.greetings).toMatchObject([{ conversationID: `${channelID};messageid=17` }])
  })

  test('once for a conversation, and by one channel alone', async () => {
    const rig = makeClickRig({}, [{ ...ourChannel, name: 'a', conversationIDs: [] }, ourChannel])
    const conversation = { id: channelID, conversationType: 'channel', tenantId: tenantID }
    await send(rig, message(rig.inbound.time(), { conversation }))
    await send(rig, message(rig.inbound.time(), { conversation, id: 'f:2' }))
    expect([...rig.notes]).toEqual([['teams', { greetings: [expect.anything()] }]])
  })

  test('but not one whom Teams does not name', async () => {
    const rig = makeClickRig()
    await send(rig, message(rig.inbound.time(), { from: { id: '29:x' } }))
    expect(rig.notes.size).toBe(0)
  })
})

test('what else happens in a conversation is taken and forgotten', async () => {
  const rig = makeClickRig()
  expect(await send(rig, membership(rig.inbound.time(), { membersAdded: [{ id: '29:x' }] }))).toBe('nothing')
  expect(rig.notes.size).toBe(0)
})
