import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { age, moment } from '../domain/moment.ts'
import { safe } from '../domain/safe-text.ts'
import { stateOf } from '../domain/standing-words.ts'

const head = ['NAME', 'AGENT', 'ACTION', 'RISK', 'STATE', 'VOTES', 'DEADLINE', 'AGE']

/** A table as kubectl prints it, the oldest request first: it has the least time left. */
export function requestTable(requests: readonly ApprovalRequest[], now: Instant): string {
  const rows = [head, ...requests.toSorted(byAge).map((request) => rowOf(request, now))]
  const widths = head.map((_title, column) => Math.max(...rows.map((row) => Array.from(row[column] ?? '').length)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => padded(cell, widths[column] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('')
}

function rowOf(request: ApprovalRequest, now: Instant): readonly string[] {
  const { metadata, spec, status } = request
  const required = spec.requirements.stages.reduce((sum, { quorum }) => sum + quorum, 0)
  return [
    safe(metadata.name),
    safe(spec.requester.agent),
    safe(spec.summary),
    spec.risk.level,
    stateOf(request),
    safe(status?.progress ?? `0/${required}`),
    moment(spec.expirationTime, now),
    age(metadata.creationTimestamp, now),
  ]
}

function byAge(a: ApprovalRequest, b: ApprovalRequest): number {
  const [one = '', other = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  return one.localeCompare(other) || a.metadata.name.localeCompare(b.metadata.name)
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - Array.from(text).length))
}
