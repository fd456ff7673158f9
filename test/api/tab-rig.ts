import { makeCallRate } from '../../src/app/call-rate.ts'
import type { CastOutcome } from '../../src/app/cast-vote.ts'
import type { Ballot } from '../../src/app/cast-vote-ports.ts'
import type { RawRequest } from '../../src/app/raw.ts'
import { askRate } from '../../src/api/ask-rate.ts'
import { makeChangeFeed } from '../../src/api/change-feed.ts'
import type { ChangeFeed } from '../../src/api/change-feed.ts'
import type { TabChannel } from '../../src/api/caller.ts'
import type { TabPorts } from '../../src/api/ports.ts'
import { makeTabApi } from '../../src/api/tab.ts'
import { clouds, tenantIssuer } from '../../src/clouds.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import type { ApprovalRequest, ApproverGroup } from '../../src/domain/kinds.ts'
import { makeVerifyToken } from '../../src/tokens/jwt.ts'
import { keyTimes, makeKeyCache } from '../../src/tokens/key-cache.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { makeIssuerKey, makeTokenIssuer, mint } from '../fake/token-issuer.ts'
import type { TokenIssuer } from '../fake/token-issuer.ts'
import { at, group } from '../make-request.ts'

export const tenantID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'
export const appID = '2d9e3b51-4c68-4d7f-9a0b-1e2f3a4b5c6d'
export const aliceID = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'
export const boID = '1b2c3d4e-5f60-4b7c-8d9e-0f1a2b3c4d5e'
export const danaID = '2c3d4e5f-6071-4c8d-9e0f-1a2b3c4d5e6f'
export const click = '6d6b1d7e-6f0e-4f19-9b58-0d4f3a1c2b3d'

export const entraKey = makeIssuerKey('entra-1')

/** Entra, without bounds on who is in the tenant. */
const person = (name: string, objectID: string) => ({ name, entraUser: { tenantID, objectID } })

const groups: readonly ApproverGroup[] = [
  group('approvers', { people: [person('Alice Kim', aliceID), person('Bo Lind', boID)] }),
  group('security', { people: [person('Dana Roe', danaID)] }),
]

/** What the API was told, and what it had done. */
export type TabRig = {
  readonly issuer: TokenIssuer
  readonly clock: FakeClock
  readonly feed: ChangeFeed
  readonly requests: Map<string, ApprovalRequest>
  readonly cast: Ballot[]
  readonly refused: string[]
  /** What becomes of every vote from now on. */
  readonly outcome: (outcome: (request: ApprovalRequest | undefined) => CastOutcome | Promise<CastOutcome>) => void
  readonly claims: (changes?: Record<string, unknown>) => Record<string, unknown>
  /** The `authorization` of a person. */
  readonly bearer: (changes?: Record<string, unknown>) => string
  readonly raw: (path: string, changes?: Partial<Raw>) => RawRequest
  readonly api: (raw: RawRequest) => Promise<Answered>
  /** A `GET` of Alice, as the JSON of its answer. */
  readonly get: (path: string) => Promise<Answered>
  readonly vote: (body: unknown, changes?: Partial<Raw>) => Promise<Answered>
  readonly ports: TabPorts
}

type Raw = Omit<RawRequest, 'header' | 'body'> & { readonly headers: Record<string, string>; readonly body: string }

// oxlint-disable-next-line typescript/no-explicit-any -- what a test reads out of an answer
type Answered = { readonly status: number; readonly headers: Record<string, string>; readonly json: any }

export function makeTabRig(changes: Partial<TabPorts> = {}): TabRig {
  const issuer = makeTokenIssuer()
  issuer.publish([entraKey])
  const clock = makeFakeClock(at('10:25'))
  const keys = makeKeyCache({
    fetchJson: issuer.fetchJson,
    elapsed: clock.elapsed,
    metadataURL: issuer.metadataURL,
    times: keyTimes,
  })
  const channel: TabChannel = {
    name: 'teams',
    tenantID,
    appID,
    issuer: tenantIssuer(clouds.Public, tenantID),
    verifyToken: makeVerifyToken({ keys, now: clock.now }),
  }
  const feed = makeChangeFeed('replica-1')
  const requests = new Map<string, ApprovalRequest>()
  const cast: Ballot[] = []
  const refused: string[] = []
  let become = (request: ApprovalRequest | undefined): CastOutcome | Promise<CastOutcome> =>
    request === undefined ? { kind: 'NotFound' } : { kind: 'Recorded', request }

  const ports: TabPorts = {
    mayAsk: makeCallRate(askRate, clock.elapsed),
    channels: () => [channel],
    requests: () => requests.values(),
    request: async (name) => requests.get(name),
    diffOf: async ({ spec }) => ({ text: spec.actions[0]?.diff.text ?? '' }),
    approvers: () => approversOf(groups, () => new Set()),
    castVote: async (ballot) => {
      cast.push(ballot)
      return become([...requests.values()].find(({ metadata }) => metadata.uid === ballot.requestUID))
    },
    feed,
    now: clock.now,
    sleep: clock.sleep,
    refused: (refusal) => void refused.push(refusal),
    ...changes,
  }
  const inbox = makeTabApi(ports)

  const claims = (more: Record<string, unknown> = {}): Record<string, unknown> => {
    const seconds = Math.floor(clock.now() / 1000)
    return { ...honestClaims, iat: seconds - 60, nbf: seconds - 60, exp: seconds + 3600, ...more }
  }
  const bearer = (more?: Record<string, unknown>): string => `Bearer ${mint(entraKey, { claims: claims(more) })}`
  const raw = (path: string, more: Partial<Raw> = {}): RawRequest => {
    const { headers = {}, body = '', ...rest } = more
    const all: Record<string, string> = { authorization: bearer(), ...headers }
    const url = new URL(path, 'http://gateway')
    return {
      method: 'GET',
      path: url.pathname,
      query: url.searchParams,
      header: (name) => all[name.toLowerCase()],
      body: Buffer.from(body),
      cutOff: false,
      gone: new AbortController().signal,
      ...rest,
    }
  }
  const api = async (request: RawRequest): Promise<Answered> => {
    const { status, headers, body } = await inbox(request)
    return { status, headers: { ...headers }, json: JSON.parse(body) }
  }
  return {
    issuer,
    clock,
    feed,
    requests,
    cast,
    refused,
    outcome: (next) => {
      become = next
    },
    claims,
    bearer,
    raw,
    api,
    get: (path) => api(raw(path)),
    vote: (body, more = {}) => {
      const { headers, ...rest } = more
      return api(
        raw('/api/tab/requests/apr-7k2m9q4xqz3wd8hf6tnc/votes', {
          method: 'POST',
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'content-type': 'application/json', ...headers },
          ...rest,
        }),
      )
    },
    ports,
  }
}

/** As Entra writes them for Teams' single sign-on, but for the times. */
const honestClaims = {
  iss: tenantIssuer(clouds.Public, tenantID),
  aud: appID,
  ver: '2.0',
  tid: tenantID,
  oid: aliceID,
  name: 'Alice Kim',
  scp: 'access_as_user',
  azp: '5e3ce6c0-2b1f-4285-8d4b-75ee78787346',
}
