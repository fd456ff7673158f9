import { approversOf } from '../domain/approvers.ts'
import type { Approvers } from '../domain/approvers.ts'
import type { ApprovalChannel, ApprovalRequest, ApprovalVote, ApproverGroup } from '../domain/kinds.ts'
import { recordsNamespace as namespace } from '../config.ts'
import { approvalChannels, approvalRequests, approvalVotes, approverGroups } from '../kubernetes/kinds.ts'
import { knownRequest, knownVote, makeVoteIndex } from '../kubernetes/request-memory.ts'
import type { KnownRequest, KnownVote } from '../kubernetes/request-memory.ts'
import type { Live } from '../kubernetes/live-object.ts'
import type { Reflector } from '../kubernetes/reflector.ts'
import type { ReadyCheck, Surroundings } from './component.ts'
import { makeWatchSet } from './watch-set.ts'
import type { WatchSet } from './watch-set.ts'

/** What the request loop knows without asking. */
export type RequestWatches = {
  readonly request: (name: string) => KnownRequest | undefined
  readonly requests: () => Iterable<KnownRequest>
  readonly votesOf: (request: string) => readonly KnownVote[]
  /** All but those that closed requests show. */
  readonly votes: () => Iterable<KnownVote>
  readonly approvers: () => Approvers
  readonly groups: () => Iterable<ApproverGroup>
  /** Undefined until they were read. */
  readonly channels: () => Iterable<ApprovalChannel> | undefined
  readonly synced: () => boolean
  /** How long ago the quietest of the watches was heard. */
  readonly silentMs: () => number
  readonly checks: () => readonly ReadyCheck[]
  readonly silentSeconds: () => Readonly<Record<string, number>>
  /** Resolves when all is known; false when `until` was aborted before. */
  readonly start: (until: AbortSignal) => Promise<boolean>
  readonly stop: () => Promise<void>
}

type Told = { readonly changed: (request: string) => void; readonly groupsChanged: () => void }

const decidesBy = ['approvalrequests', 'approvergroups', 'approvalvotes']

/** `changed` is told the name of a request when it, or one of its votes, has changed; `groupsChanged` that all may have. */
export function watchRequests(around: Surroundings, told: Told): RequestWatches {
  const first = makeWatchSet(around, decidesBy)
  const later = makeWatchSet(around, decidesBy)
  const requests = first.watch<ApprovalRequest, KnownRequest>(
    'approvalrequests',
    { resource: approvalRequests, namespace, trim: knownRequest },
    ({ object }) => told.changed(object.name),
  )
  const groups = watchGroups(first, told)
  const aside = watchChannels(around)
  const request = (name: string): KnownRequest | undefined => requests.cache.get(`${namespace}/${name}`)
  const votes = watchVotes(later, request, told)

  return {
    request,
    requests: () => requests.cache.values(),
    votesOf: votes.of,
    votes: () => votes.all.cache.values(),
    approvers: groups.approvers,
    groups: () => groups.all.cache.values(),
    channels: aside.channels,
    synced: () => first.synced() && later.synced(),
    silentMs: () => Math.max(...[requests, groups.all, votes.all].map((one) => one.silentMs())),
    checks: () => [first, later, aside.watches].flatMap((set) => set.checks()),
    silentSeconds: () => ({ ...first.silentSeconds(), ...later.silentSeconds(), ...aside.watches.silentSeconds() }),
    start: async (until) => {
      first.start()
      aside.watches.start()
      // Whether a vote is kept depends on its request.
      if (!(await requests.untilSynced(until))) return false
      later.start()
      return (await groups.all.untilSynced(until)) && votes.all.untilSynced(until)
    },
    stop: async () => {
      await Promise.all([first, later, aside.watches].map((set) => set.stop()))
    },
  }
}

type Channels = { readonly watches: WatchSet; readonly channels: RequestWatches['channels'] }

/** By their apps it is asked who is in which group of Entra. Requests that need no such answer do not wait for them. */
function watchChannels(around: Surroundings): Channels {
  const watches = makeWatchSet(around)
  const all = watches.watch<ApprovalChannel, ApprovalChannel>(
    'approvalchannels',
    { resource: approvalChannels, trim: (channel) => channel },
    () => undefined,
  )
  return { watches, channels: () => (all.synced() ? all.cache.values() : undefined) }
}

type Groups = { readonly all: Reflector<ApproverGroup>; readonly approvers: () => Approvers }

function watchGroups(watches: WatchSet, { groupsChanged }: Told): Groups {
  let directory: Approvers | undefined
  const all = watches.watch<ApproverGroup, ApproverGroup>(
    'approvergroups',
    { resource: approverGroups, trim: (group) => group },
    () => {
      directory = undefined
      groupsChanged()
    },
  )
  return { all, approvers: () => (directory ??= approversOf([...all.cache.values()], () => new Set())) }
}

type Votes = { readonly all: Reflector<KnownVote>; readonly of: (request: string) => readonly KnownVote[] }

function watchVotes(watches: WatchSet, request: RequestWatches['request'], { changed }: Told): Votes {
  const index = makeVoteIndex()
  // Nothing is to be done any more about a vote that its closed request shows.
  const keep = ({ metadata, spec }: Live<ApprovalVote>): boolean => {
    const known = request(spec.requestRef.name)
    return known?.request !== undefined || known?.noted.includes(metadata.uid) !== true
  }
  const all = watches.watch<ApprovalVote, KnownVote>(
    'approvalvotes',
    { resource: approvalVotes, namespace, whileKept: { listSelector: {}, keep }, trim: knownVote },
    (change) => {
      index.changed(change)
      changed(change.object.request)
    },
  )
  return { all, of: index.of }
}
