import type { TabInbox, TabRow } from '../app/tab-wire.ts'
import type { Approvers } from '../domain/approvers.ts'
import type { Instant } from '../domain/instant.ts'
import { parseInstant } from '../domain/instant.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { isSaid, safe } from '../domain/safe-text.ts'
import { standOf } from '../domain/stand.ts'
import { approvalsLine, decisionLine } from '../domain/standing-words.ts'
import type { Caller } from './caller.ts'
import { isAsked } from './standing.ts'

/** The most rows of each list. */
const mostRows = { open: 200, decided: 30 } as const

export type InboxSight = {
  readonly requests: Iterable<ApprovalRequest>
  readonly approvers: Approvers
  readonly caller: Caller
  readonly version: string
  readonly now: Instant
}

/** Everything that waits, for this person: his own first, of those the highest risk, of those the oldest. */
export function inboxOf({ requests, approvers, caller, version, now }: InboxSight): TabInbox {
  const all = [...requests]
  const row = (request: ApprovalRequest): TabRow => {
    const mine = request.status?.decision === undefined && isAsked({ request, voter: caller.voter, approvers, now })
    return rowOf(request, mine, now)
  }
  const open = all.filter(({ status }) => status?.decision === undefined).map(row)
  const decided = all.filter(({ status }) => status?.decision !== undefined).toSorted(newestFirst)
  return {
    version,
    now,
    me: caller.name,
    open: open.toSorted(urgentFirst).slice(0, mostRows.open),
    decided: decided.slice(0, mostRows.decided).map(row),
    left: Math.max(0, open.length - mostRows.open),
  }
}

function rowOf(request: ApprovalRequest, mine: boolean, now: Instant): TabRow {
  const { metadata, spec } = request
  return {
    name: metadata.name,
    summary: safe(spec.summary),
    agent: safe(spec.requester.agent),
    place: [spec.cluster.name, spec.cluster.environment].filter(isSaid).map(safe).join(' · '),
    risk: spec.risk.level,
    stand: standOf(request, now),
    needed: approvalsLine(request),
    asked: metadata.creationTimestamp ?? '',
    until: spec.expirationTime,
    mine,
    outcome: decisionLine(request, now) ?? '',
  }
}

const risks = { Critical: 0, High: 1, Medium: 2, Low: 3 } as const

function urgentFirst(a: TabRow, b: TabRow): number {
  return (
    Number(b.mine) - Number(a.mine) ||
    risks[a.risk] - risks[b.risk] ||
    instantOf(a.asked) - instantOf(b.asked) ||
    a.name.localeCompare(b.name)
  )
}

function newestFirst(a: ApprovalRequest, b: ApprovalRequest): number {
  return instantOf(b.status?.decisionTime) - instantOf(a.status?.decisionTime)
}

function instantOf(time: string | undefined): Instant {
  return parseInstant(time ?? '') ?? 0
}
