/** Activities as Teams sends them, with made-up ids. */

export const appID = '2a4c6e80-1b3d-4f5a-8c7e-9d0b1f2a3c4e'
export const tenantID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'
export const objectID = '5e3f1c2a-6a6b-4e0a-9c5d-0b7a1f9d8e21'
export const serviceURL = 'https://smba.trafficmanager.net/emea/'
export const channelID = '19:ab12cd34@thread.tacv2'
export const teamID = '19:ee55ff66@thread.tacv2'
export const handle = '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d21.967bJzRwq6pjgraHhNaBNZXZiafdb8Tf1CfBKLBqHTY'

type Fields = Record<string, unknown>

const envelope = (time: string): Fields => ({
  timestamp: time,
  localTimestamp: time,
  channelId: 'msteams',
  serviceUrl: serviceURL,
  from: { id: '29:1kXt', name: 'Alice Kim', aadObjectId: objectID },
  recipient: { id: `28:${appID}`, name: 'Countersign' },
  entities: [{ locale: 'en-US', country: 'US', platform: 'Web', type: 'clientInfo' }],
})

/** A click on Approve. */
export function click(time: string, changes: Fields = {}): Fields {
  return {
    ...envelope(time),
    name: 'adaptiveCard/action',
    type: 'invoke',
    id: 'f:622749630322482883',
    conversation: {
      isGroup: true,
      conversationType: 'channel',
      tenantId: tenantID,
      id: `${channelID};messageid=1611183467424`,
    },
    channelData: {
      channel: { id: channelID },
      team: { id: teamID },
      tenant: { id: tenantID },
      source: { name: 'message' },
    },
    replyToId: '1611183467424',
    value: action(),
    locale: 'en-US',
    ...changes,
  }
}

export function action(changes: Fields = {}, data: Fields = {}): Fields {
  const all = { handle, comment: 'go on', ...data }
  return { action: { type: 'Action.Execute', id: 'b1', verb: 'approve', data: all, ...changes }, trigger: 'manual' }
}

/** The app is installed into a team. */
export function installation(time: string, changes: Fields = {}): Fields {
  return {
    ...envelope(time),
    type: 'installationUpdate',
    action: 'add',
    id: 'f:5f85c2ad-eb67-4c5e-b6c7-1e2b1c9d3c55',
    conversation: { isGroup: true, conversationType: 'channel', tenantId: tenantID, id: teamID },
    channelData: {
      settings: { selectedChannel: { id: channelID } },
      channel: { id: teamID },
      team: { aadGroupId: 'b1c0', name: 'Platform', id: teamID },
      tenant: { id: tenantID },
      source: { name: 'message' },
    },
    ...changes,
  }
}

/** Somebody comes into a team: the bot, when nothing else is said. */
export function membership(time: string, changes: Fields = {}): Fields {
  return {
    ...installation(time),
    type: 'conversationUpdate',
    action: undefined,
    id: 'f:9a',
    membersAdded: [{ id: '29:other' }, { id: `28:${appID}` }],
    ...changes,
  }
}

/** Somebody says hi to the bot. */
export function message(time: string, changes: Fields = {}): Fields {
  return {
    ...envelope(time),
    type: 'message',
    id: '1611183467999',
    text: '<at>Countersign</at> hi',
    conversation: { conversationType: 'personal', tenantId: tenantID, id: 'a:1pL6i0' },
    channelData: { tenant: { id: tenantID } },
    ...changes,
  }
}
