import type { Approvers } from './approvers.ts'
import { firstRefusal } from './check.ts'
import type { Instant } from './instant.ts'
import { parseInstant } from './instant.ts'
import type { ApprovalRequest, ApprovalVote, CommentRule, NotedVote, Stage, Verdict } from './kinds.ts'
import { identityOf } from './person.ts'
import { assuranceFor } from './requirements.ts'
import type { VoteRefusal } from './vote-refusals.ts'

/** A vote with what was found out about it before it is judged. */
export type Judging = {
  readonly vote: ApprovalVote
  /** Its signature holds, or the API server vouches for the person. */
  readonly proven: boolean
  readonly request: ApprovalRequest
  /** There is a decision, stored or reached by the votes that counted before. */
  readonly decided: boolean
  /** Votes on the request that counted before. */
  readonly counted: readonly CountedVote[]
  readonly approvers: Approvers
  readonly isAgent: (username: string, groups: readonly string[]) => boolean
  readonly now: Instant
}

export type CountedVote = Pick<NotedVote, 'verdict'> & { readonly vote: ApprovalVote }

type VoteCheck = (judging: Judging) => VoteRefusal | undefined

/** Who may decide this, in order: the first objection is told. One list for every channel; administrators are not exempt. */
export const voteChecks: readonly VoteCheck[] = [
  ({ proven }) => (proven ? undefined : 'Forged'),
  ({ vote }) => (identityOf(vote.spec.voter) === undefined ? 'UnknownVoter' : undefined),
  requester,
  agent,
  owner,
  onBehalfOf,
  notInGroup,
  ({ vote, request }) => (vote.spec.requestRef.uid === request.metadata.uid ? undefined : 'OtherRequest'),
  otherContent,
  decidedOrNot,
  ({ vote, request, now }) => (decides(vote) && isLate(vote, request, now) ? 'Expired' : undefined),
  assurance,
  commentMissing,
  samePersonTwice,
]

/** The first objection, or nothing: then the vote counts. */
export function judge(judging: Judging): VoteRefusal | undefined {
  return firstRefusal(voteChecks, judging)
}

/** Does the verdict answer the request? The others say something about it, about its answer, or about the agent. */
function decides({ spec }: ApprovalVote): boolean {
  return spec.verdict === 'Approve' || spec.verdict === 'Deny' || spec.verdict === 'RequestChanges'
}

/** By the API server's own stamp: a vote in time counts although it is judged later. */
export function isLate({ metadata }: ApprovalVote, { spec }: ApprovalRequest, now: Instant): boolean {
  const deadline = parseInstant(spec.expirationTime)
  const cast = parseInstant(metadata.creationTimestamp ?? '') ?? now
  return deadline === undefined || cast > deadline
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

/** Whichever identity he used: the requester may be a user who is known elsewhere too. */
function requester({ vote, request, approvers }: Judging): VoteRefusal | undefined {
  const asking = approvers.personOf(`kubernetes:${request.spec.requester.username}`)
  const voting = identityOf(vote.spec.voter)
  return voting !== undefined && approvers.personOf(voting) === asking ? 'RequesterMayNotVote' : undefined
}

function agent({ vote, isAgent }: Judging): VoteRefusal | undefined {
  const { username, groups = [] } = vote.spec.voter
  if (username === undefined) return undefined
  return username.startsWith('system:serviceaccount:') || isAgent(username, groups) ? 'AgentMayNotVote' : undefined
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
  const { voter } = vote.spec
  const groups = groupsAsked(request, now)
  if (groups.some((group) => approvers.isIn(voter, group))) return undefined
  return approvers.notCounted(voter, groups) ?? 'NotInGroup'
}

function otherContent({ vote, request }: Judging): VoteRefusal | undefined {
  const seen = vote.spec.digest
  if (seen === undefined) return vote.spec.verdict === 'Approve' ? 'OtherContent' : undefined
  return seen === request.spec.actions[0]?.digest ? undefined : 'OtherContent'
}

function decidedOrNot({ vote, request, decided, counted }: Judging): VoteRefusal | undefined {
  if (vote.spec.verdict === 'Revoke') return notRevocable(request, counted)
  return decides(vote) && decided ? 'AlreadyDecided' : undefined
}

/** An approval can be taken back until it is used, a "no" at any time, both once. */
function notRevocable(request: ApprovalRequest, counted: readonly CountedVote[]): VoteRefusal | undefined {
  const { decision, grant } = request.status ?? {}
  if (decision === undefined || decision === 'Expired') return 'NotDecided'
  if (isTakenBack(request) || counted.some(({ verdict }) => verdict === 'Revoke')) return 'AlreadyRevoked'
  return grant !== undefined && grant.claims.length > 0 ? 'AlreadyUsed' : undefined
}

function isTakenBack({ status = {} }: ApprovalRequest): boolean {
  return (status.grant?.revoked ?? status.cooldownRevoked) !== undefined
}

/** By the risk as well: it may be higher than that of the policies, for what was found in the action. */
function assurance({ vote, request }: Judging): VoteRefusal | undefined {
  const { requirements, risk } = request.spec
  const needed = requirements.assurance === 'SignedIn' || assuranceFor(risk.level) === 'SignedIn'
  if (vote.spec.verdict !== 'Approve' || !needed) return undefined
  const signedIn = vote.spec.voter.kind === 'KubernetesUser' || vote.spec.evidence?.assurance === 'SignedIn'
  return signedIn ? undefined : 'SignInRequired'
}

/** The comment rules under which each verdict needs words. What is nothing without words needs them always. */
const needsWords: Readonly<Record<Verdict, readonly CommentRule[]>> = {
  Approve: ['Always'],
  Deny: ['Always', 'OnDeny'],
  RequestChanges: ['Always', 'OnDeny', 'Optional'],
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
