import type { Approvers } from '../domain/approvers.ts'
import type { ApprovalRequest, ApprovalVote, ApproverGroup, Voter } from '../domain/kinds.ts'
import { identityOf } from '../domain/person.ts'
import { assuranceFor } from '../domain/requirements.ts'
import { stageGroups } from '../domain/vote.ts'
import type { MembershipQuestion } from './memberships.ts'

/** A request with the votes that are to be judged. */
export type Judged = { readonly request: ApprovalRequest; readonly votes: readonly ApprovalVote[] }

/** `listed`: the directory of the same groups, by what they say themselves. */
export type Directory = { readonly groups: readonly ApproverGroup[]; readonly listed: Approvers }

/**
 * What is to be asked of Entra before these votes can be judged: of each voter in Entra, whether he is in the Entra groups
 * of his tenant that stand in a group that decides, or that he is kept apart from; of his further accounts, whether they are
 * in the latter. Nothing is asked about a group in which he is listed, nor for a vote that was refused before.
 */
export function membershipsNeeded(judged: Judged, directory: Directory): readonly MembershipQuestion[] {
  const fresh = needsSignIn(judged.request)
  const found = new Map<string, MembershipQuestion>()
  const votes = judged.votes.filter((vote) => !wasRefused(judged.request, vote))
  for (const { voter, names } of votes.flatMap((vote) => accountsWithGroups(judged.request, vote, directory))) {
    const key = identityOf(voter)
    const person = personIn(voter)
    if (key === undefined || person === undefined) continue
    const groupIDs = groupsFor(voter, names, directory)
    const known = found.get(key)?.groupIDs ?? []
    const all = [...new Set([...known, ...groupIDs])].toSorted()
    if (all.length > 0) found.set(key, { ...person, groupIDs: all, fresh })
  }
  return [...found.values()]
}

/** What is said of approvals that need a signed-in person: there, nothing of before will do. */
function needsSignIn({ spec }: ApprovalRequest): boolean {
  return spec.requirements.assurance === 'SignedIn' || assuranceFor(spec.risk.level) === 'SignedIn'
}

type Account = { readonly voter: Voter; readonly names: ReadonlySet<string> }

function accountsWithGroups(
  request: ApprovalRequest,
  { spec }: ApprovalVote,
  { listed }: Directory,
): readonly Account[] {
  const apart = new Set(keptApart(request))
  const further = listed.accountsOf(spec.voter).map((voter) => ({ voter, names: apart }))
  return [{ voter: spec.voter, names: new Set([...deciding(request), ...apart]) }, ...further]
}

function personIn(voter: Voter): Pick<MembershipQuestion, 'tenantID' | 'objectID'> | undefined {
  const { kind, tenantID, objectID } = voter
  if (kind !== 'EntraUser' || tenantID === undefined || objectID === undefined) return undefined
  return { tenantID: tenantID.toLowerCase(), objectID: objectID.toLowerCase() }
}

/** Was the voter told that this vote does not count? Then it stays so. */
export function wasRefused({ status }: ApprovalRequest, { metadata }: ApprovalVote): boolean {
  return (status?.votes ?? []).some(({ uid, refusal }) => uid === metadata.uid && refusal !== undefined)
}

function groupsFor(voter: Voter, names: Account['names'], { groups, listed }: Directory): readonly string[] {
  const tenantID = voter.tenantID?.toLowerCase()
  return groups
    .filter(({ metadata }) => names.has(metadata.name) && !listed.isIn(voter, metadata.name))
    .flatMap((group) => group.spec.entraGroups ?? [])
    .filter((group) => group.tenantID.toLowerCase() === tenantID)
    .map(({ groupID }) => groupID.toLowerCase())
}

/** Also those of escalation steps that are not due yet: they may be a moment later, when the vote is judged. */
function deciding({ spec }: ApprovalRequest): readonly string[] {
  const { stages, escalation = [] } = spec.requirements
  return [
    ...stages.flatMap(stageGroups),
    ...escalation.flatMap(({ approverGroupRefs = [] }) => approverGroupRefs.map(({ name }) => name)),
  ]
}

/** An owner may be named by the name of a group. */
function keptApart({ spec }: ApprovalRequest): readonly string[] {
  const { owner, onBehalfOf } = spec.requester
  return [owner, onBehalfOf].filter((name) => name !== undefined)
}
