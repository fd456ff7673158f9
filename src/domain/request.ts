import type { Action } from './action.ts'
import type { Content } from './content.ts'
import { digestVersion, resultHash, targetUID } from './digest.ts'
import type { Digest, DigestContext } from './digest.ts'
import { openNameBase } from './generated-name.ts'
import { inert } from './inert.ts'
import type { Instant } from './instant.ts'
import { at, textAt } from './json.ts'
import type {
  ApprovalRequest,
  ApprovalRequestSpec,
  Attempt,
  ClusterIdentity,
  ConnectOptions,
  Justification,
  MaskedDiff,
  PolicySnapshot,
  RequestedAction,
  Requester,
} from './kinds.ts'
import type { Masked, View } from './mask.ts'
import { formatPath } from './path.ts'
import type { Path } from './path.ts'
import { present } from './present.ts'
import type { Demand } from './requirements.ts'
import { isNamespaced } from './resource-rule.ts'

/** The most changed paths that a request lists, and by which its outcome is checked. */
const mostPaths = 64

/** Everything that a request is opened with. Raw values enter only as digest, tag and summary; the rest is masked before. */
export type Opening = {
  readonly action: Action
  readonly content: Content
  readonly digest: Digest
  readonly context: DigestContext
  readonly summary: string
  readonly view: Masked<View>
  readonly diff: Masked<MaskedDiff>
  readonly cluster: ClusterIdentity
  readonly requester: Requester
  readonly attempt: Attempt
  readonly demand: Demand
  readonly policies: readonly PolicySnapshot[]
  readonly justification: Justification | undefined
  /** False: the webhook may not read the target, or could not. */
  readonly targetChecked: boolean | undefined
  readonly now: Instant
}

/** The immutable part of a request. */
export function requestSpec(opening: Opening): ApprovalRequestSpec {
  const { demand, now } = opening
  return present({
    summary: opening.summary,
    cluster: opening.cluster,
    requester: opening.requester,
    attempt: opening.attempt,
    actions: [requestedAction(opening)],
    risk: riskOf(opening),
    justification: opening.justification,
    policies: opening.policies,
    requirements: demand.requirements,
    expirationTime: timestamp(now + demand.expirationSeconds * 1000),
    grantSeconds: demand.grantSeconds,
  })
}

/** The attempt that follows `previous`: its number, and when the latest ones expired unanswered, newest first. */
export function attemptAfter(previous: ApprovalRequest | undefined): Attempt {
  if (previous === undefined) return { number: 1 }
  const { metadata, spec, status } = previous
  const expired = status?.decision === 'Expired' ? [spec.expirationTime] : []
  const expiredTimes = [...expired, ...(spec.attempt.expiredTimes ?? [])].slice(0, 3)
  return {
    number: spec.attempt.number + 1,
    previous: { name: metadata.name, uid: metadata.uid ?? '' },
    ...(expiredTimes.length > 0 ? { expiredTimes } : {}),
  }
}

/** A time as Kubernetes writes it: RFC 3339, whole seconds. */
export function timestamp(instant: Instant): string {
  // oxlint-disable-next-line no-restricted-globals -- writing a given time reads no clock
  return new Date(Math.floor(instant / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}

function requestedAction(opening: Opening): RequestedAction {
  const { action, digest, context, diff, targetChecked } = opening
  const base = openNameBase(action)
  return present({
    operation: action.operation,
    resource: action.resource,
    kind: action.kind,
    namespace: isNamespaced(action) ? action.namespace : undefined,
    name: base === undefined ? action.name : undefined,
    generateName: base,
    targetUID: targetUID(action),
    targetChecked,
    digest,
    digestVersion,
    digestKeyID: context.key.id,
    ...outcomeFields(opening),
    connect: connectOptions(action),
    diff,
  })
}

/** By what the outcome of an Update will be recognised. */
function outcomeFields({ action, content, context }: Opening): Partial<RequestedAction> {
  if (content.operation !== 'Update' || action.object === undefined) return {}
  const paths: readonly Path[] = content.changes.map(({ path }) => path)
  if (paths.length > mostPaths) return { pathCount: paths.length }
  return {
    paths: paths.map((path) => inert(formatPath(path)).text),
    pathCount: paths.length,
    resultHash: resultHash(action.object, paths, context.key),
  }
}

function connectOptions({ operation, object }: Action): ConnectOptions | undefined {
  if (operation !== 'Connect') return undefined
  return present({
    container: textAt(object, 'container'),
    stdin: at(object, 'stdin') === true,
    tty: at(object, 'tty') === true,
  })
}

function riskOf({ demand, view }: Opening): ApprovalRequestSpec['risk'] {
  const hidden = view.hiddenExecutablePaths.map((path) => `hidden, executable: ${path}`)
  const written = view.escapedPaths.map((path) => `invisible or misleading characters: ${path}`)
  const reasons = [...hidden, ...written].slice(0, 16)
  if (hidden.length > 0) return { level: 'Critical', reasons }
  return reasons.length > 0 ? { level: raised(demand.risk), reasons } : { level: demand.risk }
}

function raised(level: Demand['risk']): Demand['risk'] {
  const next = { Low: 'Medium', Medium: 'High', High: 'Critical', Critical: 'Critical' } as const
  return next[level]
}
