import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, Condition, Grant, Stage } from './kinds.ts'
import { moment } from './moment.ts'
import { safe } from './safe-text.ts'

/** One word for where a request stands, as `kubectl get apr` shows it. */
export function stateOf({ status }: ApprovalRequest): string {
  const decided = status?.conditions?.find(({ type }) => type === 'Decided')
  return status?.decision ?? safe(decided?.reason ?? 'Pending')
}

const words = {
  Approved: 'APPROVED',
  Denied: 'DENIED',
  ChangesRequested: 'CHANGES REQUESTED',
  Expired: 'EXPIRED',
} as const

/** `APPROVED by Alice Kim 10:24Z`, and what became of it; undefined while nothing is decided. */
export function decisionLine(request: ApprovalRequest, now: Instant): string | undefined {
  const { status } = request
  if (status?.decision === undefined) return undefined
  const by = status.decidedBy === undefined ? '' : ` by ${safe(status.decidedBy)}`
  const nobody = status.decision === 'Expired' ? ' · nobody answered · this is not a denial' : ''
  return [
    `${words[status.decision]}${by} ${moment(status.decisionTime, now)}${nobody}`,
    ...aftermath(request, now),
  ].join(' · ')
}

function aftermath({ status = {} }: ApprovalRequest, now: Instant): readonly string[] {
  const { grant, cooldownRevoked, conditions = [] } = status
  const revoked = grant?.revoked ?? cooldownRevoked
  if (revoked !== undefined) return [`TAKEN BACK by ${safe(revoked.by)} ${moment(revoked.time, now)}`]
  const executed = conditions.find(({ type, reason }) => type === 'Executed' && reason !== 'Released')
  if (executed !== undefined) return outcome(executed)
  return grant === undefined ? [] : [useOf(grant, now)]
}

const outcomes: Readonly<Record<string, string>> = {
  Executed: 'DONE',
  NotObserved: 'NOT OBSERVED',
  Unobservable: 'CANNOT BE OBSERVED',
}

function outcome({ reason, message }: Condition): readonly string[] {
  return [outcomes[reason] ?? safe(reason), ...(message === '' ? [] : [safe(message)])]
}

function useOf({ claims, expirationTime }: Grant, now: Instant): string {
  const used = claims.at(-1)
  if (used !== undefined) return `used ${moment(used.time, now)}`
  const until = moment(expirationTime, now)
  const isOver = (parseInstant(expirationTime) ?? 0) <= now
  return isOver ? `NEVER USED · the agent did not come back by ${until}` : `waiting for the agent, valid until ${until}`
}

/** `platform 1/1 · security 0/1`, or `1 approval of approvers` where there is one stage with one voice. */
export function approvalsLine({ spec, status }: ApprovalRequest): string {
  const { stages } = spec.requirements
  const counts = stages.map((stage) => ({
    stage,
    has: status?.stages?.find(({ name }) => name === stage.name)?.approvals ?? 0,
  }))
  const [only] = counts
  if (only !== undefined && counts.length === 1 && only.has === 0)
    return `${needed(only.stage)} of ${groupsOf(only.stage)}`
  return counts.map(({ stage, has }) => `${safe(stage.name)} ${has}/${stage.quorum}`).join(' · ')
}

function needed({ quorum }: Stage): string {
  return quorum === 1 ? '1 approval' : `${quorum} approvals`
}

function groupsOf({ approverGroupRefs }: Stage): string {
  return approverGroupRefs.map(({ name }) => safe(name)).join(' or ')
}

/** `1 of 2 approvals`, all stages together. */
export function progressWords({ spec, status }: ApprovalRequest): string {
  const required = spec.requirements.stages.reduce((sum, { quorum }) => sum + quorum, 0)
  const has = (status?.stages ?? []).reduce((sum, stage) => sum + Math.min(stage.approvals, stage.required), 0)
  return `${has} of ${required} ${required === 1 ? 'approval' : 'approvals'}`
}
