import type { Approvers } from '../domain/approvers.ts'
import type { Refusal } from '../domain/check.ts'
import type { GroupMember, Stage, Voter } from '../domain/kinds.ts'
import { identityOf } from '../domain/person.ts'
import { noEligibleApprover } from '../domain/refused-message.ts'
import type { GatedCall } from './gated-call.ts'

/**
 * Refuses what no stage's people could approve, by the checks that their votes would meet: better at once than after a
 * timeout. Only where the whole of every group is listed by name: a directory elsewhere may always hold somebody.
 */
export function nobodyEligible(approvers: Approvers, gated: GatedCall): Refusal | undefined {
  for (const stage of gated.demand.requirements.stages) {
    const groups = groupsOf(stage, gated)
    const listed = groups.map((name) => approvers.listed(name))
    if (listed.includes(undefined)) continue
    const people = peopleOf(
      listed.flatMap((members) => members ?? []),
      approvers,
    )
    const standings = people.map((name) => standingOf(name, approvers, gated))
    const eligible = standings.filter((standing) => standing === 'Eligible').length
    if (eligible >= stage.quorum) continue
    const why = wordsFor(standings, gated.agent.name)
    return noEligibleApprover(gated.deed, { approvals: stage.quorum, groups, why })
  }
  return undefined
}

/** The stage's own, and those that escalation adds before the request expires. */
function groupsOf({ approverGroupRefs }: Stage, { demand }: GatedCall): readonly string[] {
  const later = (demand.requirements.escalation ?? []).filter(
    ({ afterSeconds }) => afterSeconds < demand.expirationSeconds,
  )
  const refs = [...approverGroupRefs, ...later.flatMap((step) => step.approverGroupRefs ?? [])]
  return [...new Set(refs.map(({ name }) => name))]
}

/** One name for each person, however many entries are his. */
function peopleOf(members: readonly GroupMember[], { personNamed }: Approvers): readonly string[] {
  return [...new Map(members.map(({ name }) => [personNamed(name), name])).values()]
}

type Standing = 'Eligible' | 'NoIdentity' | 'IsAgent' | 'Owner' | 'OnBehalfOf' | 'Undetermined'

/** One identity that may vote is enough. */
function standingOf(name: string, approvers: Approvers, gated: GatedCall): Standing {
  const standings = approvers.votersNamed(name).map((voter) => votingStanding(voter, approvers, gated))
  return standings.find((standing) => standing === 'Eligible') ?? standings[0] ?? 'NoIdentity'
}

function votingStanding(voter: Voter, approvers: Approvers, gated: GatedCall): Standing {
  if (isAgent(voter, approvers, gated)) return 'IsAgent'
  const { owner, onBehalfOf } = gated.agent
  const { separation = [] } = gated.demand.requirements
  const facing = { voter, approvers }
  const owns = separation.includes('Owner') ? apart(owner, 'Owner', facing) : undefined
  if (owns !== undefined) return owns
  return (separation.includes('OnBehalfOf') ? apart(onBehalfOf, 'OnBehalfOf', facing) : undefined) ?? 'Eligible'
}

/** The requester, under whichever identity, and every service account. */
function isAgent(voter: Voter, { personOf }: Approvers, { call }: GatedCall): boolean {
  const identity = identityOf(voter)
  const asking = personOf(`kubernetes:${call.action.agent.username}`)
  const isRequester = identity !== undefined && personOf(identity) === asking
  return isRequester || voter.username?.startsWith('system:serviceaccount:') === true
}

function apart(
  name: string | undefined,
  standing: Standing,
  { voter, approvers }: { readonly voter: Voter; readonly approvers: Approvers },
): Standing | undefined {
  const isNamed = name === undefined ? false : approvers.isNamed(voter, name)
  if (isNamed === undefined) return 'Undetermined'
  return isNamed ? standing : undefined
}

/** What is said of one, and of several. */
const words: Readonly<Record<Standing, (agent: string) => readonly [string, string]>> = {
  Eligible: () => ['may', 'may'],
  Owner: (agent) => [`owns ${agent}`, `own ${agent}`],
  OnBehalfOf: (agent) => [`has ${agent} work for him or her`, `have ${agent} work for them`],
  Undetermined: () => ['cannot be told from its owner', 'cannot be told from its owner'],
  IsAgent: () => ['is an agent', 'are agents'],
  NoIdentity: () => ['has no identity', 'have no identity'],
}

/** `3 people: 1 owns agents/bot, 2 have no identity`; `0 people`. */
function wordsFor(standings: readonly Standing[], agent: string): string {
  const parts = Object.entries(words).flatMap(([standing, phrase]) => {
    const count = standings.filter((one) => one === standing).length
    const [one, more] = phrase(agent)
    return count === 0 ? [] : [`${count} ${count === 1 ? one : more}`]
  })
  const people = `${standings.length} ${standings.length === 1 ? 'person' : 'people'}`
  return standings.length === 0 ? people : `${people}: ${parts.join(', ')}`
}
