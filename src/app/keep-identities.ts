import { isDeepStrictEqual } from 'node:util'
import { readAnnotations } from '../domain/agent-annotations.ts'
import type { AgentAnnotations } from '../domain/agent-annotations.ts'
import { agentLabel, identityName } from '../domain/agent-name.ts'
import { gatingFault } from '../domain/gatable.ts'
import type { AgentIdentity, AgentIdentityStatus, AgentSubject } from '../domain/kinds.ts'
import { present } from '../domain/present.ts'
import type { Labels } from '../domain/selector.ts'
import { identityConditions, isConfigured } from './identity-conditions.ts'
import type { ConditionSight } from './identity-conditions.ts'

/** A service account or a namespace, as far as a tag goes; or a user or group that the configuration names. */
export type Tagged = {
  readonly subject: AgentSubject
  readonly uid: string | undefined
  readonly labels: Labels
  readonly annotations: Labels
  /** A service account that is an agent since its namespace is one; it may be labelled itself, too. */
  readonly byNamespace?: boolean
}

/** What the keeper of identities sees at once. */
export type IdentitySight = ConditionSight & {
  /**
   * Every labelled service account and namespace there is, every service account of a namespace that is an agent (so that
   * its own owner, wishes and reasons are known), and every user and group of the configuration.
   */
  readonly tagged: readonly Tagged[]
  readonly identities: readonly AgentIdentity[]
  /** Annotations of a namespace: they hold for service accounts that have none of their own. */
  readonly namespaceAnnotations: (namespace: string) => Labels
  readonly recordsNamespace: string
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

function mayBeGated({ subject, labels, byNamespace = false }: Tagged, { recordsNamespace }: IdentitySight): boolean {
  const isTagged = isConfigured(subject) || byNamespace || labels[agentLabel] === 'true'
  return isTagged && gatingFault(subject, recordsNamespace) === undefined
}

/** Somebody may have made an identity under the name of another subject. */
function tagOf({ metadata, spec }: AgentIdentity, tagged: ReadonlyMap<string, Tagged>): Tagged | undefined {
  const found = tagged.get(metadata.name)
  return isDeepStrictEqual(found?.subject, spec.subject) ? found : undefined
}

function statusOf(identity: AgentIdentity, tagged: Tagged | undefined, sight: IdentitySight): AgentIdentityStatus {
  const facts = tagged === undefined ? rememberedFacts(identity) : taggedFacts(tagged, inherited(identity, sight))
  return present({
    observedGeneration: identity.metadata.generation,
    conditions: identityConditions(identity, { tagged, owner: facts.owner }, sight),
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

function sameStatus(before: AgentIdentityStatus | undefined, after: AgentIdentityStatus): boolean {
  return JSON.stringify(before, keysSorted) === JSON.stringify(after, keysSorted)
}

function keysSorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
