import { voteRefusals } from '../domain/vote-refusals.ts'
import type { VoteRefusal } from '../domain/vote-refusals.ts'
import { safe } from '../domain/safe-text.ts'

/** What the voter can do about a refusal. The one place for these words. */
const cures: Readonly<Record<VoteRefusal, string>> = {
  Forged: 'Vote with kubectl countersign, under your own name; tell your security team if you did.',
  UnknownVoter: 'Vote with kubectl countersign, which names you.',
  RequesterMayNotVote: 'Ask a colleague of the approver group.',
  AgentMayNotVote: 'Log in as yourself; kubectl auth whoami shows who you are.',
  OwnerMayNotVote: 'Ask a colleague of the approver group; you may still deny.',
  OnBehalfOfMayNotVote: 'Ask a colleague of the approver group; you may still deny.',
  OwnerUnknown: 'Ask an administrator to list you, and the owner of the agent, under people of an ApproverGroup.',
  NotInGroup: 'Ask somebody of these groups, or an administrator to add you to one.',
  OtherRequest: 'Look at the request that has the name now, and vote again.',
  OtherContent: 'Look at the request again, and vote on what it shows.',
  AlreadyDecided: 'Look at who decided it; your vote changed nothing.',
  NotDecided: 'Deny it instead; there is nothing to take back.',
  AlreadyUsed: 'The agent has done it; undo it by hand if it must be undone.',
  AlreadyRevoked: 'There is nothing left to do.',
  Expired: 'The agent has to ask again.',
  SignInRequired: 'Vote with kubectl countersign, or sign in on the card.',
  CommentRequired: 'Vote again with -m and the reason.',
  SamePersonTwice: 'Another person has to approve as well; a list under people of an ApproverGroup tells people apart.',
}

/** A refusal as it stands in a request, for people: what it means, and what to do. Another version's is told as it is. */
export function refusalWords(refusal: string): string {
  return isKnown(refusal) ? `${voteRefusals[refusal]} ${cures[refusal]}` : safe(refusal)
}

function isKnown(refusal: string): refusal is VoteRefusal {
  return Object.hasOwn(voteRefusals, refusal)
}
