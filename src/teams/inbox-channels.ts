import type { ApprovalChannel, Conversation, MicrosoftCloud, TeamsChannel } from '../domain/kinds.ts'
import { isOfTeam } from './of-team.ts'
import type { InboundChannel } from './rules.ts'

/** What the rules for what comes in must know of each Teams channel, by its cloud. Slack and Webhook channels are none. */
export function inboundChannels(
  channels: Iterable<ApprovalChannel>,
): ReadonlyMap<MicrosoftCloud, readonly InboundChannel[]> {
  const byCloud = new Map<MicrosoftCloud, readonly InboundChannel[]>()
  for (const { metadata, spec, status } of channels) {
    if (spec.teams === undefined) continue
    const { cloud } = spec.teams
    const channel = inboundChannel(metadata.name, spec.teams, status?.conversations)
    byCloud.set(cloud, [...(byCloud.get(cloud) ?? []), channel])
  }
  return byCloud
}

function inboundChannel(
  name: string,
  { tenantID, appID, teamID, channelID }: TeamsChannel,
  conversations: readonly Conversation[] = [],
): InboundChannel {
  const team = given(teamID)
  const place = given(channelID)
  const installed = conversations.filter((one) => (team === undefined ? isOfTeam(one) : one.teamID === team))
  const conversationIDs = place === undefined ? installed.map(({ conversationID }) => conversationID) : [place]
  return { name, tenantID, appID, teamID: team, conversationIDs }
}

/** Empty means the same as absent. */
function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
