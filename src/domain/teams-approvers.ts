import { approversOf } from './approvers.ts'
import type { ApproverGroup, GroupMember, Voter } from './kinds.ts'

/** Who of a group can answer in Teams. */
export type TeamsApprovers = {
  /** Of the ApproverGroup. */
  readonly group: string
  /** Names for people to read. */
  readonly people: readonly string[]
  /** How many groups of Entra belong to it. Who is in them is not known here. */
  readonly entraGroups: number
}

/**
 * Of each group those whom Teams can tell apart: people with an identity in Entra, by whichever entry, and groups of Entra,
 * of this tenant. Nobody of another tenant can answer in the channel.
 */
export function teamsApprovers(groups: readonly ApproverGroup[], tenantID: string): readonly TeamsApprovers[] {
  const { votersNamed } = approversOf(groups, () => new Set())
  const here = (tenant: string | undefined): boolean => tenant?.toLowerCase() === tenantID.toLowerCase()
  const isHere = (voter: Voter): boolean => voter.kind === 'EntraUser' && here(voter.tenantID)
  return groups.map(({ metadata, spec }) => ({
    group: metadata.name,
    people: (spec.people ?? []).filter(({ name }) => votersNamed(name).some(isHere)).map(shownName),
    entraGroups: (spec.entraGroups ?? []).filter((one) => here(one.tenantID)).length,
  }))
}

/** The groups whose people or whose entries say that somebody of Entra is in them. Groups of Entra are not asked. */
export function listedGroups(
  groups: readonly ApproverGroup[],
  person: { readonly tenantID: string; readonly objectID: string },
): readonly string[] {
  const { isIn } = approversOf(groups, () => new Set())
  return groups.map(({ metadata }) => metadata.name).filter((name) => isIn({ kind: 'EntraUser', ...person }, name))
}

function shownName({ name, displayName = '' }: GroupMember): string {
  return displayName === '' ? name : displayName
}
