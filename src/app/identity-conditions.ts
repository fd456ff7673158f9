import { agentLabel } from '../domain/agent-name.ts'
import { inert, shortened } from '../domain/inert.ts'
import type { Instant } from '../domain/instant.ts'
import type { AgentIdentity, AgentSubject, Condition } from '../domain/kinds.ts'
import { timestamp } from '../domain/request.ts'
import type { Labels } from '../domain/selector.ts'

/** What the conditions of an identity rest on. */
export type ConditionSight = {
  /** Does an ApproverGroup bear this name, or list a person of this name? */
  readonly isOwner: (name: string) => boolean
  /** Is the subject in the webhook configuration that the API server has, and since when? */
  readonly gatedSince: (identity: string) => Instant | undefined
  /** How long after the configuration was read back every API server goes by it. */
  readonly propagationMs: number
  readonly now: Instant
}

type Tag = { readonly labels: Labels }

/** Tagged, Gated, Owned and Safe. One whose status is what it was keeps the time since when. */
export function identityConditions(
  identity: AgentIdentity,
  { tagged, owner }: { readonly tagged: Tag | undefined; readonly owner: string | undefined },
  sight: ConditionSight,
): readonly Condition[] {
  return [
    taggedCondition(identity, tagged),
    gatedCondition(identity, sight),
    ownedCondition(owner, sight),
    safeCondition,
  ].map((condition) => stamped(condition, identity, sight.now))
}

/** A user or a group has no label; the configuration names it. */
export function isConfigured({ user, group }: AgentSubject): boolean {
  return user !== undefined || group !== undefined
}

type Unstamped = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

function taggedCondition({ spec }: AgentIdentity, tagged: Tag | undefined): Unstamped {
  if (tagged === undefined) {
    return {
      type: 'Tagged',
      status: 'False',
      reason: 'TagGone',
      message: 'the tag is gone; the agent stays gated until a person deletes this object',
    }
  }
  return { type: 'Tagged', status: 'True', ...taggedBy(spec.subject, tagged) }
}

function taggedBy(subject: AgentSubject, { labels }: Tag): Pick<Unstamped, 'reason' | 'message'> {
  if (isConfigured(subject)) return { reason: 'Configured', message: 'the agent is named in the configuration' }
  return labels[agentLabel] === 'true'
    ? { reason: 'Labelled', message: 'the agent is labelled' }
    : { reason: 'NamespaceLabelled', message: 'the namespace of the agent is labelled, and so are all accounts in it' }
}

function gatedCondition(identity: AgentIdentity, { gatedSince, propagationMs, now }: ConditionSight): Unstamped {
  const since = gatedSince(identity.metadata.name)
  if (since === undefined) {
    return {
      type: 'Gated',
      status: 'False',
      reason: 'NotInConfiguration',
      message: 'do not bind roles yet: the API server does not ask us about this agent',
    }
  }
  return now - since < propagationMs
    ? { type: 'Gated', status: 'False', reason: 'Propagating', message: 'the API servers are being told' }
    : { type: 'Gated', status: 'True', reason: 'Propagated', message: 'the API server asks about what this agent does' }
}

function ownedCondition(owner: string | undefined, { isOwner }: ConditionSight): Unstamped {
  if (owner === undefined || owner === '') {
    return {
      type: 'Owned',
      status: 'False',
      reason: 'NoOwner',
      message: 'nobody is named by the annotation countersign.dev/owner',
    }
  }
  return isOwner(owner)
    ? { type: 'Owned', status: 'True', reason: 'Annotated', message: `owned by ${shown(owner)}` }
    : {
        type: 'Owned',
        status: 'False',
        reason: 'UnknownOwner',
        message: `${shown(owner)} is neither an ApproverGroup nor a person whom one lists`,
      }
}

/** Whoever writes the annotation writes what he likes. */
function shown(owner: string): string {
  return shortened(inert(owner).text, 300)
}

/** Not looked at yet is not safe. */
const safeCondition: Unstamped = {
  type: 'Safe',
  status: 'Unknown',
  reason: 'NotChecked',
  message: 'whether the agent holds a right that goes round the gate is not checked yet',
}

function stamped(condition: Unstamped, { status }: AgentIdentity, now: Instant): Condition {
  const before = status?.conditions?.find(({ type }) => type === condition.type)
  const unchanged = before?.status === condition.status
  return { ...condition, lastTransitionTime: unchanged ? before.lastTransitionTime : timestamp(now) }
}
