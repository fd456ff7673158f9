import { describe, expect, test } from '@jest/globals'
import type { NotDelivered } from '../../src/app/deliver-ports.ts'
import type { ApprovalChannel, Conversation, TeamsChannel } from '../../src/domain/kinds.ts'
import type { Connector, Message } from '../../src/teams/connector.ts'
import { makeTeamsPublisher } from '../../src/teams/publish.ts'
import { placeOf } from '../../src/teams/publish-place.ts'
import { approvedStatus, request } from '../make-request.ts'

const tenantID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'
const where = (conversationID: string, changes: Partial<Conversation> = {}): Conversation => ({
  conversationID,
  serviceURL: 'https://smba.trafficmanager.net/teams/',
  tenantID,
  teamID: 'team-1',
  name: `Platform > ${conversationID}`,
  ...changes,
})

function channel(conversations: readonly Conversation[], teams: Partial<TeamsChannel> = {}): ApprovalChannel {
  const credentialsSecretRef = { name: 'countersign-teams' }
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalChannel',
    metadata: { name: 'teams' },
    spec: {
      type: 'Teams',
      notify: 'Stage',
      teams: { cloud: 'Public', tenantID, appID: 'app', credentialsSecretRef, ...teams },
    },
    status: { conversations },
  }
}

const chat = (id: string): Conversation => ({ ...where(id), teamID: '' })
const [a, b] = [where('19:a@thread.tacv2'), where('19:b@thread.tacv2', { teamID: 'team-2' })]

describe('where the cards of a channel go', () => {
  test.each<readonly [when: string, one: ApprovalChannel, place: object]>([
    ['nothing was heard of the bot yet', channel([]), { failure: 'NotInstalled' }],
    ['it is in one channel', channel([a]), { conversationID: a.conversationID, rosterID: 'team-1', botID: '28:app' }],
    ['it is in several', channel([a, b]), { failure: 'SeveralConversations' }],
    ['the team says which one', channel([a, b], { teamID: 'team-2' }), { conversationID: b.conversationID }],
    ['the channel says which one', channel([a, b], { channelID: a.conversationID }), { name: a.name }],
    [
      'another channel of the team is meant: the service is the same one',
      channel([a], { channelID: '19:c@thread.tacv2' }),
      { conversationID: '19:c@thread.tacv2', serviceURL: a.serviceURL, rosterID: 'team-1', name: '19:c@thread.tacv2' },
    ],
    ['it is only in a foreign tenant', channel([where('x', { tenantID: 'other' })]), { failure: 'NotInstalled' }],
    [
      'it is in a chat, which the channel names',
      channel([chat('a:chat')], { channelID: 'a:chat' }),
      { conversationID: 'a:chat', rosterID: 'a:chat' },
    ],
    ['somebody has brought it into a chat of his own', channel([chat('a:chat')]), { failure: 'NotInstalled' }],
    [
      'and it is in a team beside: the chats do not count, however many there are',
      channel([chat('a:1'), a, chat('a:2')]),
      { conversationID: a.conversationID, rosterID: 'team-1' },
    ],
    [
      'the team is named, and it is in a chat',
      channel([chat('a:1')], { teamID: 'team-1' }),
      { failure: 'NotInstalled' },
    ],
  ])('%s', (_when, one, place) => {
    expect(placeOf(one)).toMatchObject(place)
  })
})

/** What a connector was given to post, while it takes everything. */
function publisherOf(members: readonly { readonly id: string; readonly objectID: string; readonly name: string }[]) {
  const posted: Message[] = []
  const connector: Connector = {
    createThread: (_service, { channelID }, message) => {
      posted.push(message)
      return Promise.resolve({ outcome: 'Sent', conversationID: channelID, messageID: '1' })
    },
    post: (_service, conversationID, message) => {
      posted.push(message)
      return Promise.resolve({ outcome: 'Sent', conversationID, messageID: '2' })
    },
    update: (_service, _place, message) => {
      posted.push(message)
      return Promise.resolve({ outcome: 'Updated' })
    },
    members: () => Promise.resolve({ outcome: 'Read', members }),
    until: () => connector,
  }
  let keys = 1
  const publisher = makeTeamsPublisher({
    connector,
    channel: () => channel([a]),
    handleKey: () => ({ id: `h-${keys}`, secret: new Uint8Array(32).fill(keys) }),
    tabURL: () => undefined,
  })
  return { posted, publisher, rotate: () => (keys += 1) }
}

describe('a message', () => {
  test('mentions people by what the chat calls them, which cannot be more than a name', async () => {
    const { publisher, posted } = publisherOf([
      { id: '29:eve', objectID: 'EVE-oid', name: '<b>Eve</b> & <at>all</at>\u202e' },
      { id: '29:bo', objectID: 'bo-oid', name: '' },
    ])
    await publisher.check()
    await publisher.post(request(), ['eve-oid', 'nobody', 'bo-oid'])
    expect(posted[0]?.['text']).toBe('<at>bEve/b  atall/at\\u{202e}</at> <at>approver</at>')
    expect(posted[0]?.['entities']).toMatchObject([{ mentioned: { id: '29:eve' } }, { mentioned: { id: '29:bo' } }])
  })

  test('that is drawn anew mentions nobody, so that nobody is rung twice', async () => {
    const { publisher, posted } = publisherOf([{ id: '29:eve', objectID: 'eve-oid', name: 'Eve' }])
    await publisher.check()
    await publisher.update(request(), `${a.conversationID} 1`)
    expect(posted[0]).not.toHaveProperty('entities')
    expect(posted[0]?.['summary']).toMatch(/^Approve\? agents\/bot wants to delete Deployment prod\/web/)
  })

  test('shows the same whichever key its handle is made with, and other things when the request is another one', async () => {
    const { publisher, rotate } = publisherOf([])
    const before = publisher.shows(request())
    rotate()
    expect(publisher.shows(request())).toBe(before)
    expect(publisher.shows(request({ status: approvedStatus() }))).not.toBe(before)
    expect(before).toMatch(/^sha256:[\da-f]{64}$/)
  })

  test('whose place is not written as Teams has it is gone', async () => {
    const { publisher } = publisherOf([])
    const answer = (await publisher.update(request(), 'C05/1795')) as NotDelivered
    expect(answer.failure).toBe('Gone')
  })
})
