import type { CastOutcome } from '../app/cast-vote.ts'
import type { Ballot } from '../app/cast-vote-ports.ts'
import type { RawAnswer } from '../app/raw.ts'
import type { TabBallot, TabVoted } from '../app/tab-wire.ts'
import { firstRefusal } from '../domain/check.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, Verdict } from '../domain/kinds.ts'
import { identityOf } from '../domain/person.ts'
import { refusalTold } from '../domain/refusal-cures.ts'
import { timestamp } from '../domain/request.ts'
import { decisionLine } from '../domain/standing-words.ts'
import { readBallot } from './ballot.ts'
import type { Caller } from './caller.ts'
import { briefOf, viewOf } from './looking.ts'
import type { Asked } from './ports.ts'
import { answer } from './respond.ts'
import type { Refused } from './respond.ts'
import type { TabRefusal } from './tab-refusals.ts'

/** `POST /api/tab/requests/<name>/votes`: casts the vote, and answers with what it came to and the true state. */
export async function vote(asked: Asked): Promise<RawAnswer | Refused> {
  const ballot = readBallot(asked.raw)
  if ('refusal' in ballot) return ballot
  const request = await asked.ports.request(asked.name)
  if (request === undefined) return { refusal: 'UnknownRequest' }
  const refusal = firstRefusal(ballotChecks, ballot, request) ?? (await notWhole(asked, ballot, request))
  if (refusal !== undefined) return { refusal }
  const version = asked.ports.feed.version()
  const outcome = await asked.ports.castVote(ballotOf(asked.caller, ballot))
  if (outcome.kind === 'NotFound') return { refusal: 'UnknownRequest' }
  const told = wordsOf(outcome, ballot.verdict, asked.ports.now())
  return 'refusal' in told ? told : answer({ ...told, request: await viewOf(asked, outcome.request, version) })
}

type BallotCheck = (ballot: TabBallot, request: ApprovalRequest) => TabRefusal | undefined

/** That the person saw what he votes on. Everything else is the operator's to judge. */
const ballotChecks: readonly BallotCheck[] = [
  ({ uid }, { metadata }) => (uid === metadata.uid ? undefined : 'OtherRequest'),
  ({ digest }, { spec }) => (digest === spec.actions[0]?.digest ? undefined : 'OtherContent'),
]

/** The page does not offer it; another program might. */
async function notWhole(
  { ports }: Asked,
  { verdict }: TabBallot,
  request: ApprovalRequest,
): Promise<TabRefusal | undefined> {
  if (verdict !== 'Approve') return undefined
  const { diff } = await briefOf(ports, request)
  return diff.missing === undefined ? undefined : 'NotShownInFull'
}

function ballotOf({ voter, channel, tokenHash, authTime }: Caller, said: TabBallot): Ballot {
  return {
    requestUID: said.uid,
    verdict: said.verdict,
    comment: said.comment,
    voter,
    evidence: {
      channel,
      assurance: 'SignedIn',
      tokenHash: `sha256:${tokenHash}`,
      ...(authTime === undefined ? {} : { authTime: timestamp(authTime) }),
    },
    seenDigest: said.digest,
    // With the person in it, nobody can use up the name of somebody else's click.
    clickID: JSON.stringify(['tab', identityOf(voter), said.click]),
  }
}

const counted: Readonly<Record<Verdict, string>> = {
  Approve: 'Your approval counts.',
  Deny: 'Denied. The agent is told, in your words.',
  RequestChanges: 'Sent back. The agent is told, in your words.',
  Comment: 'Your comment stands.',
  Revoke: 'Taken back.',
  Pause: 'Denied, and the agent is being paused.',
}

type Told = Omit<TabVoted, 'request'>
type CastOfFound = Exclude<CastOutcome, { readonly kind: 'NotFound' }>

function wordsOf(outcome: CastOfFound, verdict: Verdict, now: Instant): Told | Refused {
  switch (outcome.kind) {
    case 'Counted':
      return { outcome: 'Counted', words: counted[verdict] }
    case 'Recorded':
      return { outcome: 'Recorded', words: 'Recorded; it is being applied. This page changes when it is.' }
    case 'AlreadyDecided':
      return { outcome: 'AlreadyDecided', words: lateWords(outcome.request, now) }
    case 'Refused':
      return refusedWords(outcome, now)
    case 'CommentTooLong':
    case 'CommentMissing':
    case 'TooOften':
    case 'NotReady':
    case 'NotStored':
      return { refusal: refusals[outcome.kind] }
  }
}

function refusedWords({ refusal, request }: Extract<CastOutcome, { readonly kind: 'Refused' }>, now: Instant): Told {
  const late = refusal === 'AlreadyDecided'
  return { outcome: 'Refused', words: late ? lateWords(request, now) : refusalTold(refusal, 'Card') }
}

function lateWords(request: ApprovalRequest, now: Instant): string {
  return `${decisionLine(request, now) ?? 'It is decided'}. Your click changed nothing.`
}

const refusals = {
  CommentTooLong: 'CommentTooLong',
  CommentMissing: 'CommentRequired',
  TooOften: 'TooOften',
  NotReady: 'NotReady',
  NotStored: 'NotStored',
} as const
