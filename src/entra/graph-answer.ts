import { at, isList } from '../domain/json.ts'
import type { GraphAnswer, GraphFailure } from './graph-call.ts'

/** What an account is for us. */
export type UserKind = 'Member' | 'Guest' | 'Disabled' | 'NotThere'

/** The answer to `/users/<id>?$select=userType,accountEnabled`. What is not said is not guessed. */
export function readUser(answer: GraphAnswer): UserKind | GraphFailure {
  if (answer === 'NotFound') return 'NotThere'
  const enabled = at(answer.document, 'accountEnabled')
  const type = at(answer.document, 'userType')
  if (typeof enabled !== 'boolean') return { failure: 'Microsoft Graph does not say whether the account is enabled' }
  if (!enabled) return 'Disabled'
  // Accounts from before there were guests have no type.
  return type === 'Member' || type === null ? 'Member' : 'Guest'
}

/** The answer to `checkMemberGroups`: those of `asked` that are listed. */
export function readGroups(answer: GraphAnswer, asked: readonly string[]): ReadonlySet<string> | GraphFailure {
  if (answer === 'NotFound') return new Set()
  const listed = at(answer.document, 'value')
  if (!isList(listed)) return { failure: 'Microsoft Graph answers with something else than a list of groups' }
  const ids = new Set(listed.map((id) => (typeof id === 'string' ? id.toLowerCase() : '')))
  return new Set(asked.filter((id) => ids.has(id.toLowerCase())))
}
