import { isDeepStrictEqual } from 'node:util'
import { readAnnotations } from '../domain/agent-annotations.ts'
import type { AgentAnnotations } from '../domain/agent-annotations.ts'
import { agentLabel, identityName } from '../domain/agent-name.ts'
import { gatingFault } from '../domain/gatable.ts'
import type { AgentIdentity, AgentIdentityStatus, AgentSubject, Condition } from '../domain/kinds.ts'
import { present } from '../domain/present.ts'
import { inert, shortened } from '../domain/inert.ts'
import type { Instant } from '../domain/instant.ts'
import { timestamp } from '../domain/request.ts'
import type { Labels } from '../domain/selector.ts'

/** A service account or a namespace, as far as a tag goes; or a user or group that the configuration names. */
export type Tagged = {
  readonly subject: AgentSubject
  readonly uid: string | undefined
  readonly labels: Labels
  readonly annotations: Labels
}

/** What the keeper of identities sees at once. */
export type IdentitySight = {
  /** Every labelled service account and namespace there is, and every user and group of the configuration. */
  readonly tagged: readonly Tagged[]
  readonly identities: readonly AgentIdentity[]
  /** Annotations of a namespace: they hold for service accounts that have none of their own. */
  readonly namespaceAnnotations: (namespace: string) => Labels
  /** Does an ApproverGroup bear this name, or list a person of this name? */
  readonly isOwner: (name: string) => boolean
  /** Is the subject in the webhook configuration that the API server has, and since when? */
  readonly gatedSince: (identity: string) => Instant | undefined
  readonly recordsNamespace: string
  /** How long after the configuration was read back every API server goes by it. */
  readonly propagationMs: number
  readonly now: Instant
}

export type IdentityEffect =
  | { readonly do: 'create'; readonly name: string; readonly subject: AgentSubject }
  | { readonly do: 'status'; readonly identity: AgentIdentity; readonly status: AgentIdentityStatus }

/**
 * Every tag has an identity, and an identity stays: a label that disappears, or an account that is gone, makes it
 * `Tagged=False` and nothing else. Only a person who deletes it ends the gating.
 */
export function keepIdentities(sight: IdentitySight): readonly IdentityEffect[] {
  const tagged = new Map(
    sight.tagged.filter((one) => mayBeGated(one, sight)).map((one) => [identityName(one.subject), one] as const),
  )
  const known = new Map(sight.identities.map((identity) => [identity.metadata.name, identity]))
  const missing = [...tagged].filter(([name]) => !known.has(name))
  const created = missing.map(([name, { subject }]): IdentityEffect => ({ do: 'create', name, subject }))
  const changed = sight.identities.flatMap((identity): readonly IdentityEffect[] => {
    const status = statusOf(identity, tagOf(identity, tagged), sight)
    return sameStatus(identity.status, status) ? [] : [{ do: 'status', identity, status }]
  })
  return [...created, ...changed]
}

function mayBeGated({ subject, labels }: Tagged, { recordsNamespace }: IdentitySight): boolean {
  const isTagged = isConfigured(subject) || labels[agentLabel] === 'true'
  return isTagged && gatingFault(subject, recordsNamespace) === undefined
}

function isConfigured({ user, group }: AgentSubject): boolean {
  return user !== undefined || group !== undefined
}

/** Somebody may have made an identity under the name of another subject. */
function tagOf({ metadata, spec }: AgentIdentity, tagged: ReadonlyMap<string, Tagged>): Tagged | undefined {
  const found = tagged.get(metadata.name)
  return isDeepStrictEqual(found?.subject, spec.subject) ? found : undefined
}

function statusOf(identity: AgentIdentity, tagged: Tagged | undefined, sight: IdentitySight): AgentIdentityStatus {
  const facts = tagged === undefined ? rememberedFacts(identity) : taggedFacts(tagged, inherited(identity, sight))
  const conditions = [
    taggedCondition(identity, tagged),
    gatedCondition(identity, sight),
    ownedCondition(facts.owner, sight),
    safeCondition,
  ]
  return present({
    observedGeneration: identity.metadata.generation,
    conditions: conditions.map((condition) => stamped(condition, identity, sight.now)),
    ...facts,
  })
}

type Facts = AgentAnnotations & { readonly subjectUID: string | undefined; readonly subjectLabels: Labels | undefined }

function taggedFacts({ uid, labels, annotations }: Tagged, fromNamespace: Labels): Facts {
  const { owner, onBehalfOf, wait } = readAnnotations({ ...fromNamespace, ...annotations })
  return { owner: clipped(owner), onBehalfOf: clipped(onBehalfOf), wait, subjectUID: uid, subjectLabels: labels }
}

/** As the schema has it. */
const longestPerson = 253

/** What is too long names nobody either way; left out, it would look as if nobody was to be named. */
function clipped(person: string | undefined): string | undefined {
  return person === undefined ? undefined : Array.from(person).slice(0, longestPerson).join('')
}

/** Of an agent whose tag is gone, what was known last still holds. */
function rememberedFacts({ status = {} }: AgentIdentity): Facts {
  const { owner, onBehalfOf, wait, subjectUID, subjectLabels } = status
  return { owner, onBehalfOf, wait, subjectUID, subjectLabels }
}

function inherited({ spec }: AgentIdentity, { namespaceAnnotations }: IdentitySight): Labels {
  const namespace = spec.subject.serviceAccount?.namespace
  return namespace === undefined ? {} : namespaceAnnotations(namespace)
}

type Unstamped = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

function taggedCondition({ spec }: AgentIdentity, tagged: Tagged | undefined): Unstamped {
  if (tagged === undefined) {
    return {
      type: 'Tagged',
      status: 'False',
      reason: 'TagGone',
      message: 'the tag is gone; the agent stays gated until a person deletes this object',
    }
  }
  return isConfigured(spec.subject)
    ? { type: 'Tagged', status: 'True', reason: 'Configured', message: 'the agent is named in the configuration' }
    : { type: 'Tagged', status: 'True', reason: 'Labelled', message: 'the agent is labelled' }
}

function gatedCondition(identity: AgentIdentity, { gatedSince, propagationMs, now }: IdentitySight): Unstamped {
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

function ownedCondition(owner: string | undefined, { isOwner }: IdentitySight): Unstamped {
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

function sameStatus(before: AgentIdentityStatus | undefined, after: AgentIdentityStatus): boolean {
  return JSON.stringify(before, keysSorted) === JSON.stringify(after, keysSorted)
}

function keysSorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
