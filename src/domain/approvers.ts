import type { ApproverGroup, ApproverGroupSpec, GroupMember, Voter } from './kinds.ts'
import { identityOf } from './person.ts'
import type { Identity } from './person.ts'

/** Who is in which group, now. Entra membership is asked beforehand and handed in: `tenant/group` of those he is in. */
export type Approvers = {
  readonly isIn: (voter: Voter, group: string) => boolean
  /** Who somebody is, whichever identity he used: two that `people[]` ties together are one person. */
  readonly personOf: (identity: Identity) => PersonID
  /** Is he the person, or in the group, that a name stands for? Undefined when it stands for nobody we know. */
  readonly isNamed: (voter: Voter, name: string) => boolean | undefined
  /** Is the identity tied to others by an entry of `people[]`? */
  readonly isTied: (identity: Identity) => boolean
  /** Everybody listed in a group by name; undefined when membership is decided elsewhere too, or there is no such group. */
  readonly listed: (group: string) => readonly GroupMember[] | undefined
}

export type PersonID = string

export type EntraMemberships = (voter: Voter) => ReadonlySet<string>

/** The directory of all groups. */
export function approversOf(groups: readonly ApproverGroup[], entra: EntraMemberships): Approvers {
  const byName = new Map(groups.map((group) => [group.metadata.name, group]))
  const people = groups.flatMap(({ spec }) => spec.people ?? [])
  const tied = tiedIdentities(people)
  const personOf = (identity: Identity): PersonID => tied.get(identity) ?? identity
  return {
    personOf,
    isTied: (identity) => tied.has(identity),
    isIn: (voter, name) => {
      const group = byName.get(name)
      return group !== undefined && isMember(group, voter, { personOf, entra })
    },
    isNamed: (voter, name) => {
      const group = byName.get(name)
      if (group !== undefined) return isMember(group, voter, { personOf, entra })
      const persons = people
        .filter((member) => member.name === name)
        .flatMap(identitiesOf)
        .map(personOf)
      const identity = identityOf(voter)
      return persons.length === 0 || identity === undefined ? undefined : persons.includes(personOf(identity))
    },
    listed: (name) => listedIn(byName.get(name)),
  }
}

type Membership = { readonly personOf: (identity: Identity) => PersonID; readonly entra: EntraMemberships }

function isMember({ spec }: ApproverGroup, voter: Voter, { personOf, entra }: Membership): boolean {
  const identity = identityOf(voter)
  if (identity === undefined) return false
  const person = personOf(identity)
  const listed = (spec.people ?? []).flatMap(identitiesOf).some((other) => personOf(other) === person)
  const claims = new Set(voter.kind === 'KubernetesUser' ? voter.groups : [])
  const ids = entra(voter)
  return (
    listed ||
    (spec.kubernetesGroups ?? []).some((group) => claims.has(group)) ||
    (spec.entraGroups ?? []).some(({ tenantID, groupID }) => ids.has(`${tenantID}/${groupID}`))
  )
}

/** All identities of an entry of `people[]`. */
export function identitiesOf({ entraUser, slackUser, kubernetesUser }: GroupMember): readonly Identity[] {
  return [
    ...(entraUser === undefined ? [] : [`entra:${entraUser.tenantID}/${entraUser.objectID}`]),
    ...(slackUser === undefined ? [] : [`slack:${slackUser.teamID}/${slackUser.userID}`]),
    ...(kubernetesUser === undefined ? [] : [`kubernetes:${kubernetesUser}`]),
  ]
}

/** Each identity with the person it belongs to. Entries that share an identity are one person, through any number of steps. */
function tiedIdentities(people: readonly GroupMember[]): ReadonlyMap<Identity, PersonID> {
  const persons = new Map<Identity, PersonID>()
  for (const identities of people.map(identitiesOf)) {
    const known = new Set(identities.flatMap((identity) => persons.get(identity) ?? []))
    const person = [...known][0] ?? identities[0]
    if (person === undefined) continue
    for (const identity of identities) persons.set(identity, person)
    for (const [identity, owner] of persons) if (known.has(owner)) persons.set(identity, person)
  }
  return persons
}

function listedIn(group: ApproverGroup | undefined): readonly GroupMember[] | undefined {
  return group === undefined || asksElsewhere(group.spec) ? undefined : (group.spec.people ?? [])
}

function asksElsewhere({ entraGroups = [], kubernetesGroups = [] }: ApproverGroupSpec): boolean {
  return entraGroups.length > 0 || kubernetesGroups.length > 0
}
