import type { Instant } from './instant.ts'
import { shortened } from './inert.ts'
import { clockTime, personName, policyName, quoted } from './wording.ts'
import type { PersonsWord } from './wording.ts'

/** The longest warning, in characters; the API server cuts longer ones when there are many. */
export const longestWarning = 120

function warning(words: string): string {
  return shortened(`countersign: ${words}`, longestWarning)
}

export function warnPending(request: { readonly namespace: string; readonly name: string }): string {
  return warning(`waiting for a person; request ${request.name} in namespace ${request.namespace}`)
}

export function warnApproved(by: PersonsWord, request: string): string {
  return warning(`approved by ${personName(by.by)} at ${clockTime(by.time)}, used up by this command (${request})`)
}

export function warnComment(by: string, comment: string): string {
  return warning(`${personName(by)} wrote: ${quoted(comment)}`)
}

export function warnPolicy(policy: string): string {
  return warning(`allowed; recorded by policy ${policyName(policy)} (Warn); no approval was needed`)
}

export function warnDryRun(needs: {
  readonly approvals: number
  readonly groups: string
  readonly policy: string
}): string {
  const approvals = `${needs.approvals} approval${needs.approvals === 1 ? '' : 's'}`
  return warning(
    `DRY RUN; the real command waits for ${approvals} from ${personName(needs.groups)} (${policyName(needs.policy)})`,
  )
}

export function warnDryRunRefused(reason: string, policy: string): string {
  return warning(`DRY RUN; the real command would be refused: ${reason} (${policyName(policy)})`)
}

export function warnLapsed(request: string, by: string, at: Instant): string {
  return warning(`approval ${request} by ${personName(by)} lapsed unused at ${clockTime(at)}; asking again`)
}

export function warnUsed(request: string, at: Instant): string {
  return warning(`approval ${request} was used at ${clockTime(at)}; this repeat is a new request`)
}
