import { tokenRefusals } from '../app/bearer.ts'
import type { TokenFault } from '../app/bearer.ts'

/**
 * Why the tab's API does not do what it is asked: the closed list, in the order in which it is checked, each with its
 * HTTP status and what it means for people. The person in the tab reads these words.
 */
export const tabRefusals = {
  NoSuchPath: [404, 'There is nothing under this address.'],
  MethodNotAllowed: [405, 'This address is not asked in this way.'],
  CrowdedOut: [503, 'Too much comes at once just now. Nothing was sent; try again in some seconds.'],
  NoBearer: [401, 'The request does not bear one token in its Authorization header.'],
  TokenMalformed: [401, 'The token is not in the form of a signed JSON Web Token.'],
  AlgorithmNotAllowed: [401, 'The token is signed by another algorithm than RS256, or not at all.'],
  WrongIssuer: [401, 'The token is not from the Entra tenant of any Teams channel of Countersign.'],
  WrongAudience: [401, 'The token is for another app.'],
  TokenExpired: [401, 'The token has expired, or the clock of the gateway is wrong.'],
  TokenNotYetValid: [401, 'The token is for later, or the clock of the gateway is wrong.'],
  ClaimMissing: [401, 'The token lacks a claim that every token of a person in Teams has.'],
  KeysUnavailable: [503, 'The keys of Entra could not be fetched, so nobody can be known just now.'],
  UnknownKey: [401, 'The token is signed by a key that Entra does not publish.'],
  BadSignature: [401, 'The signature is not that of the key which the token names.'],
  WrongVersion: [401, 'The token is not of version 2.0: the app registration must ask for that version.'],
  TenantNotAllowed: [403, 'The person is of another tenant than the one that gave the token.'],
  ScopeMissing: [403, 'The token does not let this app act for the person: the scope access_as_user is missing.'],
  OtherClient: [403, 'The token was given to another program than Microsoft Teams.'],
  PersonUnknown: [403, 'The token does not say whose it is, by the object id of a person.'],
  AskedTooOften: [429, 'You have asked very often within a short time; ask again in a moment.'],
  TooManyWaiting: [429, 'Too many wait for changes at the same time; ask again later.'],
  UnknownRequest: [404, 'There is no such request: it was removed after its time, or never was.'],
  TooLarge: [413, 'The body is larger than any vote.'],
  NotJsonContent: [415, 'A vote is sent as application/json, and as nothing else.'],
  NotAVote: [400, 'The body is not a vote: no JSON, with a name twice, or without verdict, digest, uid or click.'],
  CommentTooLong: [400, 'The comment has more than 1024 characters.'],
  OtherRequest: [409, 'The request has gone, and another one has its name: look at it before you decide.'],
  OtherContent: [409, 'What you saw is not what the request asks: look at it again before you decide.'],
  NotShownInFull: [409, 'The whole change cannot be shown, so it is not approved here. You may deny it.'],
  CommentRequired: [400, 'This needs a comment that says why.'],
  TooOften: [429, 'You have answered this request very often. Wait a minute, and try again.'],
  NotReady: [503, 'Countersign is starting. Nothing was sent; try again in some seconds.'],
  NotStored: [500, 'The cluster has refused the vote: tell your administrator, and answer with kubectl countersign.'],
  Unavailable: [503, 'Countersign could not reach the cluster. Try again in a moment.'],
} as const satisfies Readonly<Record<string, readonly [status: number, words: string]>>

export type TabRefusal = keyof typeof tabRefusals

/** Under which name each fault of a token is told. */
export const refusalOfFault: Readonly<Record<TokenFault, TabRefusal>> = {
  ...tokenRefusals,
  // Entra's keys bear no endorsements, and none is asked for.
  KeyNotEndorsed: 'UnknownKey',
}
