import type { Conversation } from '../domain/kinds.ts'

/**
 * Is it in a team? Into a chat, anybody of the tenant can bring the app, and with whomever he likes; so a chat is no place
 * for cards, nor for clicks, unless the channel names it.
 */
export function isOfTeam({ teamID }: Pick<Conversation, 'teamID'>): boolean {
  return teamID !== undefined && teamID !== ''
}
