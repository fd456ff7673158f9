import { bearerOf } from '../app/bearer.ts'
import type { TokenRules, VerifiedToken, VerifyToken } from '../app/bearer.ts'
import { firstRefusal } from '../domain/check.ts'
import { inert, shortened } from '../domain/inert.ts'
import type { Instant } from '../domain/instant.ts'
import { textAt } from '../domain/json.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Voter } from '../domain/kinds.ts'
import { refusalOfFault } from './tab-refusals.ts'
import type { TabRefusal } from './tab-refusals.ts'

/** A Teams channel, as far as its people can open the tab. */
export type TabChannel = {
  /** Name of the ApprovalChannel. */
  readonly name: string
  readonly tenantID: string
  /** Of the app registration, which is that of the bot. */
  readonly appID: string
  /** `iss` of the tenant's tokens of version 2.0, exactly. */
  readonly issuer: string
  /** Verifies tokens of this tenant, with its published keys. */
  readonly verifyToken: VerifyToken
}

/** A person who is proven by a token of his own. */
export type Caller = {
  readonly voter: Voter & { readonly kind: 'EntraUser' }
  /** By the name that Entra gives, inert; for people to read. */
  readonly name: string
  /** Name of the ApprovalChannel whose tenant and app the token is for. */
  readonly channel: string
  /** SHA-256 of the token: what a record may cite. */
  readonly tokenHash: string
  /** When the person signed in, where the token says it. */
  readonly authTime: Instant | undefined
}

/** `why` is for people who look for the cause. */
export type NotACaller = { readonly refusal: TabRefusal; readonly why?: string }

/** Teams for desktop and phone, and Teams for the web: the programs to which Entra gives a token for a tab. */
const teamsClients: ReadonlySet<string> = new Set([
  '1fec8e78-bce4-4aaf-ab1b-5451cc387264',
  '5e3ce6c0-2b1f-4285-8d4b-75ee78787346',
])

const scope = 'access_as_user'

type Bearing = { readonly claims: JsonObject; readonly channel: TabChannel }

type CallerCheck = (bearing: Bearing) => TabRefusal | undefined

/** What must be so of a token of Entra beside its issuer, audience, times and signature, in order. */
const callerChecks: readonly CallerCheck[] = [
  ({ claims }) => (textAt(claims, 'ver') === '2.0' ? undefined : 'WrongVersion'),
  ({ claims, channel }) => (sameID(textAt(claims, 'tid'), channel.tenantID) ? undefined : 'TenantNotAllowed'),
  ({ claims }) => (textAt(claims, 'scp')?.split(' ').includes(scope) === true ? undefined : 'ScopeMissing'),
  ({ claims }) => (teamsClients.has(textAt(claims, 'azp') ?? '') ? undefined : 'OtherClient'),
  ({ claims }) => (isObjectID(textAt(claims, 'oid')) ? undefined : 'PersonUnknown'),
]

/** The rules of the tokens of a tenant, for any of the apps of its channels. */
function entraRules(issuer: string, channels: readonly TabChannel[]): TokenRules {
  return {
    algorithms: ['RS256'],
    issuers: [issuer],
    audiences: channels.filter((one) => one.issuer === issuer).map(({ appID }) => appID.toLowerCase()),
    required: ['ver', 'tid', 'oid', 'scp', 'azp'],
    skewSeconds: 300,
    endorsement: undefined,
  }
}

/** Who asks, by the bearer token of Teams' single sign-on. Nothing else can make one known: there are no cookies. */
export async function callerOf(
  authorization: string | undefined,
  channels: readonly TabChannel[],
): Promise<Caller | NotACaller> {
  const bearer = bearerOf(authorization)
  if (bearer === undefined) return { refusal: 'NoBearer' }
  const token = await verified(bearer, channels)
  if ('refusal' in token) return token
  const channel = channels.find(({ issuer, appID }) => issuer === token.issuer && sameID(audience(token), appID))
  if (channel === undefined) return { refusal: 'WrongAudience' }
  const { claims } = token
  const refusal = firstRefusal(callerChecks, { claims, channel })
  return refusal !== undefined ? { refusal } : personOf(token, channel)
}

/**
 * What a token says of its issuer is looked at before any key, so to ask each tenant in turn costs nothing: only the one
 * that it names answers otherwise.
 */
async function verified(
  bearer: string,
  channels: readonly TabChannel[],
): Promise<(VerifiedToken & { readonly issuer: string }) | NotACaller> {
  const byIssuer = new Map(channels.map((channel) => [channel.issuer, channel]))
  for (const { issuer, verifyToken } of byIssuer.values()) {
    const token = await verifyToken(bearer, entraRules(issuer, channels))
    if (!('fault' in token)) return { ...token, issuer }
    if (token.fault === 'WrongIssuer') continue
    return { refusal: refusalOfFault[token.fault], ...(token.why === undefined ? {} : { why: token.why }) }
  }
  return { refusal: 'WrongIssuer' }
}

function audience({ claims }: VerifiedToken): string | undefined {
  return textAt(claims, 'aud')
}

const longestName = 128

function personOf({ claims, tokenHash }: VerifiedToken, { name: channel, tenantID }: TabChannel): Caller {
  const displayName = shortened(inert(textAt(claims, 'name') ?? '').text, longestName)
  const objectID = textAt(claims, 'oid')?.toLowerCase() ?? ''
  const time = claims['auth_time']
  return {
    voter: { kind: 'EntraUser', tenantID, objectID, ...(displayName === '' ? {} : { displayName }) },
    name: displayName === '' ? 'somebody without a name' : displayName,
    channel,
    tokenHash,
    authTime: typeof time === 'number' ? time * 1000 : undefined,
  }
}

/** Entra's ids are GUIDs, which are written in either case. */
function sameID(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase()
}

function isObjectID(text: string | undefined): boolean {
  return text !== undefined && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)
}
