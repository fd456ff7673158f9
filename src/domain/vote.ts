import type { Approvers } from './approvers.ts'
import type { Instant } from './instant.ts'
import { parseInstant } from './instant.ts'
import type { ApprovalRequest, ApprovalVote, CommentRule, NotedVote, Stage, Verdict } from './kinds.ts'
import { identityOf } from './person.ts'

/** Why a vote does not count: the closed list, with what each means for people. It stands in `status.votes[].refusal`. */
export const voteRefusals = {
  Forged: 'The vote is not proven to come from the person or the component that it names.',
  UnknownVoter: 'The vote does not say who cast it.',
  OtherRequest: 'The vote is for another request of the same name.',
  OtherContent: 'The person saw another content than that of the request.',
  AlreadyDecided: 'The request was decided before.',
  Expired: 'The vote came after the deadline.',
  NotDecided: 'There is no decision yet that could be taken back.',
  AgentMayNotVote: 'Agents and service accounts do not vote.',
  RequesterMayNotVote: 'Nobody approves his own request.',
  OwnerMayNotVote: 'The owner of the agent may not approve what it asks.',
  OnBehalfOfMayNotVote: 'The person on whose behalf the agent acts may not approve what it asks.',
  OwnerUnknown: 'The owner that the agent names is nobody we know, so nobody can be told apart from him.',
  NotInGroup: 'The person is in none of the groups that decide this.',
  SignInRequired: 'This needs an approval by a person who signed in for it.',
  CommentRequired: 'This needs a reason.',
  SamePersonTwice: 'The person has voted before.',
} as const

export type VoteRefusal = keyof typeof voteRefusals

/** A vote with what was found out about it before it is judged. */
export type Judging = {
  readonly vote: ApprovalVote
  /** Its signature holds, or the API server vouches for the person. */
  readonly proven: boolean
  readonly request: ApprovalRequest
  /** Votes on the request that counted before. */
  readonly counted: readonly CountedVote[]
  readonly approvers: Approvers
  readonly isAgent: (username: string) => boolean
  readonly now: Instant
}

export type CountedVote = Pick<NotedVote, 'verdict'> & { readonly vote: ApprovalVote }

type VoteCheck = (judging: Judging) => VoteRefusal | undefined

/** Who may decide this, in order: the first objection is told. One list for every channel; administrators are not exempt. */
export const voteChecks: readonly VoteCheck[] = [
  ({ proven }) => (proven ? undefined : 'Forged'),
  ({ vote }) => (identityOf(vote.spec.voter) === undefined ? 'UnknownVoter' : undefined),
  ({ vote, request }) => (vote.spec.requestRef.uid === request.metadata.uid ? undefined : 'OtherRequest'),
  otherContent,
  decidedOrNot,
  tooLate,
  agent,
  requester,
  owner,
  onBehalfOf,
  notInGroup,
  assurance,
  commentMissing,
  samePersonTwice,
]

/** The first objection, or nothing: then the vote counts. */
export function judge(judging: Judging): VoteRefusal | undefined {
  for (const check of voteChecks) {
    const refusal = check(judging)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Everybody who may take part in deciding: the stages' groups, and those of escalation steps that are due. */
export function groupsAsked(request: ApprovalRequest, now: Instant): readonly string[] {
  const { stages } = request.spec.requirements
  return [...new Set([...stages.flatMap(stageGroups), ...escalatedGroups(request, now)])]
}

export function stageGroups({ approverGroupRefs }: Stage): readonly string[] {
  return approverGroupRefs.map(({ name }) => name)
}

/** Groups that escalation has added by now: their members then count in every stage. */
export function escalatedGroups({ metadata, spec }: ApprovalRequest, now: Instant): readonly string[] {
  const opened = parseInstant(metadata.creationTimestamp ?? '') ?? now
  const due = (spec.requirements.escalation ?? []).filter(({ afterSeconds }) => opened + afterSeconds * 1000 <= now)
  return due.flatMap(({ approverGroupRefs = [] }) => approverGroupRefs.map(({ name }) => name))
}

function otherContent({ vote, request }: Judging): VoteRefusal | undefined {
  const seen = vote.spec.digest
  const digest = request.spec.actions[0]?.digest
  if (seen === undefined) return vote.spec.verdict === 'Approve' ? 'OtherContent' : undefined
  return seen === digest ? undefined : 'OtherContent'
}

function decidedOrNot({ vote, request }: Judging): VoteRefusal | undefined {
  const decided = request.status?.decision !== undefined
  if (vote.spec.verdict === 'Comment' || vote.spec.verdict === 'Pause') return undefined
  if (vote.spec.verdict === 'Revoke') return decided ? undefined : 'NotDecided'
  return decided ? 'AlreadyDecided' : undefined
}

/** By the API server's own stamp: a vote in time counts although it is judged later. */
function tooLate({ vote, request, now }: Judging): VoteRefusal | undefined {
  const decides =
    vote.spec.verdict === 'Approve' || vote.spec.verdict === 'Deny' || vote.spec.verdict === 'RequestChanges'
  const deadline = parseInstant(request.spec.expirationTime)
  const cast = parseInstant(vote.metadata.creationTimestamp ?? '') ?? now
  return decides && (deadline === undefined || cast > deadline) ? 'Expired' : undefined
}

function agent({ vote, isAgent }: Judging): VoteRefusal | undefined {
  const { username } = vote.spec.voter
  if (username === undefined) return undefined
  return username.startsWith('system:serviceaccount:') || isAgent(username) ? 'AgentMayNotVote' : undefined
}

function requester({ vote, request }: Judging): VoteRefusal | undefined {
  return vote.spec.voter.username === request.spec.requester.username ? 'RequesterMayNotVote' : undefined
}

function owner(judging: Judging): VoteRefusal | undefined {
  const { owner: name } = judging.request.spec.requester
  return setApart(judging, 'Owner', name) ? refusalOf(judging, name, 'OwnerMayNotVote') : undefined
}

function onBehalfOf(judging: Judging): VoteRefusal | undefined {
  const { onBehalfOf: name } = judging.request.spec.requester
  return setApart(judging, 'OnBehalfOf', name) ? refusalOf(judging, name, 'OnBehalfOfMayNotVote') : undefined
}

/** Only who would let the agent act is kept apart; anybody of the group may stop it. */
function setApart({ vote, request }: Judging, kind: 'Owner' | 'OnBehalfOf', name: string | undefined): name is string {
  return (
    name !== undefined && vote.spec.verdict === 'Approve' && (request.spec.requirements.separation ?? []).includes(kind)
  )
}

function refusalOf({ vote, approvers }: Judging, name: string, refusal: VoteRefusal): VoteRefusal | undefined {
  const isNamed = approvers.isNamed(vote.spec.voter, name)
  if (isNamed === undefined) return 'OwnerUnknown'
  return isNamed ? refusal : undefined
}

function notInGroup({ vote, request, approvers, now }: Judging): VoteRefusal | undefined {
  const allowed = groupsAsked(request, now).some((group) => approvers.isIn(vote.spec.voter, group))
  return allowed ? undefined : 'NotInGroup'
}

function assurance({ vote, request }: Judging): VoteRefusal | undefined {
  if (vote.spec.verdict !== 'Approve' || request.spec.requirements.assurance !== 'SignedIn') return undefined
  const signedIn = vote.spec.voter.kind === 'KubernetesUser' || vote.spec.evidence?.assurance === 'SignedIn'
  return signedIn ? undefined : 'SignInRequired'
}

/** The comment rules under which each verdict needs words. A bare Comment needs them always. */
const needsWords: Readonly<Record<Verdict, readonly CommentRule[]>> = {
  Approve: ['Always'],
  Deny: ['Always', 'OnDeny'],
  RequestChanges: ['Always', 'OnDeny'],
  Comment: ['Always', 'OnDeny', 'Optional'],
  Revoke: [],
  Pause: ['Always', 'OnDeny'],
}

function commentMissing({ vote, request }: Judging): VoteRefusal | undefined {
  const { verdict, comment = '' } = vote.spec
  const needed = needsWords[verdict].includes(request.spec.requirements.comment)
  return needed && comment.trim() === '' ? 'CommentRequired' : undefined
}

/** Two votes of different kinds of identity count as two persons only when both are known to be somebody's. */
function samePersonTwice({ vote, counted, approvers }: Judging): VoteRefusal | undefined {
  if (vote.spec.verdict !== 'Approve') return undefined
  const mine = identityOf(vote.spec.voter)
  const before = counted.filter(({ verdict }) => verdict === 'Approve').map((other) => other.vote.spec.voter)
  const twice = before.some((other) => {
    const theirs = identityOf(other)
    if (mine === undefined || theirs === undefined) return true
    if (approvers.personOf(mine) === approvers.personOf(theirs)) return true
    return other.kind !== vote.spec.voter.kind && !(approvers.isTied(mine) && approvers.isTied(theirs))
  })
  return twice ? 'SamePersonTwice' : undefined
}
