/**
 * Why a channel is ready or not: the closed list of reasons of its condition Ready, with what each means and the cure. A
 * reason is CamelCase and stable; it stands in the status of the ApprovalChannel, in Events and in metrics.
 */
export const channelReasons = {
  Installed: 'The service takes cards for this channel.',
  TypeNotSupported: 'Nothing is delivered to channels of this type yet; use the type Teams, or answer by kubectl.',
  HandleKeyMissing:
    'The key by which a card names its request is not there yet; it is made when the first operator leads.',
  CredentialsMissing:
    'The Secret that credentialsSecretRef names cannot be read, or has neither clientSecret nor federatedTokenFile.',
  CredentialsRefused: 'The login refuses the app: renew the secret, or look at the tenant, the app and its federation.',
  LoginUnreachable: 'The login cannot be reached: look at the network, a proxy, and the configured loginURL.',
  NotInstalled: 'The bot is not in the team or chat: upload the app package and add the app to the team.',
  SeveralConversations: 'The bot is in several places: say in channelID which one is meant.',
  BotBlocked: 'The bot may not write there: an administrator, or the one person in the chat, has blocked the app.',
  BotUnknown: 'The service knows no bot under the appID: register it, with the channel Microsoft Teams.',
  WrongCloud: 'The tenant lives in another cloud than the field cloud says.',
  ServiceUrlNotAllowed: 'The bot was installed by a service whose host is not on the list of the cloud.',
  ServiceUnavailable: 'The chat service does not answer, or says that it cannot; it is tried again all the time.',
} as const

export type ChannelReason = keyof typeof channelReasons
