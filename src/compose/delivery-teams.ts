import type { AccessToken, AppCredentials } from '../app/access-token.ts'
import { noPublisher, notDelivered } from '../app/deliver-ports.ts'
import type { Publisher } from '../app/deliver-ports.ts'
import type { Http } from '../app/http.ts'
import type { HmacKey } from '../domain/digest.ts'
import type { ApprovalChannel, ApprovalRequest, TeamsChannel } from '../domain/kinds.ts'
import { makeConnector } from '../teams/connector.ts'
import { makePace } from '../teams/connector-pace.ts'
import type { Pace } from '../teams/connector-pace.ts'
import { makeTeamsPublisher } from '../teams/publish.ts'
import type { Surroundings } from './component.ts'
import { configuredCloud, tabURLOf } from './gateway-clouds.ts'

/** What the ways to people are made of. */
export type PublisherDoors = {
  readonly http: Http
  /** The token with which the bot of a channel posts. */
  readonly tokenOf: (teams: TeamsChannel, credentials: AppCredentials) => AccessToken
  /** The key of card handles; undefined while there is none. */
  readonly handleKey: () => HmacKey | undefined
}

type Made = {
  /** The channel as it is now. */
  readonly channel: () => ApprovalChannel
  readonly credentials: AppCredentials | undefined
  readonly pace: Pace
}

/** The way to the people of a channel, with these credentials; to nobody, where something is missing. */
export function publisherFor(around: Surroundings, doors: PublisherDoors, made: Made): Publisher {
  const { channel, credentials, pace } = made
  const { teams } = channel().spec
  if (teams === undefined) return noPublisher(notDelivered('TypeNotSupported', ''))
  const secret = teams.credentialsSecretRef.name
  if (credentials === undefined) return noPublisher(notDelivered('CredentialsMissing', `of Secret ${secret}`))
  const { config, timers } = around
  const connector = makeConnector({
    http: doors.http,
    token: doors.tokenOf(teams, credentials),
    cloud: configuredCloud(config, teams.cloud),
    pace,
    now: timers.now,
    deadlineMs: config.channels.deadlineSeconds * 1000,
  })
  const tabURL = (request: ApprovalRequest): string | undefined => tabURLOf(config, teams, request)
  return makeTeamsPublisher({ connector, channel, handleKey: doors.handleKey, tabURL })
}

/** Keeps one channel below what Teams throttles, whatever becomes of its credentials. */
export function paceOf({ timers }: Surroundings): Pace {
  return makePace(timers.elapsed)
}
