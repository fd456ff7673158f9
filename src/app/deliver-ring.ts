import type { Approvers } from '../domain/approvers.ts'
import { identityOf } from '../domain/person.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, GroupMember, Voter } from '../domain/kinds.ts'
import { groupsAsked } from '../domain/vote.ts'

/** Whom a card may ring. */
export type RingSight = {
  readonly request: ApprovalRequest
  readonly approvers: Pick<Approvers, 'isNamed' | 'personOf'>
  /** People whom a group lists one by one. */
  readonly peopleIn: (group: string) => readonly GroupMember[]
  readonly tenantID: string
  readonly now: Instant
}

const mostRung = 5

/**
 * Object ids of at most five people of the tenant who may decide the request: listed in a group that is asked, not the
 * owner, not the person for whom the agent works, not the one who asks. Members of Entra groups are not known by name.
 */
export function whomToRing({ request, approvers, peopleIn, tenantID, now }: RingSight): readonly string[] {
  const { owner, onBehalfOf, username } = request.spec.requester
  const asking = approvers.personOf(`kubernetes:${username}`)
  const voters = groupsAsked(request, now).flatMap(peopleIn).flatMap(voterOf)
  const eligible = voters.filter((voter) => {
    const identity = identityOf(voter)
    const sameTenant = voter.tenantID?.toLowerCase() === tenantID.toLowerCase()
    const apart = [owner, onBehalfOf].every((name) => name === undefined || approvers.isNamed(voter, name) === false)
    return identity !== undefined && sameTenant && apart && approvers.personOf(identity) !== asking
  })
  return [...new Set(eligible.flatMap(({ objectID }) => objectID?.toLowerCase() ?? []))].slice(0, mostRung)
}

function voterOf({ entraUser }: GroupMember): readonly Voter[] {
  return entraUser === undefined ? [] : [{ kind: 'EntraUser', ...entraUser }]
}

const burstMs = 10 * 60_000
const mostInBurst = 6

/** Counts the cards that one channel gets of each agent. */
export type RingBrake = {
  /** May the next one ring? After six in ten minutes, the others come in silence. */
  readonly mayRing: (agent: string, now: Instant) => boolean
  readonly posted: (agent: string, now: Instant) => void
}

export function makeRingBrake(): RingBrake {
  const byAgent = new Map<string, readonly Instant[]>()
  const recent = (agent: string, now: Instant): readonly Instant[] =>
    (byAgent.get(agent) ?? []).filter((time) => time > now - burstMs)
  return {
    mayRing: (agent, now) => recent(agent, now).length < mostInBurst,
    posted: (agent, now) => {
      for (const [one, times] of byAgent) if ((times.at(-1) ?? 0) <= now - burstMs) byAgent.delete(one)
      byAgent.set(agent, [...recent(agent, now), now])
    },
  }
}
