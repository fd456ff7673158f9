/**
 * Why a vote does not count: the closed list, with what each means for people. It stands in `status.votes[].refusal`.
 */
export const voteRefusals = {
  Forged: 'The vote is not proven to come from the person or the component that it names.',
  UnknownVoter: 'The vote does not say who cast it.',
  RequesterMayNotVote: 'Nobody approves his own request.',
  AgentMayNotVote: 'Agents and service accounts do not vote.',
  OwnerMayNotVote: 'The owner of the agent may not approve what it asks.',
  OnBehalfOfMayNotVote: 'The person on whose behalf the agent acts may not approve what it asks.',
  OwnerUnknown:
    'It cannot be told whether the voter is the one whom the agent names as owner, or acts for: nobody has that name, or ' +
    'the voter is not listed as a person.',
  NotInGroup: 'The person is in none of the groups that decide this.',
  GuestMayNotVote:
    'Guests and disabled accounts belong to no group through Entra; a guest votes who is listed as a person.',
  TenantUnknown: 'Who is in a group of that Entra tenant cannot be asked: no channel belongs to the tenant.',
  OtherRequest: 'The vote is for another request of the same name.',
  OtherContent: 'The vote does not bear the digest of the request: the person saw another content, or none.',
  AlreadyDecided: 'The request was decided before.',
  NotDecided: 'There is no decision of a person that could be taken back.',
  AlreadyUsed: 'The approval was used before it could be taken back.',
  AlreadyRevoked: 'The decision was taken back before.',
  Expired: 'The vote came after the deadline.',
  SignInRequired: 'This needs an approval by a person who signed in for it.',
  CommentRequired: 'This needs a reason.',
  SamePersonTwice: 'The person has approved before, or cannot be told from one who has.',
} as const

export type VoteRefusal = keyof typeof voteRefusals

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a constant
export const refusalWords = Object.keys(voteRefusals) as readonly VoteRefusal[]
