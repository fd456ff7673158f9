import { channelReasons } from '../domain/channel-reasons.ts'
import type { ChannelReason } from '../domain/channel-reasons.ts'
import type { ApprovalChannel, ApprovalChannelStatus, Condition } from '../domain/kinds.ts'
import { isSaid, safe } from '../domain/safe-text.ts'
import { fails, holds, open } from './doctor-finding.ts'
import type { Finding } from './doctor-finding.ts'

/** A channel of Teams, with what its type promises. */
export type TeamsApprovalChannel = ApprovalChannel & {
  readonly spec: { readonly teams: NonNullable<ApprovalChannel['spec']['teams']> }
}

/** The channel of that name, and that it is of Teams; without it there is nothing more to look at. */
export function channelFound(
  channels: readonly ApprovalChannel[],
  name: string,
): { readonly finding: Finding; readonly channel?: TeamsApprovalChannel } {
  const found = channels.find(({ metadata }) => metadata.name === name)
  if (found === undefined) return { finding: notThere(channels, name) }
  if (!isTeams(found)) {
    return {
      finding: fails(`ApprovalChannel ${safe(name)} is of type ${safe(found.spec.type)}`, {
        cause: 'only channels of the type Teams are delivered to and looked at',
        cure: 'name one of the type Teams; kubectl get apch lists all',
      }),
    }
  }
  const { appID, tenantID } = found.spec.teams
  const what = `ApprovalChannel ${safe(name)}: Teams, bot ${safe(appID)}, tenant ${safe(tenantID)}`
  return { finding: holds(what), channel: found }
}

function isTeams(channel: ApprovalChannel): channel is TeamsApprovalChannel {
  return channel.spec.type === 'Teams' && channel.spec.teams !== undefined
}

function notThere(channels: readonly ApprovalChannel[], name: string): Finding {
  const names = channels.map(({ metadata }) => safe(metadata.name)).join(', ')
  return fails(`there is no ApprovalChannel ${safe(name)}`, {
    cause: names === '' ? 'there is none at all' : `there are: ${names}`,
    cure: 'make one, as docs/teams.md shows in step 4, or name another',
  })
}

/** What the operator says of the channel, and where its cards go. */
export function readyFinding({ metadata, status = {} }: TeamsApprovalChannel): Finding {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  if (ready === undefined) {
    return fails('Ready is not said yet', {
      cause: 'no operator has looked at the channel',
      cure: 'an operator that leads does so within seconds; see the next line',
    })
  }
  if (status.observedGeneration !== metadata.generation) {
    return fails(`Ready is ${safe(ready.status)}, of the channel as it was before it was changed`, {
      cause: `the status is of generation ${status.observedGeneration ?? 0}, the channel of ${metadata.generation ?? 0}`,
      cure: 'ask again in a minute; if it stays so, no operator looks at the channel',
    })
  }
  return ready.status === 'True' ? holds(`Ready: ${safe(ready.reason)}; ${whereTo(status)}`) : notReady(ready)
}

function whereTo({ target, delivered }: ApprovalChannelStatus): string {
  const place = isSaid(target) ? `cards go to ${safe(target)}` : 'where cards go is not said'
  return isSaid(delivered) && delivered !== '–' ? `${place}, ${safe(delivered)} delivered in the last day` : place
}

function notReady({ status, reason, message }: Condition): Finding {
  const cure = isReason(reason) ? channelReasons[reason] : undefined
  return fails(`Ready is ${safe(status)}: ${safe(reason)}`, { cause: causeIn(message, cure), cure })
}

/** The message ends with the cure of the operator's version; where that is ours, it is told once. */
function causeIn(message: string, cure: string | undefined): string | undefined {
  const cause = cure !== undefined && message.endsWith(cure) ? message.slice(0, -cure.length) : message
  const said = cause.replace(/[;\s]+$/, '')
  return said === '' ? undefined : safe(said)
}

function isReason(reason: string): reason is ChannelReason {
  return Object.hasOwn(channelReasons, reason)
}

/** Why `hi` may stay without an answer, where the channel says so itself. */
export function saidOf({ status = {} }: ApprovalChannel): string | undefined {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  if (ready === undefined || ready.status === 'True') return undefined
  return isReason(ready.reason) ? `${ready.reason}: ${channelReasons[ready.reason]}` : safe(ready.reason)
}

/** A gateway keeps no Lease, so it is known by what it has noted alone. `isConfigured`: undefined when nobody has said. */
export function gatewayFinding(channel: TeamsApprovalChannel, isConfigured: boolean | undefined): Finding {
  const { spec, status = {} } = channel
  const noted = (status.conversations ?? []).filter(
    ({ tenantID }) => tenantID.toLowerCase() === spec.teams.tenantID.toLowerCase(),
  )
  if (noted.length === 0) return nothingNoted(isConfigured)
  const places = noted.length === 1 ? 'one team or chat' : `${noted.length} teams or chats`
  const last =
    noted
      .map(({ time = '' }) => time)
      .toSorted()
      .at(-1) ?? ''
  return holds(`a gateway has heard from Teams: ${places}${last === '' ? '' : `, last noted ${safe(last)}`}`)
}

function nothingNoted(isConfigured: boolean | undefined): Finding {
  const what = 'whether a gateway runs is not known: none has noted a team or chat of the tenant'
  if (isConfigured === false) {
    return open(what, {
      cause: 'the configuration runs none: gateway is not among its components',
      cure: 'unless another process runs it: countersign serve --components gateway',
    })
  }
  return open(what, { cause: 'a gateway keeps no Lease; its URL and a message to the bot show whether it lives' })
}
