import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, RequestedAction, SimilarRequest } from '../domain/kinds.ts'
import type { ShownDiff } from './full-diff.ts'
import { age, moment, timeLeft } from '../domain/moment.ts'
import { safe, safeLines } from '../domain/safe-text.ts'
import { approvalsLine, decisionLine } from '../domain/standing-words.ts'

/** What one line of the briefing is, for who paints it. No meaning hangs on the paint. */
export type Line = { readonly text: string; readonly paint?: 'Strong' | 'Added' | 'Removed' | 'Faint' }

/**
 * What an approver must see, in this order: place and risk, deed, effect, reason for asking, the agent's claim (marked),
 * who is behind it, history, votes, the change, and last what the request is known by. Nothing that an agent wrote stands
 * above the effect.
 */
export function briefing(request: ApprovalRequest, diff: ShownDiff, now: Instant): readonly Line[] {
  const { spec } = request
  const action = spec.actions[0]
  if (action === undefined) return [{ text: 'This request has no action; do not approve it.', paint: 'Strong' }]
  return [
    ...headline(request, now),
    { text: `${safe(spec.requester.agent)} wants to ${deed(action)}`, paint: 'Strong' },
    { text: target(action), paint: 'Strong' },
    ...fact('In short', [safe(spec.summary)]),
    ...fact('Effect', effects(request, action)),
    ...fact(
      'Asked because',
      spec.policies.map(({ name, message }) => because(name, message)),
    ),
    ...fact('Risk because', (spec.risk.reasons ?? []).map(safe)),
    ...fact('Agent says, unchecked', [claimOf(request, now)]),
    ...fact('Behind it', [people(request)]),
    ...fact('Lately', lately(request, now)),
    ...fact('Votes', votes(request, now)),
    ...change(diff),
    { text: footer(request, action, diff), paint: 'Faint' },
  ]
}

function headline(request: ApprovalRequest, now: Instant): readonly Line[] {
  const { cluster, risk, expirationTime } = request.spec
  const place = [risk.level.toUpperCase(), cluster.name, cluster.environment].filter(isSaid).map(safe).join(' · ')
  const decided = decisionLine(request, now)
  const left = timeLeft(expirationTime, now)
  const deadline =
    left === undefined
      ? `the deadline ${moment(expirationTime, now)} is over`
      : `until ${moment(expirationTime, now)} (${left})`
  return [{ text: `${place}    ${decided ?? `${approvalsLine(request)} · ${deadline}`}`, paint: 'Strong' }]
}

const connects: Readonly<Record<string, string>> = {
  exec: 'RUN A COMMAND IN',
  attach: 'ATTACH TO',
  portforward: 'FORWARD PORTS OF',
  proxy: 'SEND REQUESTS THROUGH',
}

function deed(action: RequestedAction): string {
  const { operation, resource } = action
  const { subresource } = resource
  if (operation === 'Connect') return connects[subresource] ?? `CONNECT TO ${safe(subresource)} OF`
  if (subresource === 'eviction') return 'EVICT'
  const of = subresource === '' ? '' : ` ${safe(subresource)} OF`
  return operation === 'Update' ? `CHANGE ${fields(action)} of${of}` : `${operation.toUpperCase()}${of}`
}

function fields({ paths = [], pathCount = paths.length }: RequestedAction): string {
  return pathCount === 1 ? '1 field' : `${pathCount} fields`
}

function target(action: RequestedAction): string {
  const { kind, namespace, name, generateName, operation, resource, connect } = action
  const named = name ?? (generateName === undefined ? '' : `${generateName}????? (the agent may choose)`)
  const place = [namespace, named].filter(isSaid).map(safe).join(' / ')
  const news = operation === 'Create' && resource.subresource === '' ? '   (new)' : ''
  const container = connect?.container === undefined ? '' : `   container ${safe(connect.container)}`
  return `${safe(kind)}   ${place}${news}${container}`
}

function effects({ status }: ApprovalRequest, action: RequestedAction): readonly string[] {
  const found = status?.context === undefined ? ['not looked at yet'] : (status.context.effects ?? []).map(safe)
  const checked = action.targetChecked === false ? ['The target was not compared with the live object.'] : []
  return [...found, ...checked, ...(isInteractive(action) ? ['What will be typed is not known.'] : [])]
}

function isInteractive({ connect }: RequestedAction): boolean {
  return connect?.stdin === true || connect?.tty === true
}

function because(policy: string, message: string | undefined): string {
  return isSaid(message) ? `${safe(message)} (policy ${safe(policy)})` : `policy ${safe(policy)}`
}

function claimOf({ spec: { justification } }: ApprovalRequest, now: Instant): string {
  if (justification === undefined) return 'nothing'
  const { text, ticket, time } = justification
  const said = isSaid(text) ? [`"${safe(text).replaceAll('"', "'")}"`] : []
  const written = time === undefined ? [] : [`${age(time, now)} ago`]
  return [...said, ...(isSaid(ticket) ? [safe(ticket)] : []), ...written].join(' · ')
}

function people({ spec: { requester } }: ApprovalRequest): string {
  const { owner, onBehalfOf, pod, username } = requester
  return [
    isSaid(owner) ? `owner ${safe(owner)}` : 'no owner is named',
    ...(isSaid(onBehalfOf) ? [`on behalf of ${safe(onBehalfOf)}`] : []),
    ...(pod === undefined ? [] : [`pod ${safe(pod.namespace)}/${safe(pod.name)}`]),
    safe(username),
  ].join(' · ')
}

function lately({ spec, status }: ApprovalRequest, now: Instant): readonly string[] {
  const { number, expiredTimes = [] } = spec.attempt
  const times = expiredTimes.map((time) => moment(time, now))
  const unanswered = times.length === 0 ? '' : `, nobody answered at ${times.join(', ')}`
  const again = number > 1 ? [`attempt ${number}${unanswered}`] : []
  return [...again, ...(status?.context?.similar ?? []).map((one) => similar(one, now))]
}

function similar({ summary, decision, decidedBy, decisionTime, comment }: SimilarRequest, now: Instant): string {
  const what =
    decision === undefined
      ? 'waiting'
      : `${decision}${isSaid(decidedBy) ? ` by ${safe(decidedBy)}` : ''} ${moment(decisionTime, now)}`
  return `${safe(summary)}: ${what}${isSaid(comment) ? `: "${safe(comment)}"` : ''}`
}

function votes({ status }: ApprovalRequest, now: Instant): readonly string[] {
  return (status?.votes ?? []).map(({ person, verdict, time, comment, counted, refusal }) => {
    const judged = counted ? '' : ` · not counted: ${safe(refusal ?? 'unknown')}`
    return `${safe(person)} ${verdict} ${moment(time, now)}${isSaid(comment) ? `: "${safe(comment)}"` : ''}${judged}`
  })
}

function change({ text, missing }: ShownDiff): readonly Line[] {
  const lines = text === '' ? [] : safeLines(text).map((line): Line => ({ text: `  ${line}`, ...paintOf(line) }))
  const cut: readonly Line[] =
    missing === undefined ? [] : [{ text: `  NOT SHOWN IN FULL: ${safe(missing)}`, paint: 'Strong' }]
  return [{ text: 'Change' }, ...lines, ...cut]
}

function paintOf(line: string): Pick<Line, 'paint'> {
  if (line.startsWith('+')) return { paint: 'Added' }
  return line.startsWith('-') ? { paint: 'Removed' } : {}
}

function footer({ metadata, spec }: ApprovalRequest, { digest, diff }: RequestedAction, shown: ShownDiff): string {
  const masked = diff.maskedCount ?? diff.maskedPaths?.length ?? 0
  const hidden = masked === 0 ? 'nothing masked' : `${masked} masked: ${(diff.maskedPaths ?? []).map(safe).join(', ')}`
  const whole = shown.missing === undefined ? 'shown in full' : `only the beginning of ${diff.totalLines} lines shown`
  const rule = { Optional: '', OnDeny: ' · a reason is needed to deny', Always: ' · a reason is needed' }
  return `${metadata.name} · ${digest.replace('sha256:', '').slice(0, 8)} · ${hidden} · ${whole}${rule[spec.requirements.comment]}`
}

const indent = 14

function fact(label: string, texts: readonly string[]): readonly Line[] {
  return texts.map((text, index) => ({
    text: `${index === 0 ? (label.length < indent ? label.padEnd(indent) : `${label}   `) : ' '.repeat(indent)}${text}`,
  }))
}

function isSaid(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}
