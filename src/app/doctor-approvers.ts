import type { ApproverGroup } from '../domain/kinds.ts'
import { safe } from '../domain/safe-text.ts'
import { listedGroups, teamsApprovers } from '../domain/teams-approvers.ts'
import type { TeamsApprovers } from '../domain/teams-approvers.ts'
import type { TeamsApprovalChannel } from './doctor-channel.ts'
import { fails, holds, open } from './doctor-finding.ts'
import type { Finding } from './doctor-finding.ts'
import type { Known } from './doctor-ports.ts'

type Groups = Known<readonly ApproverGroup[]>

const mostNames = 5

/** Who can approve in the channel at all, and which group cannot. */
export function approverFindings(groups: Groups, { spec: { teams } }: TeamsApprovalChannel): readonly Finding[] {
  if ('unreadable' in groups) {
    const cure = 'it takes the right to list approvergroups'
    return [fails('who may approve could not be read', { cause: groups.unreadable, cure })]
  }
  const all = teamsApprovers(groups.value, teams.tenantID)
  const [able, unable] = [all.filter(isAble), all.filter((one) => !isAble(one))]
  if (able.length === 0) return [nobody(all.length, teams.tenantID)]
  const notHere = unable.map(({ group }) => safe(group)).join(', ')
  return [
    holds(`may approve in Teams: ${able.map(membersOf).join('; ')}`),
    ...(notHere === '' ? [] : [open(`has nobody who could answer in Teams: ${notHere}`)]),
    ...(able.some(({ entraGroups }) => entraGroups > 0) ? [graphUnknown] : []),
  ]
}

/** Reading a group takes the bot's credential, which the doctor has not. */
const graphUnknown = open('whether the app may read groups of Entra is not known from here', {
  cause: 'it shows when the first vote of a member is judged',
  cure: 'the app needs GroupMember.Read.All and User.Read.All of Microsoft Graph, with consent',
})

function isAble({ people, entraGroups }: TeamsApprovers): boolean {
  return people.length > 0 || entraGroups > 0
}

function membersOf({ group, people, entraGroups }: TeamsApprovers): string {
  const more = people.length - mostNames
  const names = people.slice(0, mostNames).map(safe).join(', ') + (more > 0 ? ` and ${more} more` : '')
  const members = entraGroups === 1 ? 'members of a group of Entra' : `members of ${entraGroups} groups of Entra`
  return `${safe(group)} (${[names, entraGroups === 0 ? '' : members].filter((part) => part !== '').join(', ')})`
}

function nobody(count: number, tenantID: string): Finding {
  const cause = count === 0 ? 'there is no ApproverGroup' : `no ApproverGroup has anybody of tenant ${safe(tenantID)}`
  return fails('nobody may approve in Teams', {
    cause,
    cure: 'write hi to the bot, and put the line that it answers into spec.people: kubectl edit apg approvers',
  })
}

/** Whether somebody who has written to the bot may approve. */
export function writerFinding(groups: Groups, { spec }: TeamsApprovalChannel, objectID: string): Finding {
  const who = `object id ${safe(objectID)}`
  if ('unreadable' in groups) return open(`the message is from ${who}; whose groups could not be read`)
  const { tenantID } = spec.teams
  const listed = listedGroups(groups.value, { tenantID, objectID })
  if (listed.length > 0) return holds(`the message is from ${who}, who may approve: ${listed.map(safe).join(', ')}`)
  const inEntra = teamsApprovers(groups.value, tenantID).some(({ entraGroups }) => entraGroups > 0)
  return open(`the message is from ${who}, who is in no list of people`, {
    cause: inEntra ? 'a group of Entra may have this person; that is asked when a vote is judged' : undefined,
    cure: `to let this person approve, add to spec.people of an ApproverGroup: { name: YOUR-NAME, entraUser: { tenantID: ${safe(tenantID)}, objectID: ${safe(objectID)} } }`,
  })
}
