import type { Ballot, CastVotePorts } from '../../src/app/cast-vote-ports.ts'
import { castVote } from '../../src/app/cast-vote.ts'
import type { NoteChannel } from '../../src/app/channel-notes.ts'
import type { Fact } from '../../src/app/fact.ts'
import { makeKnownRequests } from '../../src/app/known-requests.ts'
import type { RawAnswer } from '../../src/app/raw.ts'
import { makeRequestBook } from '../../src/app/request-book.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import { cardHandle } from '../../src/domain/card-handle.ts'
import { decisionStatus, notedVote, progressText } from '../../src/domain/decision-status.ts'
import { isClosed } from '../../src/domain/executed.ts'
import type {
  ApprovalChannelStatus,
  ApprovalRequest,
  ApprovalRequestStatus,
  ApprovalVote,
} from '../../src/domain/kinds.ts'
import { present } from '../../src/domain/present.ts'
import { settle } from '../../src/domain/settle.ts'
import { makeTeamsInbox } from '../../src/teams/inbox.ts'
import type { TeamsInboxPorts } from '../../src/teams/inbox.ts'
import type { RawInbound } from '../../src/teams/judge-inbound.ts'
import { messageRef } from '../../src/teams/message-ref.ts'
import type { InboundChannel } from '../../src/teams/rules.ts'
import { group, request, time } from '../make-request.ts'
import type { RequestChanges } from '../make-request.ts'
import { action, channelID, click, objectID, tenantID } from './activities.ts'
import { makeInboundRig, ourChannel } from './inbound-rig.ts'
import type { InboundRig } from './inbound-rig.ts'

/** A second approver, the owner of the agent, and somebody who is in no group. */
export const bo = '00000000-0000-4000-8000-0000000000b0'
export const owner = '00000000-0000-4000-8000-00000000000e'
export const stranger = '00000000-0000-4000-8000-0000000000ff'

const person = (name: string, id: string) => ({ name, entraUser: { tenantID, objectID: id } })
const approvers = approversOf(
  [group('approvers', { people: [person('Alice Kim', objectID), person('Bo Lind', bo), person('olga', owner)] })],
  () => new Set(),
)

export const handleKey = { id: 'h-1', secret: new Uint8Array(32).fill(7) }
const cardID = '1611183467424'

export type ClickRig = {
  readonly inbound: InboundRig
  readonly request: () => ApprovalRequest
  readonly votes: () => readonly ApprovalVote[]
  /** Sends it to a gateway, and returns what came back. */
  readonly send: (raw: RawInbound) => Promise<RawAnswer>
  /** The same, for another replica of the gateway, which has seen nothing. */
  readonly sendElsewhere: (raw: RawInbound) => Promise<RawAnswer>
  /** A click of Alice on the card, with changes. */
  readonly clicked: (changes?: Changes) => RawInbound
  readonly handle: string
  readonly facts: readonly Fact[]
  readonly lines: readonly string[]
  readonly notes: Map<string, ApprovalChannelStatus>
  /** What the cluster does from now on. */
  readonly cluster: Cluster
  readonly change: (status: ApprovalRequestStatus) => void
  /** Nobody has voted, nothing is decided, counted or logged. */
  readonly reset: () => void
}

/** `stuck`: who casts a vote gets no answer, and it is not stored, until `answers` says what becomes of it. */
type Cluster = {
  silent: boolean
  down: boolean
  ready: boolean
  keyed: boolean
  hasty: boolean
  stuck: boolean
  impatient: boolean
  readonly answers: ((error: Error) => void)[]
}

type Changes = {
  readonly verb?: string
  readonly comment?: string
  readonly handle?: string
  readonly by?: string
  readonly [field: string]: unknown
}

/** A gateway's inbox before a cluster in memory, whose operator judges by the rules of the domain as soon as a vote is cast. */
export function makeClickRig(asked: RequestChanges = {}, channels: readonly InboundChannel[] = [ourChannel]): ClickRig {
  const inbound = makeInboundRig(channels)
  const { clock } = inbound
  const opened = clock.now() - 60_000
  const status = { messages: [{ channel: 'teams', ref: messageRef({ conversationID: channelID, messageID: cardID }) }] }
  let live = request({
    opened,
    expirationTime: time(opened + 900_000),
    ...asked,
    status: { ...status, ...asked.status },
  })
  const uid = live.metadata.uid ?? ''
  const begun = live
  const votes: ApprovalVote[] = []
  const [facts, lines, notes]: [Fact[], string[], Map<string, ApprovalChannelStatus>] = [[], [], new Map()]
  const cluster: Cluster = {
    silent: false,
    down: false,
    ready: true,
    keyed: true,
    hasty: false,
    stuck: false,
    impatient: false,
    answers: [],
  }
  const book = makeRequestBook()

  function change(next: ApprovalRequestStatus): void {
    live = { ...live, status: { ...live.status, ...next } }
    book.put({ name: live.metadata.name, uid, request: isClosed(live) ? undefined : live })
  }

  function operate(): void {
    if (cluster.silent) return
    const seen = { request: live, approvers, isAgent: () => false, isProven: () => true, now: clock.now() }
    const standing = settle(seen, votes)
    const noted = { votes: [...(live.status?.votes ?? []), ...standing.judged.map(notedVote)] }
    const unique = { votes: [...new Map(noted.votes.map((one) => [one.uid, one])).values()] }
    if (!('decision' in standing.outcome)) {
      return change({ stages: standing.stages, progress: progressText(standing.stages), ...unique })
    }
    const at = { decision: standing.outcome, now: clock.now() }
    const { comment: _comment, ...decided } = decisionStatus(live, standing, at)
    change({ ...present(decided), ...unique })
  }

  const cast: CastVotePorts['cast'] = async (vote) => {
    if (cluster.down) throw new Error('no answer')
    if (cluster.stuck) return new Promise((_resolve, reject) => cluster.answers.push(reject))
    if (votes.some(({ metadata }) => metadata.name === vote.metadata.name)) return 'AlreadyExists'
    const creationTimestamp = time(clock.now())
    votes.push({ ...vote, metadata: { ...vote.metadata, uid: `uid-${vote.metadata.name}`, creationTimestamp } })
    operate()
    return 'Stored'
  }

  const ports: CastVotePorts = {
    requests: makeKnownRequests(book, async () => live),
    sign: (vote) => {
      const { evidence, ...rest } = vote
      return cluster.keyed ? Promise.resolve({ ...rest, evidence: { ...evidence, signature: 's' } }) : undefined
    },
    cast,
    mayVote: () => !cluster.impatient,
    timeout: (ms) => {
      const end = new AbortController()
      if (cluster.hasty) end.abort()
      void clock.sleep(ms).then(() => end.abort())
      return end.signal
    },
    answerMs: 2_500,
    now: clock.now,
  }
  const noteChannel: NoteChannel = async (name, decide) => {
    if (cluster.down) throw new Error('no answer')
    const noted = decide(notes.get(name) ?? {})
    if (noted !== undefined) notes.set(name, { ...notes.get(name), ...noted })
    return noted === undefined ? 'Unchanged' : 'Stored'
  }
  const log =
    (level: string) =>
    (event: string, ...rest: readonly unknown[]) =>
      void lines.push(`${level} ${event} ${JSON.stringify(rest)}`)
  const inboxOf = (judge: InboundRig['judge']) =>
    makeTeamsInbox({
      ...clickPorts(ports),
      wholeDiff: async () => ({ text: 'line 1\nline 2' }),
      judge,
      ready: () => cluster.ready,
      noteChannel,
      mayGreet: () => true,
      mayLog: () => true,
      elapsed: clock.elapsed,
      measure: (fact) => void facts.push(fact),
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    })
  const [here, elsewhere] = [inboxOf(inbound.judge), inboxOf(inbound.another())]
  const handle = cardHandle(handleKey, { requestUID: uid, channel: 'teams' })
  change({})
  return {
    inbound,
    request: () => live,
    votes: () => votes,
    send: (raw) => here(whole(raw)),
    sendElsewhere: (raw) => elsewhere(whole(raw)),
    clicked: ({ verb = 'approve', comment = 'go on', handle: given = handle, by, ...rest } = {}) => {
      const from = by === undefined ? {} : { from: { id: '29:x', name: 'Somebody', aadObjectId: by } }
      const value = action({ verb }, { handle: given, comment })
      return inbound.request(click(inbound.time(), { value, ...from, ...rest }))
    },
    handle,
    facts,
    lines,
    notes,
    cluster,
    change,
    reset: () => {
      live = begun
      for (const list of [votes, facts, lines]) list.length = 0
      change({})
    },
  }
}

function clickPorts(
  ports: CastVotePorts,
): Pick<TeamsInboxPorts, 'handleKeys' | 'requests' | 'cast' | 'tabURL' | 'now'> {
  return {
    handleKeys: () => [handleKey],
    requests: ports.requests,
    cast: (ballot: Ballot) => castVote(ports, ballot),
    tabURL: () => undefined,
    now: ports.now,
  }
}

function whole(raw: RawInbound) {
  const gone = new AbortController().signal
  return { method: 'POST', path: '/api/messages', query: new URLSearchParams(), gone, ...raw }
}

/** What the person who clicked is shown, as one text; fails when it is nothing that Teams would show. */
export function shownBy({ status, body }: RawAnswer): string {
  if (status !== 200) return `HTTP ${status}`
  if (body === '') return 'nothing'
  const { type, value } = JSON.parse(body) as { type: string; value: unknown }
  if (type === 'application/vnd.microsoft.activity.message' && typeof value === 'string' && value !== '') return value
  if (type === 'application/vnd.microsoft.error') return `error: ${(value as { message: string }).message}`
  if (type !== 'application/vnd.microsoft.card.adaptive') throw new Error(`Teams shows nothing for ${body}`)
  return `card: ${[...JSON.stringify(value).matchAll(/"(?:text|title)":"((?:[^"\\]|\\.)*)"/g)].map((found) => found[1]).join(' | ')}`
}
