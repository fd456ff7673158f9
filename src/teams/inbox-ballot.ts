import type { VerifiedToken } from '../app/bearer.ts'
import type { Ballot } from '../app/cast-vote-ports.ts'
import { inert, shortened } from '../domain/inert.ts'
import type { ApprovalRequest, Verdict, Voter } from '../domain/kinds.ts'
import { present } from '../domain/present.ts'
import type { CardClick } from './activity-event.ts'
import type { Activity } from './activity.ts'
import { messageRef } from './message-ref.ts'
import type { InboundChannel } from './rules.ts'

type Click = { readonly activity: Activity; readonly click: CardClick; readonly token: VerifiedToken }

type About = { readonly verdict: Verdict; readonly channel: InboundChannel; readonly request: ApprovalRequest }

/** What a click on a card of ours says, with what proves who has said it. The token is cited by its hash alone. */
export function ballotOf({ activity, click, token }: Click, { verdict, channel, request }: About): Ballot {
  const { conversation, id, sender } = activity
  return {
    requestUID: request.metadata.uid ?? '',
    verdict,
    comment: click.comment,
    voter: voterOf(sender, channel),
    evidence: {
      channel: channel.name,
      assurance: 'Card',
      messageRef: clickedRef(activity),
      tokenHash: `sha256:${token.tokenHash}`,
    },
    clickID: JSON.stringify([conversation.id, id, sender.objectID, click.verb]),
  }
}

/** The message that was clicked, as the request lists it. */
export function clickedRef({ conversation, replyToID = '' }: Activity): string {
  return messageRef({ conversationID: conversation.id, messageID: replyToID })
}

const longestName = 256

/** Known by tenant and object id. The name is for people to read, and as inert as everything that others choose. */
function voterOf({ objectID, name }: Activity['sender'], { tenantID }: InboundChannel): Voter {
  const displayName = name === undefined ? undefined : shortened(inert(name).text, longestName)
  return present({ kind: 'EntraUser' as const, tenantID, objectID, displayName })
}
