import { makeCallRate } from '../app/call-rate.ts'
import type { CastVotePorts } from '../app/cast-vote-ports.ts'
import { castVote } from '../app/cast-vote.ts'
import type { Http } from '../app/http.ts'
import { makeKnownRequests } from '../app/known-requests.ts'
import type { Inbox } from '../app/raw.ts'
import { wholeDiff } from '../app/whole-diff.ts'
import { recordsNamespace as namespace } from '../config.ts'
import type { ShownDiff } from '../domain/effects.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { makeCast } from '../kubernetes/cast-vote.ts'
import { approvalRequests, configMaps } from '../kubernetes/kinds.ts'
import { makeNoteChannel } from '../kubernetes/note-channel.ts'
import { makeTeamsInbox } from '../teams/inbox.ts'
import type { TeamsInboxPorts } from '../teams/inbox.ts'
import type { Surroundings } from './component.ts'
import { judgeTeams, tabURLOf } from './gateway-clouds.ts'
import type { GatewayKeys } from './gateway-keys.ts'
import type { GatewayWatches } from './gateway-watches.ts'
import type { HoldTimes } from './hold-times.ts'

/** What the gateway's inboxes are made of. */
export type GatewayParts = {
  readonly watches: GatewayWatches
  readonly keys: GatewayKeys
  /** The way of a vote, the same for every inbox. */
  readonly votes: CastVotePorts
  readonly ready: () => boolean
}

type VoteParts = Pick<GatewayParts, 'watches' | 'keys'> & {
  /** A signal that is aborted after so many milliseconds, or when this replica ends. */
  readonly timeout: HoldTimes['timeout']
}

/** The way of a vote through this gateway. */
export function votePorts(around: Surroundings, { watches, keys, timeout }: VoteParts): CastVotePorts {
  const { objects, config, timers, now } = around
  return {
    requests: makeKnownRequests(watches.book, async (name) => {
      const found = await objects.get(approvalRequests, { namespace, name }, reading)
      return found === 'NotFound' ? undefined : found.object
    }),
    sign: keys.sign,
    cast: makeCast(objects),
    mayVote: makeCallRate(rates.votes, timers.elapsed),
    timeout,
    answerMs: config.gateway.answerSeconds * 1000,
    now,
  }
}

/** Somebody waits for the answer to a click. */
const reading = { deadlineMs: 3_000 }

/** People are slow; what is faster is no person, or one who is not to fill what others read. */
const rates = {
  votes: { burst: 8, perSecond: 0.05 },
  greetings: { burst: 3, perSecond: 0.02 },
  logged: { burst: 20, perSecond: 0.2 },
} as const

/** Reads the whole masked change of a request. */
export function diffReader({ objects }: Surroundings): (request: ApprovalRequest) => Promise<ShownDiff> {
  return (request) =>
    wholeDiff(async (name) => {
      const found = await objects.get(configMaps, { namespace, name }, reading)
      return found === 'NotFound' ? undefined : Object.values(found.object.data ?? {})[0]
    }, request)
}

/** What comes in from Teams. */
export function teamsInbox(around: Surroundings, http: Http, parts: GatewayParts): Inbox {
  const { config, objects, timers } = around
  const { votes } = parts
  const inbox: TeamsInboxPorts = {
    ...around,
    judge: judgeTeams(around, http, parts.watches.channels),
    ready: parts.ready,
    handleKeys: parts.keys.handleKeys,
    requests: votes.requests,
    cast: (ballot) => castVote(votes, ballot),
    wholeDiff: diffReader(around),
    tabURL: (channel, request) => {
      const teams = [...parts.watches.channels()].find(({ metadata }) => metadata.name === channel)?.spec.teams
      return teams && tabURLOf(config, teams, request)
    },
    noteChannel: makeNoteChannel(objects),
    mayGreet: makeCallRate(rates.greetings, timers.elapsed),
    mayLog: makeCallRate(rates.logged, timers.elapsed),
    elapsed: timers.elapsed,
  }
  return makeTeamsInbox(inbox)
}
