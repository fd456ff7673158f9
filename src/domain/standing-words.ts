import type { Instant } from './instant.ts'
import type { ApprovalRequest, Condition, Grant, Stage } from './kinds.ts'
import { moment } from './moment.ts'
import { isSaid, safe } from './safe-text.ts'
import { executedOf, standOf } from './stand.ts'

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
  const decided = decisionWords(request, now)
  return decided && [decided, ...aftermathWords(request, now)].join(' · ')
}

/** `DENIED by Dana Roe 10:41Z`; undefined while nothing is decided. */
export function decisionWords({ status }: ApprovalRequest, now: Instant): string | undefined {
  if (status?.decision === undefined) return undefined
  const by = isSaid(status.decidedBy) ? ` by ${safe(status.decidedBy)}` : ''
  const nobody = status.decision === 'Expired' ? ' · nobody answered · this is not a denial' : ''
  return `${words[status.decision]}${by} ${moment(status.decisionTime, now)}${nobody}`
}

/** What became of a decision: `DONE 10:31Z`, `Deployment prod/web is gone`. Nothing where nothing follows from it. */
export function aftermathWords(request: ApprovalRequest, now: Instant): readonly string[] {
  const { grant, cooldownRevoked } = request.status ?? {}
  const revoked = grant?.revoked ?? cooldownRevoked
  if (revoked !== undefined) return [`TAKEN BACK by ${safe(revoked.by)} ${moment(revoked.time, now)}`]
  return grant === undefined ? [] : useWords(request, grant, now)
}

function useWords(request: ApprovalRequest, grant: Grant, now: Instant): readonly string[] {
  const until = moment(grant.expirationTime, now)
  const stand = standOf(request, now)
  if (stand === 'NeverUsed') return [`NEVER USED · the agent did not come back by ${until}`]
  if (stand === 'AwaitingAgent') return [`waiting for the agent, valid until ${until}`]
  const executed = stand === 'Released' ? undefined : executedOf(request.status?.conditions)
  return executed === undefined ? [`used ${moment(grant.claims.at(-1)?.time, now)}`] : outcomeWords(executed, now)
}

const outcomes: Readonly<Record<string, string>> = {
  Executed: 'DONE',
  NotObserved: 'NOT OBSERVED',
  Unobservable: 'CANNOT BE OBSERVED',
}

function outcomeWords({ reason, message, lastTransitionTime }: Condition, now: Instant): readonly string[] {
  const said = `${outcomes[reason] ?? safe(reason)} ${moment(lastTransitionTime, now)}`
  return [said, ...(message === '' ? [] : [safe(message)])]
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
