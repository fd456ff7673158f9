/**
 * Why something that came in under the bot's address changed nothing: the closed list, in the order in which it is
 * checked, with what each means for people. Each is counted under its name.
 */
export const inboundRefusals = {
  NoBearer: 'The request does not bear one token in its Authorization header.',
  CrowdedOut: 'So much came at once that there was no room for the body: most of it from somebody else than Teams.',
  TooLarge: 'The body is larger than anything that Teams sends.',
  TokenMalformed: 'The token is not in the form of a signed JSON Web Token.',
  AlgorithmNotAllowed: 'The token is signed by another algorithm than RS256, or not at all.',
  WrongIssuer: 'The token is not from the Bot Connector of this cloud.',
  WrongAudience: 'The token is for another app.',
  TokenExpired: 'The token has expired, or the clock of this machine is wrong.',
  TokenNotYetValid: 'The token is for later, or the clock of this machine is wrong.',
  ClaimMissing: 'The token lacks a claim that every token of the Bot Connector has.',
  KeysUnavailable: 'The keys of the Bot Connector could not be fetched, so nothing can be believed.',
  UnknownKey: 'The token is signed by a key that the Bot Connector does not publish.',
  KeyNotEndorsed: 'The key that signed the token may not vouch for Teams.',
  BadSignature: 'The signature is not that of the key which the token names.',
  NotAnActivity: 'The body is not an activity: no JSON, with a name twice, or without its type, id or conversation.',
  OtherChannel: 'The activity does not come from Teams, but from another channel of the Bot Connector.',
  OtherServiceUrl: 'The activity names another service than its token: an answer would go to the wrong place.',
  ServiceUrlNotAllowed: 'The service is not on the list of the cloud: it will not be sent a token.',
  OtherRecipient: 'The activity is for another bot.',
  TenantMissing: 'The activity does not say from which tenant it is.',
  TenantNotAllowed: 'The activity is from a tenant of which no channel is.',
  TypeNotAllowed: 'Nothing of this type or name is done by this bot.',
  NotUnderstood: 'The activity is not of the form that Teams gives to its type.',
  NotByHand: 'Teams asked for a newer card by itself; nobody clicked.',
  PersonUnknown: 'The click does not say whose it is, by the object id of a person.',
  OtherConversation: 'The click was made in a conversation that is not that of a channel: the card was copied there.',
  Stale: 'The activity is older than a click can be, or lies in the future.',
  Replayed: 'This very activity was dealt with before.',
} as const

export type InboundRefusal = keyof typeof inboundRefusals
