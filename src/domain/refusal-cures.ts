import { safe } from './safe-text.ts'
import { voteRefusals } from './vote-refusals.ts'
import type { VoteRefusal } from './vote-refusals.ts'

/** Where a person reads why the vote does not count: what he can do about it depends on it. */
export type VotingPlace = 'Terminal' | 'Card'

type Cure = string | Readonly<Record<VotingPlace, string>>

/** What the voter can do about a refusal. The one place for these words. */
const cures: Readonly<Record<VoteRefusal, Cure>> = {
  Forged: {
    Terminal: 'Vote with kubectl countersign, under your own name; tell your security team if you did.',
    Card: 'Tell your security team: a vote that the gateway has cast should be proven.',
  },
  UnknownVoter: 'Vote with kubectl countersign, which names you.',
  RequesterMayNotVote: 'Ask a colleague of the approver group.',
  AgentMayNotVote: {
    Terminal: 'Log in as yourself; kubectl auth whoami shows who you are.',
    Card: 'Answer as yourself.',
  },
  OwnerMayNotVote: 'Ask a colleague of the approver group; you may still deny.',
  OnBehalfOfMayNotVote: 'Ask a colleague of the approver group; you may still deny.',
  OwnerUnknown: 'Ask an administrator to list you, and the owner of the agent, under people of an ApproverGroup.',
  NotInGroup: 'Ask somebody of these groups, or an administrator to add you to one.',
  GuestMayNotVote: 'Ask somebody of these groups, or an administrator to list you under people of an ApproverGroup.',
  TenantUnknown: 'Ask an administrator for a channel of your tenant, or to list you under people of an ApproverGroup.',
  OtherRequest: 'Look at the request that has the name now, and vote again.',
  OtherContent: 'Look at the request again, and vote on what it shows.',
  AlreadyDecided: 'Look at who decided it; your vote changed nothing.',
  NotDecided: 'Deny it instead; there is nothing to take back.',
  AlreadyUsed: 'The agent has done it; undo it by hand if it must be undone.',
  AlreadyRevoked: 'There is nothing left to do.',
  Expired: 'The agent has to ask again.',
  SignInRequired: 'Vote with kubectl countersign, or sign in on the card.',
  CommentRequired: {
    Terminal: 'Vote again with -m and the reason.',
    Card: 'Write the reason into the comment, and click again.',
  },
  SamePersonTwice: 'Another person has to approve as well; a list under people of an ApproverGroup tells people apart.',
}

/** A refusal as it stands in a request, for people: what it means, and what to do. Another version's is told as it is. */
export function refusalTold(refusal: string, place: VotingPlace): string {
  return isKnown(refusal) ? `${voteRefusals[refusal]} ${cureOf(refusal, place)}` : safe(refusal)
}

function cureOf(refusal: VoteRefusal, place: VotingPlace): string {
  const cure = cures[refusal]
  return typeof cure === 'string' ? cure : cure[place]
}

function isKnown(refusal: string): refusal is VoteRefusal {
  return Object.hasOwn(voteRefusals, refusal)
}
