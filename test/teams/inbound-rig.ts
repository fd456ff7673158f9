import { clouds } from '../../src/clouds.ts'
import type { Cloud } from '../../src/clouds.ts'
import { makeJudgeInbound } from '../../src/teams/judge-inbound.ts'
import type { Inbound, InboundRefused, RawInbound } from '../../src/teams/judge-inbound.ts'
import type { InboundChannel } from '../../src/teams/rules.ts'
import { makeSeenActivities } from '../../src/teams/seen-activities.ts'
import { makeVerifyToken } from '../../src/tokens/jwt.ts'
import { keyTimes, makeKeyCache } from '../../src/tokens/key-cache.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { makeIssuerKey, makeTokenIssuer, mint } from '../fake/token-issuer.ts'
import type { IssuerKey, TokenIssuer } from '../fake/token-issuer.ts'
import { appID, channelID, serviceURL, tenantID } from './activities.ts'

export const connectorKey: IssuerKey = makeIssuerKey('connector-1')

export const ourChannel: InboundChannel = { name: 'teams', appID, tenantID, conversationIDs: [channelID] }

export type InboundRig = {
  readonly issuer: TokenIssuer
  readonly clock: FakeClock
  readonly judge: (request: RawInbound) => Promise<Inbound | InboundRefused>
  /** The same rules in another process, which has seen nothing yet. */
  readonly another: () => InboundRig['judge']
  /** Claims of an honest token, with changes. */
  readonly claims: (changes?: Record<string, unknown>) => Record<string, unknown>
  /** A request with an honest token, or another one, for what it carries. */
  readonly request: (body: unknown, token?: string) => RawInbound
  readonly time: () => string
}

/** The rules as the gateway runs them, before a fake issuer of the cloud's tokens. */
export function makeInboundRig(
  channels: readonly InboundChannel[] = [ourChannel],
  cloud: Cloud = clouds.Public,
): InboundRig {
  const issuer = makeTokenIssuer()
  issuer.publish([connectorKey], ['msteams'])
  const clock = makeFakeClock()
  const { now, elapsed } = clock
  const { fetchJson, metadataURL } = issuer
  const keys = makeKeyCache({ fetchJson, elapsed, metadataURL, times: keyTimes })
  const verifyToken = makeVerifyToken({ keys, now })
  const another = (): InboundRig['judge'] => {
    const seen = makeSeenActivities({ keepMs: 3_600_000, most: 10_000 })
    return makeJudgeInbound({ verifyToken, seen, now }, { cloud, channels: () => channels })
  }

  const claims = (changes: Record<string, unknown> = {}): Record<string, unknown> => {
    const seconds = now() / 1000
    const honest = { iss: cloud.botIssuer, aud: appID, serviceurl: serviceURL, nbf: seconds - 60, exp: seconds + 3600 }
    return { ...honest, ...changes }
  }
  return {
    issuer,
    clock,
    judge: another(),
    another,
    claims,
    request: (body, token = mint(connectorKey, { claims: claims() })) => ({
      header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
      cutOff: false,
      body: body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)),
    }),
    time: () => new Date(now()).toISOString(),
  }
}
