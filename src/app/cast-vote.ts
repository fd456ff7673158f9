import { createHash } from 'node:crypto'
import { canonical } from '../domain/canonical.ts'
import { firstRefusal } from '../domain/check.ts'
import type { ApprovalRequest, ApprovalVote, NotedVote, Verdict } from '../domain/kinds.ts'
import { identityOf } from '../domain/person.ts'
import { present } from '../domain/present.ts'
import { ofRecords } from '../domain/record.ts'
import { timestamp } from '../domain/request.ts'
import { asksForWords, isTooLong } from '../domain/vote-comment.ts'
import { hasFollowed } from '../domain/vote-effect.ts'
import type { Ballot, CastVotePorts, UnsignedVote } from './cast-vote-ports.ts'

/**
 * What became of a click. Nothing was cast: `NotFound`, `CommentTooLong` (a comment is refused, never cut),
 * `CommentMissing`, `AlreadyDecided`, `TooOften`, `NotReady` (there is no key to sign with), `NotStored` (the API server
 * refuses the vote for good). `Recorded`: it is cast, and the operator has not judged it in time. `Counted` and `Refused`:
 * it has; the refusal is a VoteRefusal, or a word of another version. `request` is as it was seen last.
 */
export type CastOutcome =
  | { readonly kind: 'NotFound' }
  | { readonly kind: Objection | 'TooOften' | 'NotReady' | 'NotStored' | 'Recorded'; readonly request: ApprovalRequest }
  | { readonly kind: 'Counted'; readonly vote: NotedVote; readonly request: ApprovalRequest }
  | { readonly kind: 'Refused'; readonly refusal: string; readonly request: ApprovalRequest }

type Objection = 'AlreadyDecided' | 'CommentTooLong' | 'CommentMissing'

type CastCheck = (ballot: Ballot, request: ApprovalRequest) => Objection | undefined

/** What needs no vote to be known, in order. Everything else is the operator's to judge. */
const castChecks: readonly CastCheck[] = [
  ({ verdict }, { status }) => (status?.decision !== undefined && answers.has(verdict) ? 'AlreadyDecided' : undefined),
  ({ comment }) => (isTooLong(comment) ? 'CommentTooLong' : undefined),
  ({ verdict, comment }, { spec }) =>
    comment.trim() === '' && asksForWords(verdict, spec.requirements.comment) ? 'CommentMissing' : undefined,
]

/** Verdicts that answer a request. What is decided is decided, so these change nothing any more. */
const answers: ReadonlySet<Verdict> = new Set(['Approve', 'Deny', 'RequestChanges', 'Pause'])

/**
 * Casts the vote of a verified person, and waits until the operator has judged it and stored what follows, or the time to
 * answer is over. The vote is named by request and click, so that a click which is sent again, to whatever replica, is
 * told the same and changes nothing. Rejects when the API server gives no usable answer: then the click may come again.
 */
export async function castVote(ports: CastVotePorts, ballot: Ballot): Promise<CastOutcome> {
  const until = ports.timeout(ports.answerMs)
  const request = await ports.requests.find(ballot.requestUID)
  if (request === undefined) return { kind: 'NotFound' }
  const waiting = { name: voteName(ballot, request), request, until }
  if (notedIn(request, waiting.name) !== undefined) return effectInTime(ports, waiting)
  const objection = firstRefusal(castChecks, ballot, request)
  if (objection !== undefined) return { kind: objection, request }
  const fault = await cast(ports, ballot, request)
  return fault === undefined ? effectInTime(ports, waiting) : { kind: fault, request }
}

async function cast(
  ports: CastVotePorts,
  ballot: Ballot,
  request: ApprovalRequest,
): Promise<'TooOften' | 'NotReady' | 'NotStored' | undefined> {
  const who = `${identityOf(ballot.voter) ?? ''} ${ballot.requestUID}`
  if (!ports.mayVote(who)) return 'TooOften'
  const spec = await ports.sign(unsigned(ballot, request, timestamp(ports.now())))
  if (spec === undefined) return 'NotReady'
  const { name, namespace } = request.metadata
  const vote: ApprovalVote = {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalVote',
    metadata: present({
      name: voteName(ballot, request),
      namespace,
      labels: { 'countersign.dev/request': name },
    }),
    spec,
  }
  return (await ports.cast(ofRecords(vote))) === 'Refused' ? 'NotStored' : undefined
}

function unsigned(ballot: Ballot, { metadata, spec }: ApprovalRequest, verifiedTime: string): UnsignedVote {
  const { verdict, comment, voter, evidence, seenDigest } = ballot
  return present({
    requestRef: { name: metadata.name, uid: ballot.requestUID },
    digest: seenDigest ?? spec.actions[0]?.digest,
    verdict,
    comment: comment.trim() === '' ? undefined : comment,
    voter,
    evidence: { ...evidence, verifiedTime },
  })
}

/** Whoever sees the same click names it so; nobody else can know the name beforehand. */
function voteName({ requestUID, clickID }: Ballot, { metadata }: ApprovalRequest): string {
  const hash = createHash('sha256')
    .update(canonical([requestUID, clickID]))
    .digest('hex')
  return `apv-${metadata.name.replace(/^apr-/, '')}-${hash.slice(0, 20)}`
}

type Waiting = { readonly name: string; readonly request: ApprovalRequest; readonly until: AbortSignal }

async function effectInTime({ requests }: CastVotePorts, { name, request, until }: Waiting): Promise<CastOutcome> {
  const uid = request.metadata.uid ?? ''
  const seen = await requests.once(uid, (one) => isEffective(one, notedIn(one, name)), until)
  const last = seen ?? (await requests.find(uid)) ?? request
  const vote = notedIn(last, name)
  if (vote === undefined) return { kind: 'Recorded', request: last }
  if (vote.counted) return { kind: 'Counted', vote, request: last }
  return { kind: 'Refused', refusal: vote.refusal ?? 'unknown', request: last }
}

function isEffective(request: ApprovalRequest, vote: NotedVote | undefined): boolean {
  return vote !== undefined && hasFollowed(request, vote)
}

function notedIn({ status }: ApprovalRequest, name: string): NotedVote | undefined {
  return status?.votes?.find((vote) => vote.name === name)
}
