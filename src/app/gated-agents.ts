import { gatingFault } from '../domain/gatable.ts'
import type { GatedSubjects } from '../domain/gate.ts'
import type { AgentIdentity, AgentSubject } from '../domain/kinds.ts'

/** Who is gated, and who is not although there is an identity. */
export type GatedAgents = {
  /** Names of the identities that are gated, in order. */
  readonly identities: readonly string[]
  /** Their subjects, without the accounts of a namespace that is gated whole. */
  readonly agents: readonly AgentSubject[]
  readonly subjects: GatedSubjects
  /** Names of the identities that cannot be. */
  readonly refused: readonly string[]
}

/**
 * An identity gates for as long as it exists, whether or not its tag or its account still does: only a person who deletes
 * it ends that.
 */
export function gatedAgents(identities: Iterable<AgentIdentity>, records: string): GatedAgents {
  const all = [...identities].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const isGated = ({ spec }: AgentIdentity): boolean => gatingFault(spec.subject, records) === undefined
  const gated = all.filter(isGated)
  const whole = new Set(gated.map(({ spec }) => spec.subject.namespace))
  const agents = gated
    .map(({ spec }) => spec.subject)
    .filter(({ serviceAccount }) => !whole.has(serviceAccount?.namespace ?? ''))
  return {
    identities: gated.map(({ metadata }) => metadata.name),
    agents,
    subjects: subjectsOf(agents),
    refused: all.filter((identity) => !isGated(identity)).map(({ metadata }) => metadata.name),
  }
}

function subjectsOf(agents: readonly AgentSubject[]): GatedSubjects {
  return {
    usernames: distinct(agents.map(({ serviceAccount, user }) => (serviceAccount ? usernameOf(serviceAccount) : user))),
    namespaces: distinct(agents.map(({ namespace }) => namespace)),
    groups: distinct(agents.map(({ group }) => group)),
  }
}

function usernameOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `system:serviceaccount:${namespace}:${name}`
}

function distinct(texts: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== undefined))].toSorted()
}
