import { deedOf, targetOf } from './briefing-deed.ts'
import { factsOf } from './briefing-facts.ts'
import type { Fact } from './briefing-facts.ts'
import { decidingWords } from './deciding-words.ts'
import { effectsOf } from './effects.ts'
import type { Detail, ShownDiff } from './effects.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, ApprovalRequestSpec, CommentRule, ObjectRef, RequestedAction } from './kinds.ts'
import type { Masked } from './mask.ts'
import { moment, timeLeft } from './moment.ts'
import { isUndelivered } from './notified.ts'
import { present } from './present.ts'
import { ofRecords } from './record.ts'
import { isSaid, safe, safeLines } from './safe-text.ts'
import { standOf } from './stand.ts'
import type { Stand } from './stand.ts'
import { aftermathWords, approvalsLine, decisionWords } from './standing-words.ts'

/** A sentence about the outcome. `by`: whose words these are. */
type OutcomeLine = { readonly text: string; readonly by: 'Cluster' | 'Person' }

/** The change as it is known here: lines that begin with their signs, and why there is no more, if there is more. */
type BriefedChange = {
  readonly lines: readonly string[]
  readonly totalLines: number
  readonly missing?: string
}

/**
 * Everything that an approver must see, for card, Slack, tab and terminal alike, each text inert and on one line. Drawn
 * in this order: place and risk with what is asked or how it ended, deed, target, its details, the facts as they stand
 * here, the change, the footer. Nothing that an agent says of itself stands above the effect.
 */
export type Briefing = {
  readonly request: ObjectRef
  /** Of the action, `sha256:` and 64 digits. */
  readonly digest: string
  readonly stand: Stand
  /** No channel has taken the request yet. */
  readonly undelivered: boolean
  readonly risk: ApprovalRequestSpec['risk']['level']
  /** `HIGH · prod-eu1 · production`. */
  readonly place: string
  /** `prod-eu1`; empty where none is configured. */
  readonly cluster: string
  /** `1 approval of platform-oncall`, or `platform 1/1 · security 0/1`. */
  readonly needed: string
  /** `until 11:05Z (15 min)`. */
  readonly deadline: string
  /** How it was decided, in whose words, and what became of it. Empty while nothing is decided. */
  readonly outcome: readonly OutcomeLine[]
  readonly agent: string
  /** `DELETE`, `CHANGE 2 fields of`; follows "wants to". */
  readonly deed: string
  /** `Deployment   prod / web`. */
  readonly target: string
  readonly details: readonly Detail[]
  /** The details leave nothing of the change out. */
  readonly detailed: boolean
  readonly summary: string
  readonly facts: readonly Fact[]
  readonly change: BriefedChange
  /** `nothing masked`. */
  readonly masked: string
  readonly operation: RequestedAction['operation'] | undefined
  readonly subresource: string
  readonly assurance: ApprovalRequestSpec['requirements']['assurance']
  readonly comment: CommentRule
}

/** What a briefing is made of: the stored request, and as much of its change as could be read. */
export type Brief = { readonly request: ApprovalRequest; readonly diff: ShownDiff }

/** Puts together what an approver must see of a request at a moment; ages and the time left are those of `now`. */
export function briefingOf({ request, diff }: Brief, now: Instant): Masked<Briefing> {
  const { metadata, spec } = request
  const told = effectsOf(spec, diff)
  return ofRecords({
    request: { name: metadata.name, uid: metadata.uid ?? '' },
    stand: standOf(request, now),
    undelivered: isUndelivered(request),
    risk: spec.risk.level,
    place: placeOf(spec),
    cluster: safe(spec.cluster.name ?? ''),
    needed: approvalsLine(request),
    deadline: deadlineOf(spec, now),
    outcome: outcomeOf(request, now),
    agent: safe(spec.requester.agent),
    details: told.details.map(({ label, text }) => ({ label: safe(label), text: safe(text) })),
    detailed: told.detailed === true,
    summary: safe(spec.summary),
    facts: factsOf(request, told.effects.map(safe), now),
    ...(spec.actions[0] === undefined ? nothing : aboutAction(spec.actions[0])),
    change: changeOf(spec.actions[0], diff),
    assurance: spec.requirements.assurance,
    comment: spec.requirements.comment,
  })
}

type AboutAction = Pick<Briefing, 'digest' | 'deed' | 'target' | 'masked' | 'operation' | 'subresource'>

function aboutAction(action: RequestedAction): AboutAction {
  const { digest, operation, resource } = action
  const { subresource } = resource
  const [deed, target, masked] = [deedOf(action), targetOf(action), maskedOf(action)]
  return { digest, deed, target, masked, operation, subresource }
}

const nothing: AboutAction = {
  digest: '',
  deed: 'DO NOTHING: this request has no action, do not approve it',
  target: '',
  masked: 'nothing masked',
  operation: undefined,
  subresource: '',
}

/**
 * The diff that the request itself holds. More of it stands in a ConfigMap, which not everyone who draws a briefing reads.
 */
export function ownDiff({ spec }: ApprovalRequest): ShownDiff {
  const diff = spec.actions[0]?.diff
  if (diff === undefined) return { text: '', missing: 'the request has no action' }
  return diff.truncated ? { text: diff.text, missing: 'it is too long for here' } : { text: diff.text }
}

function placeOf({ risk, cluster }: ApprovalRequestSpec): string {
  return [risk.level.toUpperCase(), cluster.name, cluster.environment].filter(isSaid).map(safe).join(' · ')
}

function deadlineOf({ expirationTime }: ApprovalRequestSpec, now: Instant): string {
  const left = timeLeft(expirationTime, now)
  const end = moment(expirationTime, now)
  return left === undefined ? `the deadline ${end} is over` : `until ${end} (${left})`
}

function outcomeOf(request: ApprovalRequest, now: Instant): readonly OutcomeLine[] {
  const decided = decisionWords(request, now)
  if (decided === undefined) return []
  const after = aftermathWords(request, now).map((text): OutcomeLine => ({ text, by: 'Cluster' }))
  return [
    { text: decided, by: 'Cluster' },
    ...said(decidingWords(request.status ?? {})),
    ...after,
    ...said(revocationWords(request)),
  ]
}

function said(words: string | undefined): readonly OutcomeLine[] {
  return isSaid(words) ? [{ text: `"${safe(words).replaceAll('"', "'")}"`, by: 'Person' }] : []
}

function revocationWords({ status }: ApprovalRequest): string | undefined {
  return (status?.grant?.revoked ?? status?.cooldownRevoked)?.comment
}

function changeOf(action: RequestedAction | undefined, { text, missing }: ShownDiff): BriefedChange {
  const lines = text === '' ? [] : safeLines(text)
  const totalLines = Math.max(action?.diff.totalLines ?? 0, lines.length)
  return present({ lines, totalLines, missing: missing === undefined ? undefined : safe(missing) })
}

function maskedOf({ diff }: RequestedAction): string {
  const { maskedPaths = [], maskedCount = maskedPaths.length } = diff
  return maskedCount === 0 ? 'nothing masked' : `${maskedCount} masked: ${maskedPaths.map(safe).join(', ')}`
}
