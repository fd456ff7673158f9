import { bearerOf, tokenRefusals } from '../app/bearer.ts'
import type { TokenRules, VerifiedToken, VerifyToken } from '../app/bearer.ts'
import type { RawRequest } from '../app/raw.ts'
import type { Cloud } from '../clouds.ts'
import type { Instant } from '../domain/instant.ts'
import { activityLimits, readActivity } from './activity.ts'
import type { Activity } from './activity.ts'
import type { InboundRefusal } from './inbound-refusals.ts'
import { channelsHere, channelsOf, inboundRefusal } from './rules.ts'
import type { InboundChannel } from './rules.ts'
import type { SeenActivities } from './seen-activities.ts'

/** Something that came from Teams, for channels of ours. */
export type Inbound = {
  readonly activity: Activity
  /** Of the bot and tenant; of a click those whose conversation it is. Never empty. */
  readonly channels: readonly InboundChannel[]
  readonly token: VerifiedToken
  /** To be called when it could not be dealt with: then the same activity may come again. */
  readonly forget: () => void
}

/**
 * `why` is for people who look for the cause. `activity` is there when the token holds. `late` is there when all is proven,
 * and it only comes too late or again.
 */
export type InboundRefused = {
  readonly refusal: InboundRefusal
  readonly why?: string
  readonly activity?: Activity
  readonly late?: LateInbound
}

/**
 * `Stale`: it is older than a click can be. `Again`: it came before, from the same person with the same button. `Used`: under
 * its id another one came before.
 */
export type LateInbound = Omit<Inbound, 'forget'> & { readonly arrival: 'Stale' | 'Again' | 'Used' }

export type InboundPorts = {
  readonly verifyToken: VerifyToken
  readonly seen: SeenActivities
  readonly now: () => Instant
}

/** `channels`: all Teams channels of this cloud, as they are now. */
export type InboundSettings = { readonly cloud: Cloud; readonly channels: () => readonly InboundChannel[] }

/** As much of what came over HTTP as the rules look at. */
export type RawInbound = Pick<RawRequest, 'header' | 'body' | 'cutOff' | 'crowdedOut'>

export type JudgeInbound = (request: RawInbound) => Promise<Inbound | InboundRefused>

/** Takes what comes in under the bot's address, or refuses it under a name. Never rejects; there is no way round a rule. */
export function makeJudgeInbound(ports: InboundPorts, { cloud, channels }: InboundSettings): JudgeInbound {
  return async (request) => {
    const bearer = bearerOf(request.header('authorization'))
    if (bearer === undefined) return { refusal: 'NoBearer' }
    const refusal = bodyRefusal(request)
    if (refusal !== undefined) return { refusal }
    const known = channels()
    const token = await ports.verifyToken(bearer, connectorRules(cloud, known))
    if ('fault' in token) return { refusal: tokenRefusals[token.fault], ...(token.why ? { why: token.why } : {}) }
    const activity = readActivity(request.body)
    if ('fault' in activity) return { refusal: 'NotAnActivity', why: activity.fault }
    return judged(ports, { claims: token.claims, activity, cloud, channels: known, now: ports.now() }, token)
  }
}

function bodyRefusal({ body, cutOff, crowdedOut = false }: RawInbound): InboundRefusal | undefined {
  if (crowdedOut) return 'CrowdedOut'
  return cutOff || body.byteLength > activityLimits.bytes ? 'TooLarge' : undefined
}

/** The rules of the Bot Connector's tokens. Without a channel nobody is the audience, so no token holds. */
function connectorRules(cloud: Cloud, channels: readonly InboundChannel[]): TokenRules {
  return {
    algorithms: ['RS256'],
    issuers: [cloud.botIssuer],
    audiences: channels.map(({ appID }) => appID.toLowerCase()),
    required: ['serviceurl'],
    skewSeconds: 300,
    endorsement: 'msteams',
  }
}

function judged(
  ports: InboundPorts,
  arrival: Parameters<typeof inboundRefusal>[0],
  token: VerifiedToken,
): Inbound | InboundRefused {
  const { activity } = arrival
  const refusal = inboundRefusal(arrival)
  const channels = activity.event?.kind === 'CardClick' ? channelsHere(arrival) : channelsOf(arrival)
  const known = { activity, channels, token }
  if (refusal === 'Stale') return { refusal, activity, late: { ...known, arrival: 'Stale' } }
  if (refusal !== undefined) return { refusal, activity }
  const key = JSON.stringify([activity.conversation.id, activity.id])
  // Only what keeps every rule is remembered: nobody can use up the id of somebody else's click.
  const seen = ports.seen.add(key, saidBy(activity), arrival.now)
  if (seen !== 'New') return { refusal: 'Replayed', activity, late: { ...known, arrival: seen } }
  return { ...known, forget: () => ports.seen.forget(key) }
}

/** Whose click it is, and on which button. */
function saidBy({ event, sender }: Activity): string {
  return JSON.stringify([sender.objectID, event?.kind === 'CardClick' ? event.verb : event?.kind])
}
