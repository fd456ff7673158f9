import type { Instant } from './instant.ts'
import { shortened } from './inert.ts'
import { clockTime, quoted, shortName } from './wording.ts'
import type { PersonsWord } from './wording.ts'

/** The longest warning, in characters; the API server cuts longer ones when there are many. */
export const longestWarning = 120

const longestPerson = 30
const longestPolicy = 40
/** A dry run names a group and a policy. */
const longestOfTwo = 24

function warning(text: string): string {
  return shortened(`countersign: ${text}`, longestWarning)
}

export function warnPending(request: { readonly namespace: string; readonly name: string }): string {
  return warning(`waiting for a person; request ${request.name} in namespace ${request.namespace}`)
}

export function warnApproved(by: PersonsWord, request: string): string {
  const person = shortName(by.by, longestPerson)
  return warning(`approved by ${person} at ${clockTime(by.time)}, used up by this command (${request})`)
}

export function warnComment(by: string, comment: string): string {
  const opening = `${shortName(by, longestPerson)} wrote: `
  const room = longestWarning - Array.from(warning(`${opening}""`)).length
  return warning(`${opening}${quoted(comment, room)}`)
}

export function warnPolicy(policy: string): string {
  return warning(`allowed; recorded by policy ${shortName(policy, longestPolicy)} (Warn); no approval was needed`)
}

export function warnDryRun(needs: {
  readonly approvals: number
  readonly groups: string
  readonly policy: string
}): string {
  const approvals = `${needs.approvals} approval${needs.approvals === 1 ? '' : 's'}`
  const groups = shortName(needs.groups, longestOfTwo)
  const policy = shortName(needs.policy, longestOfTwo)
  return warning(`DRY RUN; the real command waits for ${approvals} from ${groups} (${policy})`)
}

export function warnDryRunRefused(reason: string, policy: string): string {
  return warning(`DRY RUN; the real command would be refused: ${reason} (${shortName(policy, longestPolicy)})`)
}

export function warnLapsed(request: string, by: string, at: Instant): string {
  const person = shortName(by, longestPerson)
  return warning(`approval ${request} by ${person} lapsed unused at ${clockTime(at)}; asking again`)
}

/** The policies that ask now are not those under which a person approved. */
export function warnOtherPolicies(request: string, by: string): string {
  const person = shortName(by, longestPerson)
  return warning(`approval ${request} by ${person} was for other policies; asking again`)
}

export function warnUsed(request: string, at: Instant): string {
  return warning(`approval ${request} was used at ${clockTime(at)}; this repeat is a new request`)
}
