import type { ApproverGroup, ApproverGroupSpec, EntraGroup, GroupMember, Voter } from './kinds.ts'
import { identityKind, identityOf } from './person.ts'
import type { Identity } from './person.ts'

/** Who is in which group, now. Entra membership is asked beforehand and handed in. */
export type Approvers = {
  readonly isIn: (voter: Voter, group: string) => boolean
  /**
   * Why somebody of Entra is in none of these groups, where there is more to say: he is in one as a guest or with a disabled
   * account, or nobody can be asked in his tenant.
   */
  readonly notCounted: (voter: Voter, groups: readonly string[]) => 'GuestMayNotVote' | 'TenantUnknown' | undefined
  /** Who somebody is, whichever identity he used: two that `people[]` ties together are one person. */
  readonly personOf: (identity: Identity) => PersonID
  /** Whom an entry of `people[]` stands for, by its name. */
  readonly personNamed: (name: string) => PersonID
  /** Every voter that the person of that name could be, by all entries that are his; none: he cannot vote at all. */
  readonly votersNamed: (name: string) => readonly Voter[]
  /**
   * Is he the person, or in the group, that a name stands for? Undefined when that cannot be told: the name stands for
   * nobody we know, or he is not listed and nothing tells his kind of identity from the person's, or the group is one of a
   * tenant in which nobody knows his account.
   */
  readonly isNamed: (voter: Voter, name: string) => boolean | undefined
  /** The further accounts in Entra, of whatever tenants, that `people[]` ties to this one of Entra. */
  readonly accountsOf: (voter: Voter) => readonly Voter[]
  /** Does an entry of `people[]` say whose identity it is? */
  readonly isTied: (identity: Identity) => boolean
  /** Everybody listed in a group by name; undefined when membership is decided elsewhere too, or there is no such group. */
  readonly listed: (group: string) => readonly GroupMember[] | undefined
}

type PersonID = string

/** The Entra groups by which somebody is an approver, each as `<tenant>/<group>`. */
export type EntraMemberships = (voter: Voter) => ReadonlySet<string>

/** Those that somebody is in, also as a guest, who is no approver by them; undefined when nobody can say. */
export type EntraPresence = (voter: Voter) => ReadonlySet<string> | undefined

/** The directory of all groups. `present` tells who is kept apart as an owner: there a guest is one too. */
export function approversOf(
  groups: readonly ApproverGroup[],
  entra: EntraMemberships,
  present: EntraPresence = entra,
): Approvers {
  const byName = new Map(groups.map((group) => [group.metadata.name, group]))
  const people = groups.flatMap(({ spec }) => spec.people ?? [])
  const tied = tiedIdentities(people)
  const personOf = (identity: Identity): PersonID => tied.get(identity) ?? identity
  const personNamed = (name: string): PersonID => personOf(named(name))
  const directory = { people, tied, personOf, entra }
  const accountsOf = (voter: Voter): readonly Voter[] => accountsIn(voter, directory)
  return {
    personOf,
    personNamed,
    accountsOf,
    votersNamed: (name) => people.filter((one) => personNamed(one.name) === personNamed(name)).flatMap(votersOf),
    isTied: (identity) => tied.has(identity),
    isIn: (voter, name) => {
      const group = byName.get(name)
      return group !== undefined && isMember(group, voter, directory)
    },
    notCounted: (voter, names) => {
      const asked = names.flatMap((name) => byName.get(name) ?? [])
      const found = new Set(asked.map((group) => isPresent(group, voter, present)))
      if (found.has(true)) return 'GuestMayNotVote'
      return found.has(undefined) ? 'TenantUnknown' : undefined
    },
    isNamed: (voter, name) => {
      const group = byName.get(name)
      if (group === undefined) return isPerson(voter, name, directory)
      if (isMember(group, voter, directory)) return true
      const all = [voter, ...accountsOf(voter)]
      const found = new Set(all.map((one) => isPresent(group, one, present)))
      if (found.has(true)) return true
      return found.has(undefined) ? undefined : isOutside(group, all)
    },
    listed: (name) => listedIn(byName.get(name)),
  }
}

type Directory = {
  readonly people: readonly GroupMember[]
  readonly tied: ReadonlyMap<string, PersonID>
  readonly personOf: (identity: Identity) => PersonID
  readonly entra: EntraMemberships
}

function isMember({ spec }: ApproverGroup, voter: Voter, { personOf, entra }: Directory): boolean {
  const identity = identityOf(voter)
  if (identity === undefined) return false
  const person = personOf(identity)
  const claims = new Set(voter.kind === 'KubernetesUser' ? voter.groups : [])
  return (
    (spec.people ?? []).some(({ name }) => personOf(named(name)) === person) ||
    (spec.kubernetesGroups ?? []).some((group) => claims.has(group)) ||
    (spec.entraGroups ?? []).some((group) => isOneOf(entra(voter), group))
  )
}

function accountsIn(voter: Voter, { people, tied, personOf }: Directory): readonly Voter[] {
  const identity = identityOf(voter)
  if (voter.kind !== 'EntraUser' || identity === undefined || !tied.has(identity)) return []
  const own = people.filter(({ name }) => personOf(named(name)) === personOf(identity)).flatMap(votersOf)
  return own.filter((one) => one.kind === 'EntraUser' && identityOf(one) !== identity)
}

/** The tenant of an account in Entra. */
function homeOf({ kind, tenantID }: Voter): string | undefined {
  return kind === 'EntraUser' ? tenantID?.toLowerCase() : undefined
}

/** Undefined where nobody can say. In groups of other tenants than his own no account is. */
function isPresent({ spec }: ApproverGroup, voter: Voter, present: EntraPresence): boolean | undefined {
  const home = homeOf(voter)
  const inEntra = (spec.entraGroups ?? []).filter(({ tenantID }) => tenantID.toLowerCase() === home)
  if (inEntra.length === 0) return false
  const found = present(voter)
  return found === undefined ? undefined : inEntra.some((group) => isOneOf(found, group))
}

/**
 * False when a person with these accounts, who is in it by none of them, is not in it for certain. A group that is kept
 * elsewhere too, under another kind of identity or in another tenant, may have him all the same: then nobody can say.
 */
function isOutside({ spec }: ApproverGroup, accounts: readonly Voter[]): false | undefined {
  const { entraGroups = [], kubernetesGroups = [] } = spec
  const homes = new Set(accounts.map(homeOf))
  const elsewhere =
    entraGroups.some(({ tenantID }) => !homes.has(tenantID.toLowerCase())) ||
    (kubernetesGroups.length > 0 && accounts.some(({ kind }) => kind !== 'KubernetesUser'))
  return elsewhere ? undefined : false
}

function isOneOf(ids: ReadonlySet<string>, { tenantID, groupID }: EntraGroup): boolean {
  const wanted = `${tenantID}/${groupID}`.toLowerCase()
  return [...ids].some((id) => id.toLowerCase() === wanted)
}

function isPerson(voter: Voter, name: string, { people, tied, personOf }: Directory): boolean | undefined {
  const person = tied.get(named(name))
  const identity = identityOf(voter)
  if (person === undefined || identity === undefined) return undefined
  if (personOf(identity) === person) return true
  if (tied.has(identity)) return false
  const known = people.filter((member) => personOf(named(member.name)) === person).flatMap(identitiesOf)
  return known.some((other) => identityKind(other) === identityKind(identity)) ? false : undefined
}

/** All identities of an entry of `people[]`. */
export function identitiesOf(member: GroupMember): readonly Identity[] {
  return votersOf(member).flatMap((voter) => identityOf(voter) ?? [])
}

/** What of an entry is no whole identity is none. */
function votersOf({ entraUser, slackUser, kubernetesUser }: GroupMember): readonly Voter[] {
  const voters: readonly (Voter | undefined)[] = [
    entraUser && { kind: 'EntraUser', ...entraUser },
    slackUser && { kind: 'SlackUser', ...slackUser },
    kubernetesUser === undefined ? undefined : { kind: 'KubernetesUser', username: kubernetesUser },
  ]
  return voters.filter((voter) => voter !== undefined).filter((voter) => identityOf(voter) !== undefined)
}

/** A person by name, beside the identities: a name stands for the same person in every group. */
function named(name: string): PersonID {
  return `person:${name}`
}

/**
 * Each identity, and each name, with the person it belongs to. Entries that share a name or an identity are one person,
 * through any number of steps.
 */
function tiedIdentities(people: readonly GroupMember[]): ReadonlyMap<string, PersonID> {
  const persons = new Map<string, PersonID>()
  for (const member of people) {
    const own = [named(member.name), ...identitiesOf(member)]
    const known = new Set(own.flatMap((one) => persons.get(one) ?? []))
    const person = [...known][0] ?? named(member.name)
    for (const one of own) persons.set(one, person)
    if (known.size < 2) continue
    for (const [one, owner] of persons) if (known.has(owner)) persons.set(one, person)
  }
  return persons
}

function listedIn(group: ApproverGroup | undefined): readonly GroupMember[] | undefined {
  return group === undefined || asksElsewhere(group.spec) ? undefined : (group.spec.people ?? [])
}

function asksElsewhere({ entraGroups = [], kubernetesGroups = [] }: ApproverGroupSpec): boolean {
  return entraGroups.length > 0 || kubernetesGroups.length > 0
}
